package eligibility

import (
	"fmt"
	"reflect"
	"slices"

	"leeway/domain"
)

// A Command asks for a change. Decide returns the events it leads to, or why
// it is refused; neither means that the case already says so.
type Command interface{ Decide(*Case) ([]Event, error) }

// Record asks that a step or a finding be recorded. Today is the civil day of
// the command's one clock reading.
type Record struct {
	Event Event
	Today domain.Day
}

// Decide refuses what cannot be true (domain.ErrInvalid) or what the state of
// the case does not allow (domain.ErrRefused).
func (cmd Record) Decide(c *Case) ([]Event, error) {
	if err := checkPointer(cmd.Event); err != nil {
		return nil, err
	}
	_, opens := cmd.Event.(*CaseOpened)
	switch day := cmd.Event.on(); {
	case opens && c.Exists():
		return nil, refuse("case %s is open already", "record the next step instead", c.ID)
	case !opens && !c.Exists():
		return nil, refuse("there is no case yet", "record case-opened.v1 first")
	case day == 0:
		return nil, fault("day", "it is missing", "give the civil day on which it happened, such as 2020-01-31")
	case day > cmd.Today:
		return nil, fault("day", "%s lies in the future, today is %s", "record it when it has happened", day, cmd.Today)
	case c.Closed && !outlives(cmd.Event):
		return nil, refuse("case %s is closed", "open a new one, or record what was discovered", c.ID)
	}
	if err := cmd.Event.check(c); err != nil {
		return nil, err
	}
	if err := checkObserved(cmd.Event); err != nil {
		return nil, err
	}
	return []Event{cmd.Event}, nil
}

// checkPointer refuses an event that was given as a value: its personal data
// could not be reached, and would be lost without a word.
func checkPointer(e any) error {
	if v := reflect.ValueOf(e); v.Kind() != reflect.Pointer || v.IsNil() {
		return domain.Deny(domain.ErrInvalid, "the event is a %T", "give a pointer to the event", e)
	}
	return nil
}

// checkObserved refuses what was learned after it was recorded. What an event
// states is what it would add to an empty case.
func checkObserved(e Event) error {
	var said Case
	said.Apply(e, domain.Meta{})
	for i, s := range said.Statements {
		if s.Observed > e.on() {
			return fault(fmt.Sprintf("statements[%d].observed", i), "%s lies after the day of the event, %s", "give the day on which it was learned, or leave it out", s.Observed, e.on())
		}
	}
	return nil
}

// outlives reports whether an event may follow the end of a case.
func outlives(e Event) bool {
	switch e.(type) {
	case *FactsDiscovered, *ComplaintReceived, *OverpaymentEstablished, *BackpayEstablished,
		*MoneyRecovered, *MoneyBackPaid, *RemedySought, *RemedyDecided:
		return true
	}
	return false
}

// Attributes that events themselves state.
const (
	LivesHere     = "lives_here"
	Dead          = "dead"
	SelfCareFails = "self_care_fails"
)

// Codes that statements and events take.
var (
	sources = []domain.SourceKind{domain.Discovery, domain.Document, domain.Check, domain.Survey, domain.Declaration}
	grades  = []domain.Grade{domain.GradeA, domain.GradeB, domain.GradeC}
)

func fault(field, wrong, mend string, args ...any) error {
	return domain.NewFault(field, wrong, mend, args...)
}

func refuse(why, mend string, args ...any) error {
	return domain.Deny(domain.ErrRefused, why, mend, args...)
}

func checkMember(c *Case, field, id string) error {
	if !c.IsMember(id) {
		return fault(field, "%q is not a member of the household", "use a pseudonym from case-opened.v1 or record member-joined.v1 first", id)
	}
	return nil
}

func checkAmount(f domain.Fen) error {
	if f < 0 {
		return fault("amount", "%s yuan is negative", "give the amount in fen, 0 or more", f.Yuan())
	}
	return nil
}

func checkMoney(m domain.Month, f domain.Fen) error {
	if m == 0 {
		return fault("month", "it is missing", "give the benefit month that the money is for, such as 2020-02")
	}
	return checkAmount(f)
}

func checkResult(r Result, f domain.Fen) error {
	switch {
	case r != Granted && r != Refused && r != Adjusted && r != Stopped:
		return fault("outcome", "there is no outcome %q", "write granted, refused, adjusted or stopped", r)
	case (r == Refused || r == Stopped) && f != 0:
		return fault("amount", "%s yuan with outcome %s", "a refusal or a stop pays nothing: write 0", f.Yuan(), r)
	}
	return checkAmount(f)
}

// What a fact may hold at most, in fen and in number. They are no law: beyond them
// stands a slip, on which the rules would run out of numbers when they multiply.
const (
	mostFen   = domain.Fen(1_000_000_000_000)
	mostCount = 1_000_000
)

func checkStatements(c *Case, statements []domain.Statement) error {
	for i, s := range statements {
		field := func(name string) string { return fmt.Sprintf("statements[%d].%s", i, name) }
		switch {
		case s.Subject != domain.Household && !c.IsMember(s.Subject):
			return checkMember(c, field("subject"), s.Subject)
		case s.Attribute == "":
			return fault(field("attribute"), "it is missing", "name a fact from the pack's schema, such as income")
		case s.Source != "" && !slices.Contains(sources, s.Source):
			return fault(field("source"), "there is no kind of source %q", "write discovery, document, check, survey or declaration, or leave it out", s.Source)
		case s.Proof != "" && !slices.Contains(grades, s.Proof):
			return fault(field("proof"), "there is no grade %q", "write A, B or C, or leave it out", s.Proof)
		case s.Value.Kind == domain.NoValue:
			return fault(field("value"), "it is missing", `write one, such as {"fen":40000}`)
		case s.Value.Kind == domain.MoneyValue && (s.Value.Fen() > mostFen || s.Value.Fen() < -mostFen):
			return fault(field("value"), "%s yuan is more than any household has", "write the amount in fen", s.Value)
		case s.Value.Kind == domain.IntValue && (s.Value.N > mostCount || s.Value.N < -mostCount):
			return fault(field("value"), "%s is more than anything that is counted", "write a whole number of at most a million", s.Value)
		case s.ValidTo != 0 && s.ValidTo <= s.ValidFrom:
			return fault(field("valid_to"), "%s is not after valid_from %s", "valid_to is the first day on which it is true no more", s.ValidTo, s.ValidFrom)
		}
	}
	return nil
}

func checkMonths(months []MonthAmount) error {
	if len(months) == 0 {
		return fault("months", "there are none", "give the amount for each benefit month")
	}
	for _, m := range months {
		if err := checkMoney(m.Month, m.Amount); err != nil {
			return err
		}
	}
	return nil
}

// identity is the personal data of one person, who must lie in the event
// itself: what is opened is put there.
func identity(path string, p *Person) []domain.PrivateField {
	at := fmt.Sprintf("%s[%s]", path, p.ID)
	return []domain.PrivateField{{Path: at + ".name", Data: &p.Name}, {Path: at + ".id_number", Data: &p.IDNumber}}
}
