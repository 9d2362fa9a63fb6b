package domain

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Household is the subject of statements about the household as a whole.
// Every other subject is the pseudonym of one member.
const Household = "household"

// Kind is the type of a Value.
type Kind uint8

// The kinds of value that a statement can carry.
const (
	NoValue Kind = iota
	MoneyValue
	IntValue
	BoolValue
	DayValue
	CodeValue
)

// Value is what a statement says of an attribute: money in fen, a whole
// number, yes or no, a civil day, or a code from the pack's schema. It is
// comparable. Free text is never a value: rules read no personal text.
type Value struct {
	Kind Kind
	N    int64  // fen, number, 0 or 1, Day
	Code string // code
}

// Money is a value of f fen.
func Money(f Fen) Value { return Value{Kind: MoneyValue, N: int64(f)} }

// Int is a whole number.
func Int(n int64) Value { return Value{Kind: IntValue, N: n} }

// Bool is yes or no.
func Bool(b bool) Value {
	if b {
		return Value{Kind: BoolValue, N: 1}
	}
	return Value{Kind: BoolValue}
}

// OnDay is a civil day.
func OnDay(d Day) Value { return Value{Kind: DayValue, N: int64(d)} }

// Code is one of the codes that the pack's schema lists for the attribute.
func Code(s string) Value { return Value{Kind: CodeValue, Code: s} }

// Fen is the amount of a money value.
func (v Value) Fen() Fen { return Fen(v.N) }

// True reports whether a yes-or-no value is yes.
func (v Value) True() bool { return v.Kind == BoolValue && v.N == 1 }

// String writes the value for people: yuan for money.
func (v Value) String() string {
	switch v.Kind {
	case MoneyValue:
		return v.Fen().Yuan()
	case BoolValue:
		return strconv.FormatBool(v.N == 1)
	case DayValue:
		return Day(v.N).String()
	case CodeValue:
		return v.Code
	case IntValue:
		return strconv.FormatInt(v.N, 10)
	}
	return "unknown"
}

type valueJSON struct {
	Fen  *int64  `json:"fen,omitempty"`
	Int  *int64  `json:"int,omitempty"`
	Bool *bool   `json:"bool,omitempty"`
	Day  *Day    `json:"day,omitempty"`
	Code *string `json:"code,omitempty"`
}

// MarshalJSON writes an object with one key that names the kind, such as
// {"fen":40000} or {"code":"rural"}.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.Kind { // by hand: a case has hundreds of them
	case MoneyValue:
		return append(strconv.AppendInt([]byte(`{"fen":`), v.N, 10), '}'), nil
	case BoolValue:
		return append(strconv.AppendBool([]byte(`{"bool":`), v.N == 1), '}'), nil
	}
	var j valueJSON
	switch v.Kind {
	case IntValue:
		j.Int = &v.N
	case DayValue:
		d := Day(v.N)
		j.Day = &d
	case CodeValue:
		j.Code = &v.Code
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes; exactly one kind is given.
func (v *Value) UnmarshalJSON(b []byte) error {
	if got, ok := plainValue(b); ok {
		*v = got
		return nil
	}
	var j valueJSON
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&j); err != nil {
		return NewFault("", "%s is no value", `write one of {"fen":40000}, {"int":3}, {"bool":true}, {"day":"2020-01-31"}, {"code":"rural"}`, b)
	}
	var got []Value
	if j.Fen != nil {
		got = append(got, Money(Fen(*j.Fen)))
	}
	if j.Int != nil {
		got = append(got, Int(*j.Int))
	}
	if j.Bool != nil {
		got = append(got, Bool(*j.Bool))
	}
	if j.Day != nil {
		got = append(got, OnDay(*j.Day))
	}
	if j.Code != nil {
		got = append(got, Code(*j.Code))
	}
	if len(got) != 1 {
		return NewFault("", "%s is no value", "give exactly one of fen, int, bool, day, code", b)
	}
	*v = got[0]
	return nil
}

// plainValue reads a value in the form in which it is written here, without a
// decoder; not ok says only that it is in another.
func plainValue(b []byte) (Value, bool) {
	inner, ok := bytes.CutSuffix(b, []byte("}"))
	if !ok {
		return Value{}, false
	}
	if text, ok := bytes.CutPrefix(inner, []byte(`{"fen":`)); ok {
		n, err := strconv.ParseInt(string(text), 10, 64)
		return Money(Fen(n)), err == nil && len(text) < 18 && string(strconv.AppendInt(nil, n, 10)) == string(text)
	}
	if text, ok := bytes.CutPrefix(inner, []byte(`{"bool":`)); ok {
		return Bool(string(text) == "true"), string(text) == "true" || string(text) == "false"
	}
	if text, ok := bytes.CutPrefix(inner, []byte(`{"code":"`)); ok {
		code, ok := bytes.CutSuffix(text, []byte(`"`))
		return Code(string(code)), ok && !bytes.ContainsFunc(code, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' })
	}
	return Value{}, false
}

// SourceKind says how a statement came to be made. The pack orders the kinds
// by precedence (domain.md §3.6 rule 18).
type SourceKind string

// The kinds of source of a statement.
const (
	Discovery   SourceKind = "discovery"   // confirmed later finding 事后查实
	Document    SourceKind = "document"    // document of another organ 证明材料
	Check       SourceKind = "check"       // return of the information check 信息核对
	Survey      SourceKind = "survey"      // household survey, neighbours, re-check 入户调查
	Declaration SourceKind = "declaration" // the applicant's own word 申报
)

// Grade is the strength of the proof of when something was known.
type Grade string

// Grades of proof (domain.md §3.6 rule 3).
const (
	GradeA Grade = "A" // exported log of a system
	GradeB Grade = "B" // dated or stamped paper
	GradeC Grade = "C" // claim
)

// Statement says that an attribute of a subject has a value over a time. It
// is never edited: a later statement outranks it or it does not.
type Statement struct {
	Subject   string     `json:"subject"`             // Household, or a member's pseudonym
	Attribute string     `json:"attribute"`           // a name from the pack's schema
	Item      string     `json:"item,omitempty"`      // one of several that add up, such as "wages"
	Value     Value      `json:"value,omitzero"`      // a command without one is refused
	ValidFrom Day        `json:"valid_from,omitzero"` // true in the world from this day; none: always
	ValidTo   Day        `json:"valid_to,omitzero"`   // and before this day; none: without end
	Observed  Day        `json:"observed,omitzero"`   // the actor learned it, as he claims
	Source    SourceKind `json:"source"`

	// HeldBy is the registered source that holds the fact, such as "bank".
	HeldBy string `json:"held_by,omitempty"`
	// SourceUpdated is the day on which that source came to hold it; none:
	// from ValidFrom on.
	SourceUpdated Day `json:"source_updated,omitzero"`
	// ObservableBy names the procedure steps at which a careful person would
	// have seen the fact, such as "survey". Without it, none.
	ObservableBy []string `json:"observable_by,omitempty"`
	// Undeclarable says that the applicant himself could not have declared
	// the fact, though the schema lets him declare the attribute.
	Undeclarable bool `json:"undeclarable,omitempty"`
	// Proof is independent proof of Observed for a statement entered late.
	Proof Grade `json:"proof,omitempty"`
	// Visible limits who may see the statement; none: as the event says.
	Visible Visibility `json:"visible,omitempty"`
}

// Key tells which statements speak of the same thing.
type Key struct{ Subject, Attribute, Item string }

// Key is the key under which the statement competes with others.
func (s Statement) Key() Key { return Key{s.Subject, s.Attribute, s.Item} }

// ValidOn reports whether the statement speaks of the day.
func (s Statement) ValidOn(d Day) bool {
	return s.ValidFrom <= d && (s.ValidTo == 0 || d < s.ValidTo)
}

// String writes the key as "subject.attribute[item]".
func (k Key) String() string {
	if k.Item == "" {
		return k.Subject + "." + k.Attribute
	}
	return k.Subject + "." + k.Attribute + "[" + k.Item + "]"
}

// Visibility lists who may see an event or a statement when it is written:
// "office:ID" or "post:ID". Empty means every office that handles the case.
// It is fixed at the write.
type Visibility []string

// Allows reports whether somebody at an office and a post may see it.
func (v Visibility) Allows(office, post string) bool {
	if len(v) == 0 {
		return true
	}
	for _, s := range v {
		if s == "office:"+office || s == "post:"+post {
			return true
		}
	}
	return false
}

// Actor is who acts: a person by pseudonym, at an office, holding a post.
type Actor struct {
	Person string `json:"person"`
	Office string `json:"office"`
	Post   string `json:"post"`
}

// Read is one stream as far as it had been read.
type Read struct {
	Stream   string `json:"stream"`
	Revision int64  `json:"revision"` // last revision read; -1: the stream was empty
}

// Basis is what an act rests on: the streams read, with their last revisions.
// It, and no timestamp, says what was known (domain.md §3.6 rule 3).
type Basis []Read

// Covers reports whether an event lies inside the basis.
func (b Basis) Covers(stream string, revision int64) bool {
	for _, r := range b {
		if r.Stream == stream {
			return revision <= r.Revision
		}
	}
	return false
}
