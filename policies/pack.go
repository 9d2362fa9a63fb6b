package policies

import (
	"slices"
	"strings"
	"sync"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"leeway/domain"
)

// scope says where a name of an expression stands.
type scope uint8

const (
	inHousehold scope = iota // a fact of the household
	inMember                 // a fact of the member at hand
	inStandard               // a dated value
	inMonth                  // the first day of the benefit month
	inBase                   // the amount by the general rule, inside an exception
)

// The two names that the engine supplies.
const monthName, baseName = "month", "base.amount"

// slot is the place of a name in the columns.
type slot struct {
	scope scope
	i     int
}

// column is one fact of the household or of each member, stated or derived.
type column struct {
	name     string // as in expressions, such as "member.income"
	attr     *domain.Attribute
	presumed ref.Val            // holds when nothing is stated; nil: nothing is presumed
	codes    map[string]ref.Val // boxed codes
	fact     *fact              // of a derived fact
	agg      *aggregate         // of a derived fact over the members
	cites    []domain.Cite
	title    domain.Text
	unknown  *types.Unknown
}

// pack is one version of a pack, compiled. It never changes after loading,
// but for the cache of epochs.
type pack struct {
	// What it is, as written and as resolved.
	id   domain.PackVersion
	man  manifest
	src  *sourceFiles
	srcs sources
	// Columns: every name of an expression has a slot in one of them.
	house      []*column
	member     []*column
	standards  []*dated
	slots      map[string]slot
	rules      map[string]*rule
	procedures map[string]*procedure
	attributes map[string]domain.Attribute
	readings   []domain.Reading
	precedence []domain.SourceKind
	// What the plans hand out, and what expressions are compiled with.
	calendar workdays
	liable   liability
	lang     *language
	breaks   []domain.Day // first days of epochs, ascending
	monthly  bool         // some expression reads the month

	mu     sync.Mutex
	epochs map[domain.Day]*epoch
}

// newPack compiles what was decoded. With problems the pack is incomplete
// and only good for finding more of them.
func newPack(src *sourceFiles, probs *Problems) *pack {
	p := &pack{
		man: src.man, src: src, slots: map[string]slot{}, rules: map[string]*rule{},
		procedures: map[string]*procedure{}, attributes: map[string]domain.Attribute{}, epochs: map[domain.Day]*epoch{},
	}
	p.srcs = newSources(src.sources, probs)
	// First every name with its type, then the expressions: they may use names
	// of files that are read later.
	names := map[string]*types.Type{monthName: civilType, baseName: moneyType}
	codes := map[string][]string{}
	p.slots[monthName], p.slots[baseName] = slot{scope: inMonth}, slot{scope: inBase}
	p.declareAttributes(names, codes, probs)
	p.declareFacts(names, codes, probs)
	p.declareStandards(names, probs)
	lang, err := newLanguage(src.env, names, codes, probs)
	if err != nil {
		probs.add(at{"env.yaml", 1}, "not a CEL environment: %s", "list the operators that rules use, without double and timestamp", err.Error())
		return p
	}
	p.lang, lang.slots = lang, p.slots
	p.compileFacts(probs)
	p.compileRules(probs)
	p.compileProcedures(probs)
	p.compileManifest(probs)
	p.compileGrounds(probs)
	p.findBreaks()
	p.numberUnknowns()
	for _, prg := range lang.programs { // none where it could not be compiled
		p.monthly = p.monthly || prg != nil && slices.Contains(prg.refs, monthName)
	}
	return p
}

// numberUnknowns gives each household fact and standard its unknown.
func (p *pack) numberUnknowns() {
	for i, c := range p.house {
		c.unknown = types.NewUnknown(int64(i), nil)
	}
	for i, s := range p.standards {
		s.unknown = types.NewUnknown(int64(stdUnknowns+i), nil)
	}
}

// declare puts a name into the columns, once.
func (p *pack) declare(where at, name string, s slot, probs *Problems) bool {
	if _, dup := p.slots[name]; dup {
		probs.add(where, "%s is declared twice", "rename one of them", name)
		return false
	}
	if !isName(name) {
		probs.add(where, "%q is not a name", "write lower-case letters, digits and _", name)
		return false
	}
	p.slots[name] = s
	return true
}

// isName reports whether each dotted part is a plain identifier.
func isName(name string) bool {
	for part := range strings.SplitSeq(name, ".") {
		for i, r := range part {
			if !(r >= 'a' && r <= 'z' || r == '_' || i > 0 && r >= '0' && r <= '9') {
				return false
			}
		}
		if part == "" {
			return false
		}
	}
	return true
}

// declareAttributes places the facts of the schema, those of the household
// first. A name belongs to one of the two: statements name an attribute without
// saying whose it is.
func (p *pack) declareAttributes(names map[string]*types.Type, codes map[string][]string, probs *Problems) {
	for _, a := range p.src.schema.Member {
		a.member = true
	}
	for _, a := range slices.Concat(p.src.schema.Household, p.src.schema.Member) {
		k, ok := kinds[a.Kind]
		if !ok {
			probs.add(a.At, "kind %q is not known", "write money, int, bool, day or code", a.Kind)
			continue
		}
		if (a.Kind == "code") != (len(a.Codes) > 0) {
			probs.add(a.At, "codes and kind do not match", "list codes for kind: code, and for no other")
			continue
		}
		// Statements carry the bare name, so it must be one fact's only.
		if _, dup := p.attributes[a.Name]; dup {
			probs.add(a.At, "%s is declared twice", "a name belongs to the household or to the members, once", a.Name)
			continue
		}
		da := domain.Attribute{Name: a.Name, Member: a.member, Kind: k.kind, Codes: a.Codes, Sum: a.Sum, Declarable: a.Declarable, Death: a.Death, Title: a.Title.Text}
		c := &column{attr: &da, title: a.Title.Text, codes: map[string]ref.Val{}}
		for _, code := range a.Codes {
			c.codes[code] = types.String(code)
		}
		if a.Presumed != nil {
			da.Presumed, ok = readValue(a.Kind, a.Codes, a.Presumed.Value, a.Presumed.At, probs)
			if ok {
				c.presumed = boxed(da.Presumed)
			}
		}
		p.attributes[a.Name] = da
		p.addColumn(a.At, c, a.Name, probs)
		names[c.name], codes[c.name] = k.typ, a.Codes
	}
}

// addColumn places a column among those of the household or the members.
func (p *pack) addColumn(where at, c *column, name string, probs *Problems) {
	member := c.attr != nil && c.attr.Member || c.attr == nil && strings.HasPrefix(name, "member.")
	list, s := &p.house, slot{scope: inHousehold}
	if member {
		list, s.scope = &p.member, inMember
	}
	// Facts name their owner themselves; the schema says it by its list.
	c.name = name
	if c.attr != nil {
		c.name = [...]string{"household.", "member."}[s.scope] + name
	}
	s.i = len(*list)
	if p.declare(where, c.name, s, probs) {
		*list = append(*list, c)
	}
}

// declareFacts places the derived facts. Their kinds are written out, so that
// every expression can be checked before any is compiled.
func (p *pack) declareFacts(names map[string]*types.Type, codes map[string][]string, probs *Problems) {
	for _, f := range p.src.facts {
		k, ok := kinds[f.Kind]
		if !ok || (f.Kind == "code") != (len(f.Codes) > 0) {
			probs.add(f.At, "kind %q of a derived fact", "write money, int, bool, day, or code with its codes", f.Kind)
			continue
		}
		if !strings.HasPrefix(f.Name, "household.") && !strings.HasPrefix(f.Name, "member.") {
			probs.add(f.At, "%q belongs to nobody", "write household.NAME or member.NAME", f.Name)
			continue
		}
		c := &column{fact: f, title: f.Title.Text, cites: p.srcs.resolve(f.At, f.Cite, span{}, probs)}
		p.addColumn(f.At, c, f.Name, probs)
		names[f.Name], codes[f.Name] = k.typ, f.Codes
	}
}
