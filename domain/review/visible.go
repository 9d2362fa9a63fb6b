package review

import (
	"slices"
)

// Who looks at a review: a person at an office in a role.
type Who struct {
	Person string
	Office string
	Role   Role
}

// Sees reports whether somebody may know that the review exists. Who may not
// gets the same answer as for a review that is not there.
func (r *Review) Sees(w Who) bool {
	switch w.Role {
	case Reviewer, Head:
		return w.Office == r.Organ
	case Superior, Auditor:
		return true
	case Bureau:
		// Before acceptance there is nothing for it to give an opinion on, and its
		// own people may be the ones who are looked at.
		return r.AcceptedAt != nil
	case Unit:
		return r.Applicant == w.Person || slices.ContainsFunc(r.Parties, func(p Party) bool { return p.Office == w.Office && r.Concerns(p.Person) })
	case Worker:
		return r.Concerns(w.Person)
	}
	return false
}

// Shown is the log as somebody may read it. The organ, the organ above it, the
// bureau and auditors read the whole file; a worker reads what concerns him,
// and nothing of others, of the verification or of the consultation.
func (r *Review) Shown(w Who) []Entry {
	if !r.Sees(w) {
		return nil
	}
	log := r.Log()
	if w.Role != Worker && w.Role != Unit {
		return log
	}
	own := func(person string) bool {
		if w.Role == Worker {
			return person == w.Person
		}
		p, ok := r.Party(person)
		return ok && p.Office == w.Office
	}
	var shown []Entry
	for _, e := range log {
		if seen, ok := ofPerson(e.Event, own, e.At.Actor.Person == w.Person); ok {
			e.Event = seen
			// What the guards read is not for him, and would tell of other streams.
			e.At.Basis = nil
			shown = append(shown, e)
		}
	}
	return shown
}

// ofPerson is what an event says to the persons it is about, with everybody
// else left out.
func ofPerson(e Event, own func(string) bool, mine bool) (Event, bool) {
	switch e := e.(type) {
	case *Opened:
		c := *e
		c.Parties = slices.DeleteFunc(slices.Clone(e.Parties), func(p Party) bool { return !own(p.Person) })
		return &c, true
	case *Determined:
		c := *e
		c.Collective.Members = nil
		c.Suggestions = slices.DeleteFunc(slices.Clone(e.Suggestions), func(s Suggestion) bool { return !own(s.Person) })
		c.Findings = slices.DeleteFunc(slices.Clone(e.Findings), func(f Result) bool { return !own(f.Person) })
		return &c, true
	case *AppealDecided:
		c := *e
		c.Collective.Members = nil
		return &c, len(e.Findings) == 0 || own(e.Findings[0].Person)
	case *Cited:
		return e, own(e.Person)
	case *Notified:
		return e, own(e.Person)
	case *Heard:
		return e, own(e.Person)
	case *Served:
		return e, own(e.Person)
	case *NameCleared:
		return e, own(e.Person)
	case *Appealed:
		return e, own(e.Person)
	case *CorrectionOrdered:
		return e, own(e.Owner)
	case *SupplementAsked, *SupplementGiven, *Accepted, *NotAccepted, *Withdrawn, *Lapsed, *Filed, *Reopened:
		return e, true
	}
	return e, mine
}
