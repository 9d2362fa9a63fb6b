package projections

import (
	"encoding/json"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// noticeRow is one proposal under public notice.
type noticeRow struct {
	Event, ID, Office, Programme string
	Members                      int64
	Outcome                      string
	Amount, Posted, Until        int64
	Closed                       int64
}

// rosterRow says that a case receives an amount from one month to another.
type rosterRow struct {
	Entry, ID, Office, Programme string
	Members, Amount, From, To    int64
}

// noticeCaseRow is what the board needs to know of a case between events. The
// newest notice and roster entry are kept whole, to be ended.
type noticeCaseRow struct {
	ID, Office, Programme, People string
	Outcome                       string
	Amount                        int64
	Hanging, Entry                string
}

// openMonth is the last month of what runs on.
var openMonth = int64(domain.MonthOf(9999, 12))

// noticesModel is the public board 公示: proposals before approval, and month by
// month who receives what. A line shows the case by its pseudonym, the number
// of people and the amount, and nothing of who they are or why.
type noticesModel struct {
	notices appended[noticeRow]
	roster  appended[rosterRow]
	cases   kept[noticeCaseRow]
}

func newNotices(Options) model {
	return &noticesModel{
		notices: appended[noticeRow]{
			table: table{"notices", []string{"event", "id", "office", "programme", "members", "outcome", "amount", "posted", "until", "closed"}, 1, 0},
			order: func(a, b noticeRow) int { return strings.Compare(a.Event, b.Event) },
			fields: func(r *noticeRow) []any {
				return []any{&r.Event, &r.ID, &r.Office, &r.Programme, &r.Members, &r.Outcome, &r.Amount, &r.Posted, &r.Until, &r.Closed}
			},
		},
		roster: appended[rosterRow]{
			table: table{"roster", []string{"entry", "id", "office", "programme", "members", "amount", "from_month", "to_month"}, 1, 0},
			order: func(a, b rosterRow) int { return strings.Compare(a.Entry, b.Entry) },
			fields: func(r *rosterRow) []any {
				return []any{&r.Entry, &r.ID, &r.Office, &r.Programme, &r.Members, &r.Amount, &r.From, &r.To}
			},
		},
		cases: kept[noticeCaseRow]{
			table: table{"notice_cases", []string{"id", "office", "programme", "people", "outcome", "amount", "hanging", "entry"}, 1, 0},
			key:   func(r noticeCaseRow) string { return r.ID },
			fields: func(r *noticeCaseRow) []any {
				return []any{&r.ID, &r.Office, &r.Programme, &r.People, &r.Outcome, &r.Amount, &r.Hanging, &r.Entry}
			},
		},
	}
}

func (m *noticesModel) sets() []set { return []set{&m.notices, &m.roster, &m.cases} }

// boardTypes are the events that the board reads.
var boardTypes = typesOf(eligibility.CaseOpened{}, eligibility.MemberJoined{}, eligibility.MemberLeft{}, eligibility.DeathRecorded{},
	eligibility.InitialOpinion{}, eligibility.PublicNoticePosted{}, eligibility.PublicNoticeClosed{},
	eligibility.DecisionMade{}, eligibility.AmountAdjusted{}, eligibility.ExitDecided{}, eligibility.EmergencyPaid{}, eligibility.RemedyDecided{})

func (m *noticesModel) want(e *event) {
	if boardTypes[e.Type] {
		m.cases.want(e.id)
	}
}

func (m *noticesModel) fold(e *event) {
	if !boardTypes[e.Type] || e.caseEvent() == nil {
		return
	}
	r := m.cases.get(e.id)
	if o, ok := e.body.(*eligibility.CaseOpened); ok {
		r.ID, r.Office, r.Programme = e.id, o.Office, o.Programme
	}
	if !e.shownTo(r.Office) || r.ID == "" {
		return
	}
	r.People, _ = household(r.People, e.caseEvent())
	switch b := e.body.(type) {
	case *eligibility.InitialOpinion:
		r.Outcome, r.Amount = string(b.Outcome), int64(b.Amount)
	case *eligibility.PublicNoticePosted:
		n := noticeRow{Event: e.ID, ID: e.id, Office: r.Office, Programme: r.Programme, Members: size(r.People),
			Outcome: r.Outcome, Amount: r.Amount, Posted: int64(b.Day), Until: int64(b.Until)}
		m.notices.add(n)
		r.Hanging = toJSON(n)
	case *eligibility.PublicNoticeClosed:
		m.close(r, int64(b.Day))
	}
	if d, ok := decisionOf(e.caseEvent()); ok {
		m.enter(r, e.ID, d)
	}
}

// close takes the hanging notice down.
func (m *noticesModel) close(r *noticeCaseRow, day int64) {
	var n noticeRow
	if r.Hanging == "" || json.Unmarshal([]byte(r.Hanging), &n) != nil {
		return
	}
	n.Closed = day
	m.notices.add(n)
	r.Hanging = ""
}

// enter writes a decision into the roster: what ran before ends with the month
// in front of it.
func (m *noticesModel) enter(r *noticeCaseRow, event string, d eligibility.Decision) {
	var last rosterRow
	if r.Entry != "" && json.Unmarshal([]byte(r.Entry), &last) == nil && last.To >= int64(d.From) {
		last.To = int64(d.From) - 1
		m.roster.add(last)
		r.Entry = ""
	}
	if d.Amount == 0 || d.Outcome == eligibility.Refused {
		return
	}
	next := rosterRow{Entry: event, ID: r.ID, Office: r.Office, Programme: r.Programme, Members: size(r.People),
		Amount: int64(d.Amount), From: int64(d.From), To: int64(d.Until)}
	if next.To == 0 {
		next.To = openMonth
	}
	m.roster.add(next)
	r.Entry = toJSON(next)
}
