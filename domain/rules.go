package domain

import "slices"

// Text is a title or sentence in Chinese and English.
type Text struct {
	ZH string `json:"zh" yaml:"zh"`
	EN string `json:"en" yaml:"en"`
}

// In picks the language: "en", or Chinese for anything else.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.ZH
}

// Origin says where a rule, value or step comes from. Nothing is law here
// that has no real instrument behind it.
type Origin string

// The three origins.
const (
	FromSeed    Origin = "seed"      // the 2020 report of the civil affairs bureau
	FromStatute Origin = "statute"   // a national instrument with a real article
	ToVerify    Origin = "to_verify" // an assumption, shown as one everywhere
)

// Cite points at a source, and says what was assumed where it is to be
// verified.
type Cite struct {
	Source  string `json:"source"`
	Title   string `json:"title,omitempty"`
	Article string `json:"article,omitempty"`
	Origin  Origin `json:"origin"`
	Assumed Text   `json:"assumed,omitzero"`
}

// Attribute is one fact type of a pack's schema.
type Attribute struct {
	Name       string   `json:"name"`
	Member     bool     `json:"member"` // of a member, otherwise of the household
	Kind       Kind     `json:"kind"`
	Codes      []string `json:"codes,omitempty"`      // of a CodeValue, in schema order
	Sum        bool     `json:"sum,omitempty"`        // items add up; a closed list is complete
	Declarable bool     `json:"declarable,omitempty"` // the applicant has a duty to declare it
	Presumed   Value    `json:"presumed,omitzero"`    // holds while no statement says otherwise
	Death      bool     `json:"death,omitempty"`      // its change follows the month rule for death
	Title      Text     `json:"title"`
}

// MemberFacts are the facts of one member. An attribute that is absent is
// unknown: never false, never zero.
type MemberFacts struct {
	ID    string           `json:"id"`
	Facts map[string]Value `json:"facts"`
}

// Facts are what a rule is asked about: one household in one benefit month.
type Facts struct {
	Programme string           `json:"programme"`
	Household map[string]Value `json:"household"`
	Members   []MemberFacts    `json:"members"`
}

// Facts that the replay itself supplies about the household.
const (
	RosterOn     = "roster_on"     // was lawfully on the roster in the month before
	RosterAmount = "roster_amount" // and entitled to this amount then
)

// Range is an interval of lawful amounts in fen, both ends included.
type Range struct {
	Lo Fen `json:"lo"`
	Hi Fen `json:"hi"`
}

// Outcome is what the rules say of one month. No lawful amount means
// undetermined; more than one, that the rules leave room.
type Outcome struct {
	Lawful  []Range  `json:"lawful,omitempty"`  // ascending and disjoint
	Missing []string `json:"missing,omitempty"` // facts and standards that would decide
	Special []string `json:"special,omitempty"` // exceptions that decided, as rule/exception
	Assumed []string `json:"assumed,omitempty"` // what to_verify origins it rests on, as rule or std ids
}

// Exactly is the outcome that allows one amount.
func Exactly(f Fen) Outcome { return Outcome{Lawful: []Range{{f, f}}} }

// Determined reports whether any amount is lawful.
func (o Outcome) Determined() bool { return len(o.Lawful) > 0 }

// Single is the one lawful amount, if there is just one.
func (o Outcome) Single() (Fen, bool) {
	if len(o.Lawful) == 1 && o.Lawful[0].Lo == o.Lawful[0].Hi {
		return o.Lawful[0].Lo, true
	}
	return 0, false
}

// Allows reports whether an amount is lawful.
func (o Outcome) Allows(f Fen) bool {
	return slices.ContainsFunc(o.Lawful, func(r Range) bool { return r.Lo <= f && f <= r.Hi })
}

// Nearest is the lawful amount nearest to f, the higher one of two equally
// near (domain.md §3.6 rule 6). The outcome must be determined.
func (o Outcome) Nearest(f Fen) Fen {
	best := o.Lawful[0].Lo
	for _, r := range o.Lawful {
		c := min(max(f, r.Lo), r.Hi)
		if d, e := (c - f).Abs(), (best - f).Abs(); d < e || d == e && c > best {
			best = c
		}
	}
	return best
}

// Min is the least lawful amount of a determined outcome.
func (o Outcome) Min() Fen { return o.Lawful[0].Lo }

// Max is the greatest lawful amount of a determined outcome.
func (o Outcome) Max() Fen { return o.Lawful[len(o.Lawful)-1].Hi }

// SameAmounts reports whether two outcomes allow the same amounts.
func (o Outcome) SameAmounts(p Outcome) bool { return slices.Equal(o.Lawful, p.Lawful) }

// Verdict is three-valued: a condition holds, fails, or is unknown.
type Verdict string

// The verdicts.
const (
	Holds   Verdict = "holds"
	Fails   Verdict = "fails"
	Unknown Verdict = "unknown"
)

// Node is one line of an explanation: a rule, a condition, an exception or a
// value, with what it used.
type Node struct {
	ID       string            `json:"id"`
	Kind     string            `json:"kind"` // rule, all, any, not, leaf, exception, fact, value
	Text     Text              `json:"text"`
	Verdict  Verdict           `json:"verdict,omitempty"`
	Value    string            `json:"value,omitempty"`
	Inputs   map[string]string `json:"inputs,omitempty"`
	Missing  []string          `json:"missing,omitempty"`
	Cites    []Cite            `json:"cites,omitempty"`
	Children []Node            `json:"children,omitempty"`
}

// Step is one step of the handling procedure as it stood on a day.
type Step struct {
	ID       string   `json:"id"`
	Title    Text     `json:"title"`
	Event    string   `json:"event"`             // stored type that records it, such as "household-surveyed.v1"
	After    string   `json:"after,omitempty"`   // id of the step from which days run; none: the application
	Days     int      `json:"days,omitempty"`    // limit; 0: none
	Working  bool     `json:"working,omitempty"` // the limit counts working days
	Staff    int      `json:"staff,omitempty"`   // at least so many persons
	Sources  []string `json:"sources,omitempty"` // of an information check: sources to ask where connected
	Every    int      `json:"every,omitempty"`   // months between repeats while the benefit runs; 0: once
	Classes  []Term   `json:"classes,omitempty"` // other terms between repeats, by class of the household
	Runs     int      `json:"runs,omitempty"`    // days that what the step begins must last, such as a notice
	Required bool     `json:"required"`
	Right    bool     `json:"right,omitempty"` // its omission harms a right of the applicant
	Decides  bool     `json:"decides,omitempty"`
	Post     string   `json:"post,omitempty"`  // step key under which posts hold it
	Minor    []string `json:"minor,omitempty"` // states in which a defect of it is minor, such as late
	Cites    []Cite   `json:"cites,omitempty"`
}

// A Term is how many months lie between the repeats of a step for a class of
// households, such as A, B, C 分类.
type Term struct {
	Class string `json:"class"`
	Every int    `json:"every"`
}

// Term is how many months lie between the repeats of a step for a class; one
// that the step does not list has the general term.
func (s Step) Term(class string) int {
	for _, t := range s.Classes {
		if t.Class == class {
			return t.Every
		}
	}
	return s.Every
}

// MonthRule says which day of a benefit month is looked at.
type MonthRule string

// The month rules.
const (
	FirstDay MonthRule = "first_day" // what holds on the first day: a change counts from the next month
	LastDay  MonthRule = "last_day"  // what holds on the last day: a change counts in its own month
)

// Day is the day of the month that the rule looks at.
func (r MonthRule) Day(m Month) Day {
	if r == LastDay {
		return m.Last()
	}
	return m.First()
}

// Reading is one way to date changes. A pack whose month rule is to_verify
// has several; the first is the primary one.
type Reading struct {
	ID     string    `json:"id"`
	Start  MonthRule `json:"start"`  // first benefit month of a grant: FirstDay the month after, LastDay its own
	Change MonthRule `json:"change"` // income, property, members
	Death  MonthRule `json:"death"`
	Cites  []Cite    `json:"cites,omitempty"`
}

// ReviewStandards are the whole numbers that a pack may state for the handling
// of a tolerance review, as standards of kind int: working days, but for the
// days of an objection, the members of a collective decision, and the years for
// which service in the same office counts. All are local.
var ReviewStandards = []string{
	"review_apply_workdays", "review_accept_workdays", "review_verify_workdays", "review_extend_workdays",
	"review_answer_workdays", "review_consult_workdays", "review_determine_workdays", "review_serve_workdays",
	"review_correct_workdays", "review_file_workdays", "review_object_workdays", "review_objection_days",
	"review_quorum", "review_same_office_years",
}

// PackVersion names a sealed version of a pack by its digest too, so that no
// other bytes can stand for it.
type PackVersion struct {
	Pack    string `json:"pack"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
}
