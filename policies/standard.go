package policies

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"go.yaml.in/yaml/v3"

	"leeway/domain"
)

// dated is a standard with its values in order of their first days.
type dated struct {
	id      string // as in expressions, such as "std.dibao_rural"
	src     *standard
	values  []datedValue
	unknown *types.Unknown
}

type datedValue struct {
	from  domain.Day
	val   ref.Val // nil: no value from this day on
	text  string
	cites []domain.Cite
}

// on is the value that stands on a day; none before the first.
func (d *dated) on(day domain.Day) (v datedValue) {
	// The last value that has begun.
	for _, x := range d.values {
		if x.from <= day {
			v = x
		}
	}
	return v
}

// declareStandards reads the dated values. Each value ends where the next one
// begins, so its sources must be in force up to that day.
func (p *pack) declareStandards(names map[string]*types.Type, probs *Problems) {
	for _, s := range p.src.standards {
		k, ok := kinds[s.Kind]
		if !ok || s.Kind == "code" {
			probs.add(s.At, "kind %q of a standard", "write money, int, bool or day", s.Kind)
			continue
		}
		d := &dated{id: "std." + s.ID, src: s}
		for i, v := range s.Values {
			if i > 0 && v.From <= s.Values[i-1].From {
				probs.add(v.At, "%s does not follow %s", "write the values in order of from, each day once", v.From, s.Values[i-1].From)
			}
			dv := datedValue{from: v.From, text: "none"}
			// The last value has no end: it holds until another version says so.
			end := domain.Day(0)
			if i+1 < len(s.Values) {
				end = s.Values[i+1].From
			}
			dv.cites = p.srcs.resolve(v.At, v.Cite, span{v.From, end}, probs)
			// Null is no zero: reading it makes the outcome undetermined.
			if v.Value.Tag != "!!null" {
				if val, ok := readValue(s.Kind, nil, v.Value, v.At, probs); ok {
					dv.val, dv.text = boxed(val), val.String()
				}
			}
			d.values = append(d.values, dv)
		}
		if p.declare(s.At, d.id, slot{inStandard, len(p.standards)}, probs) {
			p.standards = append(p.standards, d)
			names[d.id] = k.typ
		}
	}
}

// readValue reads a value of a kind as an author writes it: money in yuan.
func readValue(kind string, codes []string, n *yaml.Node, where at, probs *Problems) (domain.Value, bool) {
	var v domain.Value
	if n == nil || n.Kind != yaml.ScalarNode {
		probs.add(where, "a single value is wanted here", "write it on one line")
		return v, false
	}
	// The value may stand lines below what it belongs to.
	where.line = n.Line
	var err error
	var hint domain.Said
	switch kind {
	case "money":
		var f domain.Fen
		f, err = domain.ParseYuan(n.Value)
		v, hint = domain.Money(f), domain.Say("write yuan with at most two decimals, such as 526")
	case "int":
		var i int64
		i, err = strconv.ParseInt(n.Value, 10, 64)
		v, hint = domain.Int(i), domain.Say("write a whole number")
	case "bool":
		var b bool
		b, err = strconv.ParseBool(n.Value)
		v, hint = domain.Bool(b), domain.Say("write true or false")
	case "day":
		var d domain.Day
		if d, err = domain.ParseDay(n.Value); err == nil && d == 0 {
			err = fmt.Errorf("no day")
		}
		v, hint = domain.OnDay(d), domain.Say("write a civil day as YYYY-MM-DD")
	case "code":
		v, hint = domain.Code(n.Value), domain.Say("write one of the codes in the schema")
		if !slices.Contains(codes, n.Value) {
			err = fmt.Errorf("no such code")
		}
	}
	if err != nil {
		probs.note(where, domain.Say("%q is no value of kind %s", n.Value, kind), hint)
	}
	return v, err == nil
}
