package policies

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"leeway/domain"
)

// The structs below are the YAML files as written, position by position. They
// are checked and compiled by the other files of this package and never
// change after loading.

// manifest is pack.yaml.
type manifest struct {
	At           at
	Pack         string      `key:"pack,required"`
	Version      string      `key:"version,required"`
	Title        text        `key:"title,required"`
	Jurisdiction string      `key:"jurisdiction,required"`
	Timezone     string      `key:"timezone,required"`
	Authority    text        `key:"authority,required"`
	Supersedes   string      `key:"supersedes"`
	Corrects     string      `key:"corrects"`
	Reason       text        `key:"reason,required"`
	Approval     approval    `key:"approval,required"`
	MonthRule    []reading   `key:"month_rule,required"`
	Precedence   []string    `key:"precedence,required"`
	Liability    []regime    `key:"liability,required"`
	Programmes   []programme `key:"programmes,required"`
	Calendar     calendar    `key:"calendar,required"`
	CostLimit    int         `key:"cost_limit,required"`
}

type approval struct {
	At      at
	Require int      `key:"require,required"`
	Roles   []string `key:"roles,required"`
}

type reading struct {
	At     at
	ID     string `key:"id,required"`
	Start  string `key:"start,required"`
	Change string `key:"change,required"`
	Death  string `key:"death,required"`
	Cite   []cite `key:"cite,required"`
}

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

type calendar struct {
	At       at
	Weekend  []string  `key:"weekend,required"`
	Holidays []holiday `key:"holidays"`
	Workdays []workday `key:"workdays"`
	Cite     []cite    `key:"cite,required"`
}

type holiday struct {
	At    at
	From  domain.Day `key:"from,required"`
	To    domain.Day `key:"to,required"`
	Title text       `key:"title,required"`
}

type workday struct {
	At  at
	Day domain.Day `key:"day,required"`
}

// text is a title in Chinese and English; both are wanted.
type text struct {
	at at
	domain.Text
}

func (t *text) scan(d *decoder, n *yaml.Node) {
	t.at = d.at(n)
	d.pairs(n, func(key, val *yaml.Node) {
		switch key.Value {
		case "zh":
			t.ZH = val.Value
		case "en":
			t.EN = val.Value
		default:
			d.fail(key, fmt.Sprintf("unknown key %q", key.Value), "write zh and en, and quote a text that holds a comma")
		}
	})
	if n.Kind == yaml.MappingNode && (t.ZH == "" || t.EN == "") {
		d.fail(n, "a text needs Chinese and English", "write {zh: …, en: …}")
	}
}

// source is one instrument of sources.yaml.
type source struct {
	At        at
	ID        string     `key:"id,required"`
	Number    string     `key:"number"`
	Title     text       `key:"title,required"`
	Issued    domain.Day `key:"issued"`
	Effective domain.Day `key:"effective"`
	Repealed  domain.Day `key:"repealed"`
	Status    string     `key:"status,required"`
	Assumed   text       `key:"assumed"`
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
	At         at
	Name       string    `key:"name,required"`
	Kind       string    `key:"kind,required"`
	Codes      []string  `key:"codes"`
	Sum        bool      `key:"sum"`
	Declarable bool      `key:"declarable"`
	Presumed   *presumed `key:"presumed"`
	Death      bool      `key:"death"`
	Title      text      `key:"title,required"`
	member     bool
}

// presumed is what holds while no statement says otherwise, and why.
type presumed struct {
	At      at
	Value   *yaml.Node `key:"value,required"`
	Assumed text       `key:"assumed,required"`
}

type schema struct {
	At        at
	Household []*attribute `key:"household,required"`
	Member    []*attribute `key:"member,required"`
}

// standard is one dated value. The next `from` ends a value and null leaves
// it without one, so that neither gap nor overlap can be written.
type standard struct {
	At     at
	ID     string     `key:"standard,required"`
	Title  text       `key:"title,required"`
	Kind   string     `key:"kind,required"`
	Values []stdValue `key:"values,required"`
}

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
	Expr  expr     `key:"expr"`
	Sum   string   `key:"sum"`
	Count string   `key:"count"`
	Any   string   `key:"any"`
	All   string   `key:"all"`
	Where string   `key:"where"`
	Cite  []cite   `key:"cite,required"`
}

// rule is a condition rule (only `when`) or an amount rule (then and else).
type rule struct {
	At       at
	ID       string         `key:"rule,required"`
	Title    text           `key:"title,required"`
	Versions []*ruleVersion `key:"versions,required"`
}

type ruleVersion struct {
	At         at
	From       domain.Day   `key:"from,required"`
	To         domain.Day   `key:"to"`
	Cite       []cite       `key:"cite,required"`
	When       *cond        `key:"when,required"`
	Then       *result      `key:"then"`
	Else       *result      `key:"else"`
	Exceptions []*exception `key:"exceptions"`
}

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
	Expr expr    `key:"expr"`
	Rule string  `key:"rule"`
	Base *bool   `key:"base"`
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
			d.fail(key, fmt.Sprintf("unknown key %q", key.Value), "write lo and hi")
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

type procedureVersion struct {
	At    at
	From  domain.Day `key:"from,required"`
	To    domain.Day `key:"to"`
	Cite  []cite     `key:"cite,required"`
	Steps []step     `key:"steps,required"`
}

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
	Required bool     `key:"required"`
	Right    bool     `key:"right"`
	Decides  bool     `key:"decides"`
	Post     string   `key:"post"`
	Cite     []cite   `key:"cite,required"`
}
