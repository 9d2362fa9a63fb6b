package policies

import (
	"go.yaml.in/yaml/v3"

	"leeway/domain"
)

// The structs below are the YAML files as written, position by position. They
// are checked and compiled by the other files of this package and never
// change after loading.

// manifest is pack.yaml.
type manifest struct {
	At      at
	Pack    string `key:"pack,required"`
	Version string `key:"version,required"`
	Title   text   `key:"title,required"`
	// Jurisdiction is the division code of GB/T 2260; the zone is that of civil
	// days, and the authority answers for the rules.
	Jurisdiction string `key:"jurisdiction,required"`
	Timezone     string `key:"timezone,required"`
	Authority    text   `key:"authority,required"`
	// Supersedes is the version before. Corrects says that the version before
	// encoded the same law wrongly: what was paid under it is then an error of
	// the encoding, not of the worker (class E-RULE).
	Supersedes string `key:"supersedes"`
	Corrects   string `key:"corrects"`
	Reason     text   `key:"reason,required"`
	// Approval says how many persons must approve the digest, and which roles
	// they may have.
	Approval approval `key:"approval,required"`
	// MonthRule has one reading per way to date changes. Where the law leaves
	// it open there are several, and the replay shows them all.
	MonthRule []reading `key:"month_rule,required"`
	// Precedence orders the kinds of source, the strongest first.
	Precedence []string `key:"precedence,required"`
	// Liability has the regimes by which conduct is judged, for the choice of
	// the lighter one.
	Liability  []regime    `key:"liability,required"`
	Programmes []programme `key:"programmes,required"`
	Calendar   calendar    `key:"calendar,required"`
	// CostLimit bounds the estimated cost of one expression when the pack is
	// checked.
	CostLimit int      `key:"cost_limit,required"`
	over      *overlay // what this version is on top of its base; nil: a pack by itself
}

// approval is how a version comes to be activated: never by one person alone.
type approval struct {
	At      at
	Require int      `key:"require,required"`
	Roles   []string `key:"roles,required"`
}

// reading is one way to date changes: for the start of a grant, for changes
// and for deaths, whether the first or the last day of a month is looked at.
type reading struct {
	At     at
	ID     string `key:"id,required"`
	Start  string `key:"start,required"`
	Change string `key:"change,required"`
	Death  string `key:"death,required"`
	Cite   []cite `key:"cite,required"`
}

// regime is a body of liability rules with the days on which it is in force.
type regime struct {
	At    at
	ID    string     `key:"id,required"`
	Title text       `key:"title,required"`
	From  domain.Day `key:"from"`
	To    domain.Day `key:"to"`
	Cite  []cite     `key:"cite,required"`
}

// programme names the rule that answers for a benefit.
type programme struct {
	At    at
	ID    string `key:"id,required"`
	Title text   `key:"title,required"`
	Rule  string `key:"rule,required"`
}

// calendar says which days are working days. Holidays and the days made up for
// are data of the pack, for they are announced anew every year.
type calendar struct {
	At       at
	Weekend  []string  `key:"weekend,required"`
	Holidays []holiday `key:"holidays"`
	Workdays []workday `key:"workdays"`
	Cite     []cite    `key:"cite,required"`
}

// holiday is a stretch of days off; its last day is included.
type holiday struct {
	At    at
	From  domain.Day `key:"from,required"`
	To    domain.Day `key:"to,required"`
	Title text       `key:"title,required"`
}

// workday is a day at a weekend on which work is made up for.
type workday struct {
	At  at
	Day domain.Day `key:"day,required"`
}

// text is a title in Chinese and English; both are wanted.
type text struct {
	at at
	domain.Text
}

// scan reads {zh: …, en: …}. An unquoted comma splits such a text, which is the
// most frequent slip of all; the hint says so.
func (t *text) scan(d *decoder, n *yaml.Node) {
	t.at = d.at(n)
	d.pairs(n, func(key, val *yaml.Node) {
		switch key.Value {
		case "zh":
			t.ZH = val.Value
		case "en":
			t.EN = val.Value
		default:
			d.fail(key, "unknown key %q", "write zh and en, and quote a text that holds a comma", key.Value)
		}
	})
	if n.Kind == yaml.MappingNode && (t.ZH == "" || t.EN == "") {
		d.fail(n, "a text needs Chinese and English", "write {zh: …, en: …}")
	}
}

// source is one instrument of sources.yaml.
type source struct {
	At at
	ID string `key:"id,required"`
	// Number and the title are those of the instrument itself. None is
	// invented: what was not seen has the status to_verify.
	Number string `key:"number"`
	Title  text   `key:"title,required"`
	// The days on which it was issued, took effect and was repealed. A day not
	// given is not known, and then nothing is checked against it.
	Issued    domain.Day `key:"issued"`
	Effective domain.Day `key:"effective"`
	Repealed  domain.Day `key:"repealed"`
	Status    string     `key:"status,required"`
	// Assumed stands for every citation that brings no words of its own.
	Assumed text `key:"assumed"`
}

// cite points from a rule, value or step at its source.
type cite struct {
	At      at
	Source  string `key:"source"`
	Article string `key:"article"`
	Origin  string `key:"origin"`
	Assumed text   `key:"assumed"`
}

// attribute is one fact type of schema.yaml.
type attribute struct {
	At   at
	Name string `key:"name,required"`
	Kind string `key:"kind,required"`
	// Codes are the values of kind code. They have no order and no meaning but
	// what rules give them.
	Codes []string `key:"codes"`
	// Sum: several items, such as wages and rent, add up to the value.
	// Declarable: the applicant has a duty to declare it.
	Sum        bool `key:"sum"`
	Declarable bool `key:"declarable"`
	// Presumed holds while nobody has said anything. Death gives the change
	// the month rule for deaths.
	Presumed *presumed `key:"presumed"`
	Death    bool      `key:"death"`
	Title    text      `key:"title,required"`
	member   bool
}

// presumed is what holds while no statement says otherwise, and why.
type presumed struct {
	At      at
	Value   *yaml.Node `key:"value,required"`
	Assumed text       `key:"assumed,required"`
}

// schema is schema.yaml: what can be stated at all.
type schema struct {
	At        at
	Household []*attribute `key:"household,required"`
	Member    []*attribute `key:"member,required"`
}

// standard is one dated value. The next `from` ends a value and null leaves
// it without one, so that neither gap nor overlap can be written.
type standard struct {
	At at
	// The id is that of expressions without "std.". Amounts are yuan.
	ID     string     `key:"standard,required"`
	Title  text       `key:"title,required"`
	Kind   string     `key:"kind,required"`
	Values []stdValue `key:"values,required"`
}

// stdValue is a value from a day on. A null says that nothing is known from
// then on; it is never read as zero.
type stdValue struct {
	At    at
	From  domain.Day `key:"from,required"`
	Value *yaml.Node `key:"value,required"`
	Cite  []cite     `key:"cite,required"`
}

// fact is a derived fact: an expression, or an aggregate over the members.
type fact struct {
	At    at
	Name  string   `key:"fact,required"`
	Title text     `key:"title,required"`
	Kind  string   `key:"kind,required"`
	Codes []string `key:"codes"`
	// Exactly one of the five says how it is found. The aggregates name facts
	// of the members, and where selects among them.
	Expr  expr   `key:"expr"`
	Sum   string `key:"sum"`
	Count string `key:"count"`
	Any   string `key:"any"`
	All   string `key:"all"`
	Where string `key:"where"`
	Cite  []cite `key:"cite,required"`
}

// rule is a condition rule (only `when`) or an amount rule (then and else).
type rule struct {
	At       at
	ID       string         `key:"rule,required"`
	Title    text           `key:"title,required"`
	Versions []*ruleVersion `key:"versions,required"`
}

// ruleVersion is a rule over the days on which it reads the same.
type ruleVersion struct {
	At at
	// In force from a day, and before another; the next version starts on it.
	From domain.Day `key:"from,required"`
	To   domain.Day `key:"to"`
	Cite []cite     `key:"cite,required"`
	// When is the condition. A rule that gives an amount has then and else, and
	// its exceptions are tried in order; the first that holds decides.
	When       *cond        `key:"when,required"`
	Then       *result      `key:"then"`
	Else       *result      `key:"else"`
	Exceptions []*exception `key:"exceptions"`
}

// exception is a departure from the general rule, with a source of its own. It
// stays a node of its own in every explanation. A special one is reported in
// the outcome when it decides.
type exception struct {
	At      at
	ID      string  `key:"id,required"`
	Text    text    `key:"text,required"`
	Special bool    `key:"special"`
	Cite    []cite  `key:"cite,required"`
	When    *cond   `key:"when,required"`
	Then    *result `key:"then,required"`
}

// cond is a node of a condition tree: exactly one of all, any, not, expr,
// rule and base.
type cond struct {
	At   at
	ID   string  `key:"id"`
	Text text    `key:"text"`
	All  []*cond `key:"all"`
	Any  []*cond `key:"any"`
	Not  *cond   `key:"not"`
	// A leaf is an expression, the verdict of another rule, or, inside an
	// exception, the verdict of the general rule.
	Expr expr   `key:"expr"`
	Rule string `key:"rule"`
	Base *bool  `key:"base"`
}

// result is what a branch of an amount rule allows: one amount, or several.
type result struct {
	At           at
	Amount       *choice   `key:"amount"`
	Alternatives []*choice `key:"alternatives"`
}

// choice is one allowed amount, or an interval of them.
type choice struct {
	at     at
	lo, hi expr
}

// scan reads an amount, or an interval {lo: …, hi: …}.
func (c *choice) scan(d *decoder, n *yaml.Node) {
	c.at = d.at(n)
	if n.Kind != yaml.MappingNode {
		c.lo.scan(d, n)
		return
	}
	d.pairs(n, func(key, val *yaml.Node) {
		switch key.Value {
		case "lo":
			c.lo.scan(d, val)
		case "hi":
			c.hi.scan(d, val)
		default:
			d.fail(key, "unknown key %q", "write lo and hi", key.Value)
		}
	})
	if c.lo.src == "" || c.hi.src == "" {
		d.fail(n, "an interval needs both ends", "write {lo: …, hi: …}")
	}
}

// expr is a CEL expression with its place; compiling fills in the rest.
type expr struct {
	at  at
	src string
	*program
}

// scan keeps an expression as written. It is compiled later, when every name of
// the pack is known.
func (e *expr) scan(d *decoder, n *yaml.Node) {
	e.at = d.at(n)
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		d.fail(n, "an expression is wanted here", "write it on one line, quoted")
		return
	}
	e.src = n.Value
}

// procedure is the handling of one programme, dated.
type procedure struct {
	At        at
	Programme string             `key:"procedure,required"`
	Versions  []procedureVersion `key:"versions,required"`
}

// procedureVersion is a procedure over the days on which it stays the same.
type procedureVersion struct {
	At    at
	From  domain.Day `key:"from,required"`
	To    domain.Day `key:"to"`
	Cite  []cite     `key:"cite,required"`
	Steps []step     `key:"steps,required"`
}

// term is how often a step is repeated for a class of households.
type term struct {
	At    at
	Class string `key:"class,required"`
	Every int    `key:"every,required"`
}

// step is one step of the handling. Days run from the step named by after, or
// from the application; right marks a step whose omission harms a right.
type step struct {
	At       at
	ID       string   `key:"id,required"`
	Title    text     `key:"title,required"`
	Event    string   `key:"event,required"`
	After    string   `key:"after"`
	Days     int      `key:"days"`
	Working  bool     `key:"working"`
	Staff    int      `key:"staff"`
	Sources  []string `key:"sources"`
	Every    int      `key:"every"`
	Classes  []term   `key:"classes"`
	Required bool     `key:"required"`
	Right    bool     `key:"right"`
	Decides  bool     `key:"decides"`
	Post     string   `key:"post"`
	// Runs is how many days what the step begins must last; Minor lists the
	// states in which a defect of it is minor.
	Runs  int    `key:"runs"`
	Minor *minor `key:"minor"`
	Cite  []cite `key:"cite,required"`
}
