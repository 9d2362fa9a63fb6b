package projections

import (
	"encoding/json"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// noticeRow is one proposal under public notice. It keeps its line when it is
// taken down, with the day, so that the board of a past day can be shown.
type noticeRow struct {
	Event     string `col:"event"` // that posted it
	ID        string `col:"id"`
	Office    string `col:"office"`
	Programme string `col:"programme"`
	Members   int64  `col:"members"` // of the household on that day
	Outcome   string `col:"outcome"` // as proposed
	Amount    int64  `col:"amount"`
	Posted    int64  `col:"posted"`
	Until     int64  `col:"until"`  // last day
	Closed    int64  `col:"closed"` // day; 0: it hangs
}

// rosterRow says that a case receives an amount from one month to another. One
// span for each decision, not a line for each month: a city's roster of ten
// years is a few rows a household.
type rosterRow struct {
	Entry     string `col:"entry"` // event of the decision
	ID        string `col:"id"`
	Office    string `col:"office"`
	Programme string `col:"programme"`
	Members   int64  `col:"members"`
	Amount    int64  `col:"amount"`
	From      int64  `col:"from_month"`
	To        int64  `col:"to_month"` // last month; openMonth while it runs
}

// noticeCaseRow is what the board needs to know of a case between events. The
// newest notice and roster entry are kept whole, to be ended.
type noticeCaseRow struct {
	ID        string `col:"id"`
	Office    string `col:"office"`
	Programme string `col:"programme"`
	People    string `col:"people"`  // pseudonyms, as a JSON list
	Outcome   string `col:"outcome"` // as proposed
	Amount    int64  `col:"amount"`
	Hanging   string `col:"hanging"` // noticeRow that is not closed, as JSON
	Entry     string `col:"entry"`   // newest rosterRow, as JSON
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

// newNotices makes the board.
func newNotices(Options) model {
	return &noticesModel{
		notices: appendedIn[noticeRow]("notices", 1, 0),
		roster:  appendedIn[rosterRow]("roster", 1, 0),
		cases:   keptIn[noticeCaseRow]("notice_cases"),
	}
}

func (m *noticesModel) sets() []set { return []set{&m.notices, &m.roster, &m.cases} }

// boardTypes are the events that the board reads.
var boardTypes = typesOf(eligibility.CaseOpened{}, eligibility.MemberJoined{}, eligibility.MemberLeft{}, eligibility.DeathRecorded{},
	eligibility.InitialOpinion{}, eligibility.PublicNoticePosted{}, eligibility.PublicNoticeClosed{},
	eligibility.DecisionMade{}, eligibility.AmountAdjusted{}, eligibility.ExitDecided{}, eligibility.EmergencyPaid{}, eligibility.RemedyDecided{})

// want names the case of the events that the board reads.
func (m *noticesModel) want(e *event) {
	if boardTypes[e.Type] {
		m.cases.want(e.id)
	}
}

// fold puts on the board only what everybody at the office may see; a notice
// carries the proposal as it was when it was posted.
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
