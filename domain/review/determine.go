package review

import (
	"fmt"
	"slices"
	"strings"

	"leeway/domain"
)

// Collective is who decided together, and where it is written down.
type Collective struct {
	Members []Member `json:"members"`
	For     int      `json:"for"`
	Against int      `json:"against,omitempty"`
	Minutes string   `json:"minutes"` // number of the minutes
}

// Departure is a departure from advice: which guard, and the collective's
// reasons.
type Departure struct {
	Guard  string         `json:"guard"`
	Reason domain.Private `json:"reason"`
}

// Result is what was determined of one person's part in one matter.
type Result struct {
	Person  string      `json:"person"`
	Matter  string      `json:"matter"`
	Outcome Outcome     `json:"outcome"`
	Grounds []string    `json:"grounds,omitempty"` // relied on, by id
	Replay  ReplayRef   `json:"replay"`
	Departs []Departure `json:"departs,omitempty"`
	Remedy  Path        `json:"remedy"` // open to the person
}

// Pair is the part that the result is about.
func (f Result) Pair() Pair { return Pair{f.Person, f.Matter} }

// Decision is a determination with its place.
type Decision struct {
	At          At
	Findings    []Result
	Suggestions []Suggestion
	Collective  Collective
	Varied      string // event of the appeal that varied it
}

// Result is what was determined of a part.
func (d *Decision) Result(p Pair) (Result, bool) {
	i := slices.IndexFunc(d.Findings, func(f Result) bool { return f.Pair() == p })
	if i < 0 {
		return Result{}, false
	}
	return d.Findings[i], true
}

// Determined is the collective determination 认定, for each person and decision,
// with the engine's suggestion beside it.
type Determined struct {
	By
	Collective  Collective     `json:"collective"`
	Findings    []Result       `json:"findings"`
	Suggestions []Suggestion   `json:"suggestions"`
	Words       domain.Private `json:"words,omitzero"`
}

// EventType is the stored name.
func (Determined) EventType() string { return "review-determined.v1" }

func (*Determined) may() []Role { return []Role{Reviewer, Head} }

func (e *Determined) judges() []string {
	var names []string
	for _, m := range e.Collective.Members {
		names = append(names, m.Person)
	}
	return names
}

func (e *Determined) check(d *desk) error {
	if err := d.accepted(); err != nil {
		return err
	}
	if err := d.consulted(); err != nil {
		return err
	}
	if err := d.collective(e.Collective); err != nil {
		return err
	}
	last := d.Consultations[len(d.Consultations)-1]
	if err := d.before(last.At, "the consultation"); err != nil {
		return err
	}
	// Every part is determined at once: who is left out would neither be
	// charged nor cleared.
	pairs := d.Pairs()
	if len(e.Findings) != len(pairs) {
		return fault("findings", "%d findings for %d parts", "determine each person's part in each matter, once", len(e.Findings), len(pairs))
	}
	for _, p := range pairs {
		if err := d.determined(e, p); err != nil {
			return err
		}
	}
	return nil
}

// collective refuses a decision that one person took, or without a majority.
func (d *desk) collective(c Collective) error {
	switch n := distinct(members(c.Members)); {
	case n < d.cmd.Limits.Quorum || n < 2:
		return refuse(GuardCollective, "decide it in a meeting", "%d took part, the quorum is %d (configuration, to_verify)", n, d.cmd.Limits.Quorum)
	case n != len(c.Members):
		return fault("collective.members", "somebody is named twice or has no name", "name each once")
	case c.For+c.Against > n || c.For <= n/2:
		return refuse(GuardCollective, "decide by majority", "%d of %d members voted for it", c.For, n)
	case c.Minutes == "":
		return fault("collective.minutes", "they are missing", "give the number of the minutes")
	case slices.ContainsFunc(c.Members, func(m Member) bool { return m.Office != d.Organ && d.as != Superior }):
		return refuse(GuardOrgan, "let members of the organ decide", "not every member belongs to the determining organ")
	}
	return nil
}

func members(list []Member) []string {
	var names []string
	for _, m := range list {
		names = append(names, m.Person)
	}
	return names
}

// determined checks the result on one part: the statute's guards, the replay,
// then what it departs from.
func (d *desk) determined(e *Determined, p Pair) error {
	i := slices.IndexFunc(e.Findings, func(f Result) bool { return f.Pair() == p })
	j := slices.IndexFunc(e.Suggestions, func(s Suggestion) bool { return s.Person == p.Person && s.Matter == p.Matter })
	switch {
	case i < 0:
		return fault("findings", "nothing on %s in %s", "determine each person's part in each matter", p.Person, p.Matter)
	case j < 0:
		return refuse(GuardAdvice, "let the engine be asked", "the suggestion on %s in %s is missing", p.Person, p.Matter)
	case !e.Findings[i].Outcome.known():
		return fault(fmt.Sprintf("findings[%d].outcome", i), "there is no outcome %q", "write one of %[2]s", e.Findings[i].Outcome, domain.Names(Outcomes))
	}
	f, s := e.Findings[i], e.Suggestions[j]
	if _, ok := remedy(f.Remedy); !ok {
		return fault(fmt.Sprintf("findings[%d].remedy", i), "there is no remedy %q", "name the remedy that is open, such as objection", f.Remedy)
	}
	for _, c := range partChecks {
		if err := c.holds(d, f, s); err != nil {
			return err
		}
	}
	return d.departs(f, s)
}

// rests holds that the result rests on the newest replay of the very decision.
func (d *desk) rests(f Result, s Suggestion) error {
	x, ok := d.Replay(f.Matter)
	switch {
	case !ok:
		return refuse(GuardReplay, "replay it first", "matter %q has no replay", f.Matter)
	case f.Replay.Event != x.Ref.Event || f.Replay.Inputs != x.Ref.Inputs || f.Replay.Trace != x.Ref.Trace:
		return refuse(GuardReplay, "name the newest replay by its event and digests", "the result on %s does not name its newest replay", f.Matter)
	case s.Replay != x.Ref.Trace:
		return refuse(GuardReplay, "let the engine be asked again", "the suggestion on %s rests on another replay", f.Matter)
	}
	return nil
}

// found holds that reviewers found on every fact that a replay proposed, and
// that the newest replay stands on what they found.
func (d *desk) found(f Result, _ Suggestion) error {
	x, ok := d.Replay(f.Matter)
	if !ok {
		return refuse(GuardReplay, "replay it first", "matter %q has no replay", f.Matter)
	}
	if open := d.Unfound(f.Matter); len(open) > 0 {
		return refuse(GuardFindings, "confirm or reject it with reasons (review verify --duty)", "%s of %s waits for a finding", open[0], f.Matter)
	}
	// A finding that came after the newest replay has changed the set on which
	// it should stand.
	if x.Rejected != len(d.Rejected(f.Matter)) {
		return refuse(GuardFindings, "replay again with the confirmed set", "the newest replay of %s does not stand on the confirmed facts", f.Matter)
	}
	return nil
}

// told holds that the person was told what is to be found, and on what.
func (d *desk) told(f Result, _ Suggestion) error {
	if _, ok := d.Notice(f.Person); !ok {
		return refuse(GuardNotice, "notify him (review notify)", "%s was not told the facts and the basis", f.Person)
	}
	return nil
}

// answered holds that the person was heard on that notice.
func (d *desk) answered(f Result, _ Suggestion) error {
	n, ok := d.Notice(f.Person)
	switch {
	case !ok:
		return refuse(GuardNotice, "notify him (review notify)", "%s was not told the facts and the basis", f.Person)
	case !d.heard(f.Person):
		return refuse(GuardHearing, "hear him first", "%s was not heard on the notice of %s", f.Person, n.At.Day)
	}
	return nil
}

// lighter holds that the defence brings nothing heavier. What was notified is
// the measure: a heavier result on new facts takes a new notice and a new
// hearing.
func (d *desk) lighter(f Result, _ Suggestion) error {
	if n, ok := d.Notice(f.Person); ok && f.Outcome.Heavier(n.Proposed[f.Matter]) {
		return refuse(GuardNoHeavier, "keep to what was notified, or notify anew on new facts", "%s is heavier than the notified %s", f.Outcome, n.Proposed[f.Matter])
	}
	return nil
}

// weighed holds that everything the person said was before the consultation:
// what was said after it was not weighed in it.
func (d *desk) weighed(f Result, _ Suggestion) error {
	n := len(d.Consultations)
	if n == 0 {
		return nil // held on its own
	}
	for _, h := range d.Hearings {
		if h.Person == f.Person && h.At.Revision > d.Consultations[n-1].At.Revision {
			return refuse(GuardHearing, "consult again on what was said", "%s was heard after the consultation", f.Person)
		}
	}
	return nil
}

// Departed lists the guards that a result departs from. It is computed from the
// suggestion stored beside the result, so that anybody can count departures
// later without trusting who recorded them.
func (r *Review) Departed(f Result, s Suggestion, h History) []Guard {
	var list []Guard
	hit := func(on bool, g Guard) {
		if on {
			list = append(list, g)
		}
	}
	exempt := f.Outcome == Exempt
	// Who was diligent and proved a ground may as well be exempted on it.
	onGround := exempt && s.Outcome == Diligent && slices.ContainsFunc(f.Grounds, func(id string) bool { return slices.Contains(s.Proved, id) })
	hit(s.Outcome != Open && f.Outcome != s.Outcome && !onGround, GuardAdvice)
	hit(s.Outcome == Open && f.Outcome == NotExempt, GuardUnknown)
	hit(exempt && len(s.Confirmed) > 0, GuardConfirmed)
	hit(len(s.Suspected) > 0 && f.Outcome != NoError && f.Outcome != Diligent, GuardSuspected)
	hit(exempt && !slices.ContainsFunc(f.Grounds, func(id string) bool { return slices.Contains(s.Proved, id) }), GuardUnproved)
	hit(exempt && s.Money && !r.correcting(f.Matter), GuardCorrection)
	hit(r.stale(f.Matter, h), GuardCurrent)
	return list
}

// stale reports whether a case has moved on since its replay.
func (r *Review) stale(matter string, h History) bool {
	x, ok := r.Replay(matter)
	m, _ := r.Matter(matter)
	if !ok {
		return false
	}
	return slices.ContainsFunc(h.Basis, func(b domain.Read) bool {
		id, isCase := strings.CutPrefix(b.Stream, "case-")
		return isCase && id == m.Case && !x.Ref.Basis.Covers(b.Stream, b.Revision)
	})
}

// departs holds that every departure has collective reasons, and that none is
// named where there is none: the count is to be true.
func (d *desk) departs(f Result, s Suggestion) error {
	hits := d.Departed(f, s, d.cmd.History)
	for _, g := range hits {
		i := slices.IndexFunc(f.Departs, func(x Departure) bool { return x.Guard == g.ID })
		if i < 0 || !f.Departs[i].Reason.Present {
			return refuse(g, "give the collective's reasons for departing from %[5]s", "%s for %s in %s departs from the advice (%s)", f.Outcome, f.Person, f.Matter, s.Outcome, g.ID)
		}
	}
	for _, x := range f.Departs {
		if !slices.ContainsFunc(hits, func(g Guard) bool { return g.ID == x.Guard }) {
			return fault("departs", "nothing departs from %q", "name only what is departed from", x.Guard)
		}
	}
	return nil
}

func (e *Determined) evolve(r *Review, at At) {
	if r.Determination != nil {
		r.Past = append(r.Past, r.Determination)
	}
	r.Determination = &Decision{At: at, Findings: e.Findings, Suggestions: e.Suggestions, Collective: e.Collective}
}

// Private are the words and the reasons of each departure.
func (e *Determined) Private() []domain.PrivateField {
	return append([]domain.PrivateField{{Path: "words", Data: &e.Words}}, reasons(e.Findings)...)
}

func reasons(findings []Result) []domain.PrivateField {
	var fields []domain.PrivateField
	for i := range findings {
		for j := range findings[i].Departs {
			fields = append(fields, domain.PrivateField{
				Path: fmt.Sprintf("findings[%d].departs[%d].reason", i, j), Data: &findings[i].Departs[j].Reason})
		}
	}
	return fields
}
