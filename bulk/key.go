package bulk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/projections"
)

// keys put what the replay of a case rests on into one text: equal keys, equal
// results. A version of the rules counts by what it means for the programme in
// the months of the case, so that a new standard of one programme leaves the
// cases of the others alone.
type keys struct {
	register *eligibility.Register
	rules    replay.Rules
	common   string // the same for every case of the run
	exact    bool   // versions count by their names: a rule was asked for

	mu     sync.Mutex
	ruled  map[rulesOf]string
	prints map[printed]string
	packs  map[domain.PackVersion]string
}

// rulesOf is what the rules of a case depend on.
type rulesOf struct {
	pack, programme, office string
	first, last             domain.Month
}

// printed is a plan as one programme reads it.
type printed struct {
	plan      replay.Plan
	programme string
}

// keyFormat goes up when results of the same key would come out otherwise.
const keyFormat = "bulk.v1"

// procedureYears is how long before its first month the handling of a case may
// have begun: its procedure is of that day.
const procedureYears = 10

func newKeys(r Run, reg *eligibility.Register, today domain.Day) *keys {
	asOf := ""
	if r.AsOf < today { // not all of the record may count
		asOf = r.AsOf.String()
	}
	w := r.Which
	common := []string{keyFormat, r.Desk.Rules.Engine(), asOf, w.Worker, w.From.String(), w.To.String(), w.Rule, w.Source}
	for _, c := range reg.Sources {
		common = append(common, fmt.Sprint(c.Source, c.On, int(c.From), c.At.Revision))
	}
	return &keys{register: reg, rules: r.Desk.Rules, common: strings.Join(common, "\n"), exact: w.Rule != "",
		ruled: map[rulesOf]string{}, prints: map[printed]string{}, packs: map[domain.PackVersion]string{}}
}

// of is the key of a dossier; empty where a version is not at hand: then the
// replay itself says so.
func (k *keys) of(d *projections.Dossier) string {
	rules := k.rulesKey(rulesOf{d.Pack, d.Programme, d.Office, d.FirstMonth, d.LastMonth})
	if rules == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(k.common + "\n" + rules + "\n" + d.Digest()))
	return hex.EncodeToString(sum[:16])
}

func (k *keys) rulesKey(of rulesOf) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if text, ok := k.ruled[of]; ok {
		return text
	}
	text, err := k.written(of)
	if err != nil {
		text = ""
	}
	k.ruled[of] = text
	return text
}

// version is one activation as a case meets it.
type version struct {
	meaning string
	plain   bool // no notice of it to the office, no correction to or from it
	text    string
}

// written writes the versions of a pack in the order of their publication. One
// that means the same as the one before it, and changes nothing in who held
// what, says nothing new and is left out.
func (k *keys) written(of rulesOf) (string, error) {
	var list []version
	for _, a := range k.register.Rules {
		if a.Rules.Pack != of.pack {
			continue
		}
		meaning, err := k.meaning(a.Rules, of)
		if err != nil {
			return "", err
		}
		v := version{meaning: meaning, plain: a.Corrects == ""}
		notices := ""
		for _, n := range k.register.Notices {
			if n.Rules == a.Rules && n.Office == of.office {
				notices += fmt.Sprint(" ", n.Received, n.At.Revision, int(n.At.Day), n.At.KnownOn())
				v.plain = false
			}
		}
		if slices.ContainsFunc(k.register.Rules, func(b eligibility.Activation) bool {
			return b.Rules.Pack == a.Rules.Pack && b.Corrects == a.Rules.Version
		}) {
			v.plain = false
		}
		name := ""
		if !v.plain || k.exact {
			name = a.Rules.Version
		}
		v.text = fmt.Sprint(meaning, " ", a.At.Revision, int(a.At.Day), a.At.KnownOn(), name, a.Corrects, notices)
		list = append(list, v)
	}
	var texts []string
	for i, v := range list {
		if i > 0 && !k.exact && v.plain && list[i-1].plain && v.meaning == list[i-1].meaning {
			continue
		}
		texts = append(texts, v.text)
	}
	return fmt.Sprint(of.programme, of.office) + "\n" + strings.Join(texts, "\n"), nil
}

// meaning is what a version says to a programme in the months of a case and in
// the years before, in which its handling began.
func (k *keys) meaning(v domain.PackVersion, of rulesOf) (string, error) {
	pack, err := k.packOf(v)
	if err != nil {
		return "", err
	}
	first, last := of.first, of.last
	if first == 0 { // no money yet: any month up to now may be owed
		first, last = domain.MonthOf(2010, 1), domain.MonthOf(2030, 12)
	}
	sum := sha256.New()
	sum.Write([]byte(pack))
	before := ""
	for m := first - 12*procedureYears; m <= last+12; m++ {
		for _, day := range []domain.Day{m.First(), m.Last()} {
			text, err := k.print(v, of.programme, day)
			if err != nil {
				return "", err
			}
			if text != before { // a change, and when
				fmt.Fprintln(sum, int(day), text)
				before = text
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// print is what a plan says to a programme: its rules by their fingerprint
// where the plan has one, and its procedure.
func (k *keys) print(v domain.PackVersion, programme string, day domain.Day) (string, error) {
	plan, err := k.rules.Plan(v, day)
	if err != nil {
		return "", err
	}
	at := printed{plan, programme}
	if text, ok := k.prints[at]; ok {
		return text, nil
	}
	text := v.Version + v.Digest
	if p, ok := plan.(interface{ Fingerprint(programme string) string }); ok {
		text = p.Fingerprint(programme)
	}
	steps, err := json.Marshal(plan.Procedure(programme))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append(steps, text...))
	k.prints[at] = string(sum[:])
	return k.prints[at], nil
}

// packOf is what a version says on every day: its facts, which source wins, its
// readings and its working days.
func (k *keys) packOf(v domain.PackVersion) (string, error) {
	if text, ok := k.packs[v]; ok {
		return text, nil
	}
	plan, err := k.rules.Plan(v, domain.Date(2020, 1, 1))
	if err != nil {
		return "", err
	}
	attributes := plan.Attributes()
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		a.Title = domain.Text{}
		fmt.Fprintf(&text, "%+v\n", a)
	}
	fmt.Fprintf(&text, "%v\n", plan.Precedence())
	for _, r := range plan.Readings() {
		fmt.Fprintln(&text, r.ID, r.Start, r.Change, r.Death)
	}
	for day := domain.Date(2010, 1, 1); day < domain.Date(2031, 1, 1); day++ {
		text.WriteByte("01"[one(plan.Workday(day))])
	}
	sum := sha256.Sum256([]byte(text.String()))
	k.packs[v] = string(sum[:])
	return k.packs[v], nil
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
