package privacy

import (
	"regexp"
	"slices"

	"leeway/domain"
)

// A Hold is why data must be kept: shredding is refused while there is one.
type Hold struct {
	Kind  string     `json:"kind"`
	Until domain.Day `json:"until,omitzero"` // first day without it, where known
}

// The kinds of holds. Proceeding does not say which: a review or a clue may be
// one of which the asker must not know.
const (
	NotClosed  = "not_closed" // the case is open
	Retention  = "retention"  // the retention period runs
	RemedyOpen = "remedy"     // reconsideration, suit or objection without a result
	MoneyOpen  = "money"      // an overpayment is not recovered, or a back payment not made
	Proceeding = "proceeding" // a review, a correction, an appeal or a clue
)

// CaseFacts is what of a case decides whether its data must be kept.
type CaseFacts struct {
	Closed   bool
	Last     domain.Day // on which anything happened in it
	Remedies int        // open
	Money    bool       // open
	Others   bool       // a proceeding is open
}

// Holds lists what is in the way of shredding on a day: the case is open, its
// retention of whole years after the last thing that happened in it runs, or
// something about it is open.
func (c CaseFacts) Holds(years int, today domain.Day) []Hold {
	var list []Hold
	if !c.Closed {
		list = append(list, Hold{Kind: NotClosed})
	}
	if until := yearsAfter(c.Last, years); today < until {
		list = append(list, Hold{Retention, until})
	}
	for kind, open := range map[string]bool{RemedyOpen: c.Remedies > 0, MoneyOpen: c.Money, Proceeding: c.Others} {
		if open {
			list = append(list, Hold{Kind: kind})
		}
	}
	slices.SortFunc(list, func(a, b Hold) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) })
	return list
}

var order = []string{NotClosed, Retention, RemedyOpen, MoneyOpen, Proceeding}

// A Held is a refusal that names every hold. It wraps domain.ErrRefused.
type Held struct{ Holds []Hold }

// Error names the kinds.
func (h *Held) Error() string {
	p := h.Parts()
	return domain.ErrRefused.Error() + ": " + p.Wrong.String() + "; " + p.Mend.String()
}

// Unwrap makes every Held a domain.ErrRefused.
func (*Held) Unwrap() error { return domain.ErrRefused }

// Parts are what it says to users.
func (h *Held) Parts() domain.Parts {
	var why domain.Several
	for _, hold := range h.Holds {
		switch hold.Kind {
		case NotClosed:
			why = append(why, domain.Say("the case is not closed"))
		case Retention:
			why = append(why, domain.Say("the retention period runs to %s", hold.Until-1))
		case RemedyOpen:
			why = append(why, domain.Say("a remedy is open"))
		case MoneyOpen:
			why = append(why, domain.Say("money is to be recovered or paid back"))
		default:
			why = append(why, domain.Say("a proceeding is open"))
		}
	}
	return domain.Parts{Wrong: domain.Say("the data must be kept: %s", why), Mend: domain.Say("restrict it instead; shred it when nothing holds it any more")}
}

// Situation is what a decision rests on beside the file.
type Situation struct {
	Actor domain.Actor
	As    Role
	Today domain.Day
	Known bool   // the case has sealed data of the person
	Apart bool   // it is of a clue
	Holds []Hold // against shredding
}

// A Command asks for a change of the file.
type Command interface{ Decide(*File) ([]Event, error) }

// Ask asks for an act on a person's data.
type Ask struct {
	Situation
	Subject  string
	Act      Act
	Ground   Ground
	Document string
}

// document is a number of a paper: short, and nothing that could be the number
// of a person.
var (
	document = regexp.MustCompile(`^[^\x00-\x1f]{1,60}$`)
	longNum  = regexp.MustCompile(`[0-9]{11}`)
)

// Decide refuses what nobody may ask for, or what the state does not allow.
// The same person's same open request again adds nothing.
func (cmd Ask) Decide(f *File) ([]Event, error) {
	s := f.Subject(cmd.Subject)
	switch {
	case !slices.Contains(Acts(), cmd.Act):
		return nil, domain.NewFault("act", "“%s” is none of them", "one of: %[2]s", string(cmd.Act), domain.Names(Acts()))
	case !slices.Contains(Grounds(cmd.Act), cmd.Ground):
		return nil, domain.NewFault("ground", "“%s” is none of them", "one of: %[2]s", string(cmd.Ground), domain.Names(Grounds(cmd.Act)))
	case !document.MatchString(cmd.Document) || longNum.MatchString(cmd.Document):
		return nil, domain.NewFault("document", "it is empty, too long, or looks like a person's number", "give the number of the paper that orders it, at most 60 characters")
	case !slices.Contains(cmd.askers(cmd.Act), cmd.As):
		return nil, domain.Deny(domain.ErrRefused, "role “%s” may not ask for it", "this is for: %[2]s", cmd.As, domain.Names(cmd.askers(cmd.Act)))
	case !cmd.Known:
		return nil, domain.Deny(domain.ErrNotFound, "case %s has no sealed data of “%s”", "name a pseudonym of the case", f.Case, cmd.Subject)
	}
	if p, open := s.Pending(); open {
		if p.At.Actor.Person == cmd.Actor.Person && p.Act == cmd.Act && p.Ground == cmd.Ground && p.Document == cmd.Document {
			return nil, nil
		}
		return nil, domain.Deny(domain.ErrRefused, "a request by %s waits for an answer", "let it be approved or declined first", p.At.Actor.Person)
	}
	if err := s.allows(cmd.Act, cmd.Situation); err != nil {
		return nil, err
	}
	return []Event{&Asked{By{cmd.Today, cmd.Subject, cmd.As}, cmd.Act, cmd.Ground, cmd.Document}}, nil
}

// allows says whether the state of the data allows an act.
func (s *Subject) allows(a Act, now Situation) error {
	switch {
	case s.State == Shredded:
		return domain.Deny(domain.ErrRefused, "the key was destroyed on %s", "nothing can be done with this data any more", s.By.Answered.Day)
	case a == Restrict && s.State == Restricted:
		return domain.Deny(domain.ErrRefused, "the data is restricted already", "nothing is to be done")
	case (a == Release || a == Inspect) && s.State == Open:
		return domain.Deny(domain.ErrRefused, "the data is not restricted", "nothing is to be done")
	case a == Shred && len(now.Holds) > 0:
		return &Held{now.Holds}
	}
	return nil
}

// Answer approves or declines the open request.
type Answer struct {
	Situation
	Subject string
	Approve bool
}

// Decide refuses an answer by who asked, or by a role that may not. What was
// allowed when it was asked for must still be when it is approved. Who asked
// may decline his own request: he takes it back.
func (cmd Answer) Decide(f *File) ([]Event, error) {
	s := f.Subject(cmd.Subject)
	p, open := s.Pending()
	switch {
	case !open:
		return nil, domain.Deny(domain.ErrRefused, "no request about “%s” waits for an answer", "let somebody ask first", cmd.Subject)
	case !cmd.Approve && p.At.Actor.Person == cmd.Actor.Person:
	case p.At.Actor.Person == cmd.Actor.Person:
		return nil, domain.Deny(domain.ErrRefused, "%s asked for it himself", "another person approves", cmd.Actor.Person)
	case !slices.Contains(cmd.approvers(p.Act), cmd.As):
		return nil, domain.Deny(domain.ErrRefused, "role “%s” may not answer it", "this is for: %[2]s", cmd.As, domain.Names(cmd.approvers(p.Act)))
	case cmd.Approve:
		if err := s.allows(p.Act, cmd.Situation); err != nil {
			return nil, err
		}
	}
	return []Event{&Answered{By{cmd.Today, cmd.Subject, cmd.As}, p.At.ID, cmd.Approve}}, nil
}

// Done records that the vault has destroyed a key, as was decided.
type Done struct {
	Situation
	Subject string
	Key     string
}

// Decide adds nothing where it is on record.
func (cmd Done) Decide(f *File) ([]Event, error) {
	s := f.Subject(cmd.Subject)
	switch {
	case s.State != Shredded:
		return nil, domain.Deny(domain.ErrRefused, "nobody approved that the key of “%s” be destroyed", "let two persons decide it first", cmd.Subject)
	case s.Destroyed.ID != "":
		return nil, nil
	}
	return []Event{&Destroyed{By{cmd.Today, cmd.Subject, s.By.Answered.As}, cmd.Key}}, nil
}

// yearsAfter is the same day of a later year; 29 February leads to 1 March.
func yearsAfter(d domain.Day, years int) domain.Day {
	return domain.DayOf(d.Start().AddDate(years, 0, 0))
}
