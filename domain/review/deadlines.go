package review

import (
	"slices"

	"leeway/domain"
)

// Deadline is one limit that a review runs under on a day.
type Deadline struct {
	Step    string        `json:"step"`
	Person  string        `json:"person,omitempty"`
	Due     domain.Day    `json:"due"`
	Done    bool          `json:"done,omitempty"`
	Overdue bool          `json:"overdue,omitempty"`
	Law     bool          `json:"law,omitempty"` // a statute sets it; otherwise configuration, to_verify
	Cites   []domain.Cite `json:"cites,omitempty"`
}

// Deadlines derives every limit of the review as it stands on a day. A passed
// limit is shown; it undoes nothing.
func (r *Review) Deadlines(cal Calendar, l Limits, today domain.Day) []Deadline {
	var list []Deadline
	add := func(d Deadline) {
		d.Overdue = !d.Done && d.Due < today
		list = append(list, d)
	}
	local := func(step string, from domain.Day, n int, done bool) {
		add(Deadline{Step: step, Due: AfterWorkdays(cal, from, n), Done: done})
	}
	s := r.Stage()
	if s == StageNone || s == StageNotAccepted || s == StageWithdrawn || s == StageLapsed {
		return nil
	}
	if r.Asked != nil && len(r.Answered) == 0 && r.AcceptedAt == nil {
		add(Deadline{Step: "supplement", Due: r.Asked.Until})
	} else {
		local("accept", r.Started.Day, l.Accept, r.AcceptedAt != nil)
	}
	if r.AcceptedAt == nil {
		return list
	}
	days := l.Verify
	if r.Extended {
		days += l.Extend
	}
	local("verify", r.AcceptedAt.Day, days, len(r.Opinions) > 0)
	for _, q := range r.Requests {
		add(Deadline{Step: "supply " + q.ID, Due: q.Until, Done: q.Given != nil})
	}
	for _, p := range r.Parties {
		if n, ok := r.Notice(p.Person); ok {
			add(Deadline{Step: "answer", Person: p.Person, Due: n.Until, Done: r.heard(p.Person)})
		}
	}
	if n := len(r.Opinions); n > 0 {
		local("consult", r.Opinions[n-1].At.Day, l.Consult, len(r.Consultations) > 0)
	}
	if n := len(r.Consultations); n > 0 {
		local("determine", r.Consultations[n-1].At.Day, l.Determine, r.Determination != nil)
	}
	r.later(cal, l, add)
	return list
}

// later are the limits from the determination on: service, correction, filing,
// remedies.
func (r *Review) later(cal Calendar, l Limits, add func(Deadline)) {
	for _, c := range r.Corrections {
		add(Deadline{Step: "correct " + c.Order.ID, Person: c.Order.Owner, Due: c.Due, Done: c.DoneAt != nil || c.Accepted != nil})
	}
	if r.Determination == nil {
		return
	}
	last := domain.Day(0)
	for _, p := range r.Parties {
		s, ok := r.ServedOn(p.Person)
		add(Deadline{Step: "serve", Person: p.Person, Due: AfterWorkdays(cal, r.Determination.At.Day, l.Serve), Done: ok})
		if !ok {
			continue
		}
		last = max(last, s.At.Day)
		for _, rem := range r.offered(p.Person) {
			sought := slices.ContainsFunc(r.Appeals, func(a Appeal) bool { return a.Person == p.Person && a.Decision == r.Determination.At.ID })
			add(Deadline{Step: string(rem.Path), Person: p.Person, Due: rem.Until(cal, l, s.At.Day, true), Done: sought, Law: !rem.Local, Cites: rem.Cites})
		}
	}
	if r.servedAll() {
		for _, c := range r.Corrections {
			if c.Accepted != nil {
				last = max(last, c.Accepted.Day)
			}
		}
		add(Deadline{Step: "file", Due: AfterWorkdays(cal, last, l.File), Done: r.FiledAt != nil})
	}
	for _, a := range r.Appeals {
		if rem, ok := remedy(a.Path); ok {
			add(Deadline{Step: "answer " + a.ID, Person: a.Person, Due: rem.DecideBy(l, a.At.Day), Done: a.Decided != nil, Law: !rem.Local, Cites: rem.Cites})
		}
	}
}

// offered are the remedies that the determination names for a person, each once.
func (r *Review) offered(person string) []Remedy {
	var list []Remedy
	for _, f := range r.Determination.Findings {
		if rem, ok := remedy(f.Remedy); ok && f.Person == person && !slices.ContainsFunc(list, func(x Remedy) bool { return x.Path == rem.Path }) {
			list = append(list, rem)
		}
	}
	return list
}
