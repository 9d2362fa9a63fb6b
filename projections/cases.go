package projections

import (
	"leeway/domain/eligibility"
)

// caseRow is one line of the case register.
type caseRow struct {
	ID, Programme, Pack, Office string
	Opened                      int64
	Stage                       string
	Amount, From, To            int64
	Decided                     int64
	Unsigned, NoData, Imported  int64
	Touched                     int64
}

// casesModel is the case register: what the handling office may see of each
// case, and no more.
type casesModel struct{ cases kept[caseRow] }

func newCases(Options) model {
	return &casesModel{kept[caseRow]{
		table: table{"cases", []string{"id", "programme", "pack", "office", "opened", "stage", "amount", "from_month", "to_month",
			"decided", "unsigned", "no_data", "imported", "touched"}, 1, 0},
		key: func(r caseRow) string { return r.ID },
		fields: func(r *caseRow) []any {
			return []any{&r.ID, &r.Programme, &r.Pack, &r.Office, &r.Opened, &r.Stage, &r.Amount, &r.From, &r.To,
				&r.Decided, &r.Unsigned, &r.NoData, &r.Imported, &r.Touched}
		},
	}}
}

func (m *casesModel) sets() []set { return []set{&m.cases} }

func (m *casesModel) want(e *event) {
	if e.caseEvent() != nil && !payments[e.Type] {
		m.cases.want(e.id)
	}
}

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
	ID, Office, Person, Post string
	Open, Running, Members   int64
	People                   string
}

type caseloadModel struct{ cases kept[caseloadRow] }

func newCaseload(Options) model {
	return &caseloadModel{kept[caseloadRow]{
		table: table{"caseload", []string{"id", "office", "person", "post", "open", "running", "members", "people"}, 1, 0},
		key:   func(r caseloadRow) string { return r.ID },
		fields: func(r *caseloadRow) []any {
			return []any{&r.ID, &r.Office, &r.Person, &r.Post, &r.Open, &r.Running, &r.Members, &r.People}
		},
	}}
}

func (m *caseloadModel) sets() []set { return []set{&m.cases} }

func (m *caseloadModel) want(e *event) {
	if loads(e) {
		m.cases.want(e.id)
	}
}

// loads reports whether an event can change who handles a case or how many
// live on it.
func loads(e *event) bool { return e.handling() || e.Type == eligibility.RemedyDecided{}.EventType() }

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
	ID, Office string
	Due        int64
	Class      string
	Done       int64
}

type rechecksModel struct{ cases kept[recheckRow] }

func newRechecks(Options) model {
	return &rechecksModel{kept[recheckRow]{
		table:  table{"rechecks", []string{"id", "office", "due", "class", "done"}, 1, 0},
		key:    func(r recheckRow) string { return r.ID },
		fields: func(r *recheckRow) []any { return []any{&r.ID, &r.Office, &r.Due, &r.Class, &r.Done} },
	}}
}

func (m *rechecksModel) sets() []set { return []set{&m.cases} }

// recheckTypes are the events that the calendar reads.
var recheckTypes = typesOf(eligibility.CaseOpened{}, eligibility.ReverificationDue{}, eligibility.ReverificationDone{},
	eligibility.ExitDecided{}, eligibility.CaseClosed{})

func (m *rechecksModel) want(e *event) {
	if recheckTypes[e.Type] {
		m.cases.want(e.id)
	}
}

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
	case *eligibility.ReverificationDue:
		r.Due, r.Class = int64(b.Due), b.Class
	case *eligibility.ReverificationDone:
		r.Due, r.Done = 0, int64(b.Day)
	case *eligibility.ExitDecided, *eligibility.CaseClosed:
		r.Due = 0
	}
}
