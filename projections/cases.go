package projections

import (
	"cmp"

	"leeway/domain/eligibility"
)

// caseRow is one line of the case register. It is folded from what everybody
// at the handling office may see. Payments do not touch it: they come every
// month for every case, and the register would be written anew each time.
type caseRow struct {
	ID        string `col:"id"`
	Programme string `col:"programme"`
	Pack      string `col:"pack"`
	Office    string `col:"office"`
	Opened    int64  `col:"opened"`     // day
	Stage     string `col:"stage"`      // as stages says, or the outcome of the newest decision
	Amount    int64  `col:"amount"`     // of that decision, fen a month
	From      int64  `col:"from_month"` // first benefit month of it
	To        int64  `col:"to_month"`   // last one; 0: until the next decision
	Decided   int64  `col:"decided"`    // day
	Unsigned  int64  `col:"unsigned"`   // the newest survey was not signed
	NoData    int64  `col:"no_data"`    // answers of sources that hold nothing
	Imported  int64  `col:"imported"`   // at least in part
	Touched   int64  `col:"touched"`    // day of the newest step of handling
}

// casesModel is the case register: what the handling office may see of each
// case, and no more.
type casesModel struct{ cases kept[caseRow] }

// newCases makes the case register.
func newCases(Options) model {
	return &casesModel{keptIn[caseRow]("cases")}
}

func (m *casesModel) sets() []set { return []set{&m.cases} }

// want names the case of every event but payments.
func (m *casesModel) want(e *event) {
	if e.caseEvent() != nil && !payments[e.Type] {
		m.cases.want(e.id)
	}
}

// fold takes the office from the opening, for what may be seen depends on it;
// everything else it takes only from events that the office may see.
func (m *casesModel) fold(e *event) {
	if e.caseEvent() == nil || payments[e.Type] {
		return
	}
	r := m.cases.get(e.id)
	if o, ok := e.body.(*eligibility.CaseOpened); ok {
		r.ID, r.Programme, r.Pack, r.Office, r.Opened = e.id, o.Programme, o.Pack, o.Office, int64(o.Day)
	}
	if !e.shownTo(r.Office) || r.ID == "" {
		return
	}
	r.Imported |= yes(e.Claimed != nil)
	if e.handling() {
		r.Touched = max(r.Touched, int64(e.day()))
	}
	if s, ok := stages[e.Type]; ok {
		r.Stage = s
	}
	r.see(e)
}

// see folds what single events say.
func (r *caseRow) see(e *event) {
	switch b := e.body.(type) {
	case *eligibility.HouseholdSurveyed:
		r.Unsigned = yes(!b.Signed)
	case *eligibility.InfoCheckReturned:
		r.NoData += yes(b.NoData)
	case *eligibility.DecisionMade:
		r.decide(e, string(b.Outcome), int64(b.Amount), int64(b.From), int64(b.Until))
	case *eligibility.EmergencyPaid:
		r.decide(e, string(eligibility.Granted), int64(b.Amount), int64(b.Month), int64(b.Month))
	case *eligibility.AmountAdjusted:
		r.decide(e, string(eligibility.Granted), int64(b.Amount), int64(b.From), 0)
	case *eligibility.ExitDecided:
		r.decide(e, string(eligibility.Stopped), 0, int64(b.From), 0)
	case *eligibility.RemedyDecided:
		if !b.Upheld {
			r.decide(e, string(eligibility.Granted), int64(b.Amount), int64(b.From), 0)
		}
	}
}

// decide puts a decision in the place of the one before. A later event stands,
// whatever day it names: the record is in the order of its commits.
func (r *caseRow) decide(e *event, stage string, amount, from, to int64) {
	r.Stage, r.Amount, r.From, r.To, r.Decided = stage, amount, from, to, int64(e.day())
}

// stages says where a case stands after an event; decisions say so themselves.
var stages = map[string]string{
	eligibility.CaseOpened{}.EventType():             "opened",
	eligibility.ApplicationSubmitted{}.EventType():   "applied",
	eligibility.ApplicationAccepted{}.EventType():    "accepted",
	eligibility.ApplicationNotAccepted{}.EventType(): "not_accepted",
	eligibility.ApplicationWithdrawn{}.EventType():   "withdrawn",
	eligibility.HouseholdSurveyed{}.EventType():      "surveyed",
	eligibility.InitialOpinion{}.EventType():         "proposed",
	eligibility.PublicNoticePosted{}.EventType():     "on_notice",
	eligibility.SubmittedToCounty{}.EventType():      "submitted",
	eligibility.CaseClosed{}.EventType():             "closed",
}

// caseloadRow says who handles a case. The worker is whoever took the newest
// step of handling at the case's own office.
type caseloadRow struct {
	ID      string `col:"id"`
	Office  string `col:"office"`
	Person  string `col:"person"`
	Post    string `col:"post"`
	Open    int64  `col:"open"`    // not closed
	Running int64  `col:"running"` // a benefit runs
	Members int64  `col:"members"`
	People  string `col:"people"` // pseudonyms, as a JSON list
}

// caseloadModel is who handles which case. It changes with the handling of a
// case, so a month of payments writes nothing.
type caseloadModel struct{ cases kept[caseloadRow] }

// newCaseload makes the caseload.
func newCaseload(Options) model {
	return &caseloadModel{keptIn[caseloadRow]("caseload")}
}

func (m *caseloadModel) sets() []set { return []set{&m.cases} }

// want names the case where its load may change.
func (m *caseloadModel) want(e *event) {
	if loads(e) {
		m.cases.want(e.id)
	}
}

// loads reports whether an event can change who handles a case or how many
// live on it.
func loads(e *event) bool { return e.handling() || e.Type == eligibility.RemedyDecided{}.EventType() }

// fold counts a case for whoever handled it last. An approval at another
// office, a payment or a discovery makes nobody its worker.
func (m *caseloadModel) fold(e *event) {
	if !loads(e) {
		return
	}
	r := m.cases.get(e.id)
	if o, ok := e.body.(*eligibility.CaseOpened); ok {
		r.ID, r.Office, r.Open = e.id, o.Office, 1
	}
	if !e.shownTo(r.Office) || r.ID == "" {
		return
	}
	if people, ok := household(r.People, e.caseEvent()); ok {
		r.People, r.Members = people, size(people)
	}
	if e.handling() && e.Actor.Office == r.Office {
		r.Person, r.Post = e.Actor.Person, e.Actor.Post
	}
	switch b := e.body.(type) {
	case *eligibility.DecisionMade:
		r.Running = yes(b.Outcome == eligibility.Granted)
	case *eligibility.AmountAdjusted:
		r.Running = yes(b.Amount > 0)
	case *eligibility.RemedyDecided:
		if !b.Upheld {
			r.Running = yes(b.Amount > 0)
		}
	case *eligibility.ExitDecided:
		r.Running = 0
	case *eligibility.CaseClosed:
		r.Running, r.Open = 0, 0
	}
}

// recheckRow is when a case is to be looked at again.
type recheckRow struct {
	ID     string `col:"id"`
	Office string `col:"office"`
	Due    int64  `col:"due"`   // day; 0: nothing is due
	Class  string `col:"class"` // A, B, C
	Done   int64  `col:"done"`  // day of the newest re-check
}

// rechecksModel is the calendar of re-checks: one row for each case, also for
// those with nothing due, so that a re-check that was set and done and set
// again is one row all the time.
type rechecksModel struct{ cases kept[recheckRow] }

// newRechecks makes the calendar.
func newRechecks(Options) model {
	return &rechecksModel{keptIn[recheckRow]("rechecks")}
}

func (m *rechecksModel) sets() []set { return []set{&m.cases} }

// asked is the day on which the rules ask for the next re-check; 0 where they
// were not asked.
func asked(a *eligibility.Advice) int64 {
	if a == nil {
		return 0
	}
	return int64(a.Recheck)
}

// recheckTypes are the events that the calendar reads.
var recheckTypes = typesOf(eligibility.CaseOpened{}, eligibility.DecisionMade{}, eligibility.ReverificationDue{}, eligibility.ReverificationDone{},
	eligibility.ExitDecided{}, eligibility.CaseClosed{})

// want names the case of the events that the calendar reads.
func (m *rechecksModel) want(e *event) {
	if recheckTypes[e.Type] {
		m.cases.want(e.id)
	}
}

// fold sets what is due next: as the rules said when it was recorded, or the
// earlier day that somebody set. History that was entered later has no word of
// the rules: there a re-check that was done takes the day away until another one
// is set. A benefit that has ended needs none.
func (m *rechecksModel) fold(e *event) {
	if !recheckTypes[e.Type] || e.caseEvent() == nil {
		return
	}
	r := m.cases.get(e.id)
	if o, ok := e.body.(*eligibility.CaseOpened); ok {
		r.ID, r.Office = e.id, o.Office
	}
	if !e.shownTo(r.Office) || r.ID == "" {
		return
	}
	switch b := e.body.(type) {
	case *eligibility.DecisionMade:
		if due := asked(b.Advice); due != 0 {
			r.Due = due
		}
	case *eligibility.ReverificationDue:
		if r.Due = asked(b.Advice); r.Due == 0 || b.Due != 0 && int64(b.Due) < r.Due {
			r.Due = int64(b.Due)
		}
		r.Class = cmp.Or(b.Class, r.Class)
	case *eligibility.ReverificationDone:
		r.Due, r.Done = asked(b.Advice), int64(b.Day)
	case *eligibility.ExitDecided, *eligibility.CaseClosed:
		r.Due = 0
	}
}
