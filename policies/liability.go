package policies

import (
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"leeway/domain"
)

// Liability rules say on which grounds an error may be excused, what closes
// the way to that, and what makes it weigh less or more. They stand under
// liability/ in a pack and read findings, which are declared in
// liability/schema.yaml: what the replay tells of one person's part in one
// month, and what only people can find.

// finding is one fact type of liability/schema.yaml.
type finding struct {
	At    at
	Name  string   `key:"name,required"`
	Kind  string   `key:"kind,required"`
	Codes []string `key:"codes"`
	// People says that only people can find it. Such a finding counts with the
	// name of who found it and with evidence, and is unknown without.
	People bool `key:"people"`
	Title  text `key:"title,required"`
}

// ground is one liability rule, of any kind.
type ground struct {
	At    at
	ID    string `key:"ground,required"`
	Kind  string `key:"kind,required"`
	Title text   `key:"title,required"`
	// LocalArticle is the article of the office's own measure. It stays empty
	// until the office fills it in: nothing is invented here.
	LocalArticle string `key:"local_article"`
	// Confirmed names the finding by which a person confirms an exclusion.
	// Until then it is 疑似.
	Confirmed string `key:"confirmed"`
	// Exactly one of all and any lists the conditions; a counter-check that
	// holds defeats the ground. They are those of every version that brings
	// none of its own.
	All      []*leaf          `key:"all"`
	Any      []*leaf          `key:"any"`
	Counters []*leaf          `key:"counters"`
	Versions []*groundVersion `key:"versions,required"`
}

// groundVersion is a ground over the days on which it reads the same.
type groundVersion struct {
	At       at
	From     domain.Day `key:"from"`
	To       domain.Day `key:"to"`
	Cite     []cite     `key:"cite,required"`
	All      []*leaf    `key:"all"`
	Any      []*leaf    `key:"any"`
	Counters []*leaf    `key:"counters"`
}

// leaf is one named condition or counter-check. Without citations of its own
// it rests on those of its version.
type leaf struct {
	At   at
	ID   string `key:"id,required"`
	Text text   `key:"text,required"`
	Expr expr   `key:"expr,required"`
	Cite []cite `key:"cite"`
	// Lowers is of a counter-check that leaves mitigation standing.
	Lowers bool `key:"lowers"`
}

// conditions are those of the version, however they are joined.
func (v *groundVersion) conditions() []*leaf { return slices.Concat(v.All, v.Any) }

// leaves are the conditions and the counter-checks.
func (v *groundVersion) leaves() []*leaf { return slices.Concat(v.conditions(), v.Counters) }

var groundKinds = []string{string(domain.Exemption), string(domain.Exclusion), string(domain.Mitigation), string(domain.Aggravation)}

var groundID = regexp.MustCompile(`^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$`)

// liability is what a pack says of conduct, compiled.
type liability struct {
	findings map[string]domain.Finding
	codes    map[string]map[string]ref.Val // boxed, by finding
	// names are what an expression may read: findings by number, and dated
	// values as "std.NAME".
	names   map[string]slot
	unknown []*types.Unknown // by number of the finding
	order   []string         // findings by number
	lang    *language
}

// compileGrounds declares the findings and compiles every ground. A pack
// without a liability folder has none.
func (p *pack) compileGrounds(probs *Problems) {
	l := &p.liable
	l.findings, l.codes, l.names = map[string]domain.Finding{}, map[string]map[string]ref.Val{}, map[string]slot{}
	if len(p.src.findings)+len(p.src.grounds) == 0 || p.lang == nil {
		return
	}
	names, codes := map[string]*types.Type{}, map[string][]string{}
	for _, f := range p.src.findings {
		l.declare(f, names, codes, probs)
	}
	// Dated values have their place and their type already; only the names are
	// shared, not the language: a ground reads no household.
	for i, s := range p.standards {
		l.names[s.id], names[s.id] = slot{inStandard, i}, p.lang.types[s.id]
	}
	lang, err := newLanguage(p.src.env, names, codes, probs)
	if err != nil {
		probs.add(at{"liability/schema.yaml", 1}, "not a CEL environment: %s", "rename the finding that CEL cannot take as a name", err.Error())
		return
	}
	l.lang = lang
	seen := map[string]at{}
	for _, g := range p.src.grounds {
		if first, dup := seen[g.ID]; dup {
			probs.add(g.At, "ground %s is declared twice", "rename it; the first is at %[2]s", g.ID, first)
		}
		seen[g.ID] = g.At
		p.compileGround(g, probs)
	}
	// Grounds are evaluated and shown kind by kind, in the order of ids, in
	// whatever files they stand.
	slices.SortStableFunc(p.src.grounds, func(a, b *ground) int {
		if d := slices.Index(groundKinds, a.Kind) - slices.Index(groundKinds, b.Kind); d != 0 {
			return d
		}
		return strings.Compare(a.ID, b.ID)
	})
}

// declare takes a finding into the names.
func (l *liability) declare(f *finding, names map[string]*types.Type, codes map[string][]string, probs *Problems) {
	k, ok := kinds[f.Kind]
	switch {
	case !ok:
		// Kinds are those of facts, so that tests and screens write them alike.
		probs.add(f.At, "kind %q is not known", "write money, int, bool, day or code", f.Kind)
		return
	case (f.Kind == "code") != (len(f.Codes) > 0):
		probs.add(f.At, "codes and kind do not match", "list codes for kind: code, and for no other")
		return
	case !isName(f.Name) || strings.Contains(f.Name, "."):
		probs.add(f.At, "%q is not a name", "write lower-case letters, digits and _", f.Name)
		return
	case names[f.Name] != nil:
		probs.add(f.At, "finding %s is declared twice", "rename one of them", f.Name)
		return
	}
	l.names[f.Name] = slot{i: len(l.order)}
	l.unknown = append(l.unknown, types.NewUnknown(int64(len(l.order)), nil))
	l.order = append(l.order, f.Name)
	l.findings[f.Name] = domain.Finding{Name: f.Name, Kind: k.kind, Codes: f.Codes, Title: f.Title.Text, People: f.People}
	l.codes[f.Name] = map[string]ref.Val{}
	for _, code := range f.Codes {
		l.codes[f.Name][code] = types.String(code)
	}
	names[f.Name], codes[f.Name] = k.typ, f.Codes
}

// compileGround checks one ground and compiles its leaves.
func (p *pack) compileGround(g *ground, probs *Problems) {
	if !slices.Contains(groundKinds, g.Kind) {
		probs.add(g.At, "kind %q of ground %s", "write %[3]s", g.Kind, g.ID, domain.List(groundKinds))
	}
	if !groundID.MatchString(g.ID) {
		probs.add(g.At, "%q is no id of a ground", "write capital letters, digits and -, such as G01", g.ID)
	}
	if (g.Kind == string(domain.Exclusion)) != (g.Confirmed != "") {
		probs.add(g.At, "ground %s: confirmed belongs to an exclusion, and every exclusion has it", "write confirmed: NAME of a finding with people: true, or leave it out", g.ID)
	}
	if f, ok := p.liable.findings[g.Confirmed]; g.Confirmed != "" && (!ok || !f.People || f.Kind != domain.BoolValue) {
		probs.add(g.At, "ground %s: %q is no yes-or-no that people find", "declare it in liability/schema.yaml with kind: bool and people: true", g.ID, g.Confirmed)
	}
	var spans []placed
	for _, v := range g.Versions {
		// Most versions differ in their source only.
		if len(v.leaves()) == 0 {
			v.All, v.Any, v.Counters = g.All, g.Any, g.Counters
		}
		days := span{v.From, v.To}
		spans = append(spans, placed{days, v.At})
		p.srcs.resolve(v.At, v.Cite, days, probs)
		if (len(v.All) > 0) == (len(v.Any) > 0) && !(g.Confirmed != "" && len(v.conditions()) == 0) {
			probs.add(v.At, "ground %s needs one list of conditions", "write exactly one of all and any", g.ID)
		}
		p.compileLeaves(g, v, probs)
	}
	checkSpans(domain.Say("ground %s", g.ID), spans, probs)
}

// compileLeaves checks the conditions and counter-checks of one version.
func (p *pack) compileLeaves(g *ground, v *groundVersion, probs *Problems) {
	ids := map[string]at{}
	for i, x := range v.leaves() {
		if first, dup := ids[x.ID]; dup || !isName(x.ID) || x.ID == confirmedID {
			probs.add(x.At, "condition id %q of ground %s is used twice or is no name", "rename it; see %[3]s", x.ID, g.ID, first)
		}
		ids[x.ID] = x.At
		// Lowering an exclusion or a circumstance would mean nothing.
		if x.Lowers && (i < len(v.conditions()) || g.Kind != string(domain.Exemption)) {
			probs.add(x.At, "lowers belongs to a counter-check of an exemption", "leave it out")
		}
		if len(x.Cite) > 0 {
			p.srcs.resolve(x.At, x.Cite, span{v.From, v.To}, probs)
		}
		p.liable.lang.compile(&x.Expr, types.BoolType)
	}
}
