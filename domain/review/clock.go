package review

import (
	"time"

	"leeway/domain"
)

// Calendar tells working days. A plan of the case's pack is one: which days
// are holidays is data of the pack.
type Calendar interface {
	Workday(d domain.Day) bool
}

// AfterWorkdays is the n-th working day after a day, the day itself for none.
// A calendar that knows hardly any working day ends the search.
func AfterWorkdays(cal Calendar, d domain.Day, n int) domain.Day {
	if n <= 0 {
		return d
	}
	end := d + domain.Day(7*n+60)
	for day := d + 1; day <= end; day++ {
		if cal.Workday(day) {
			n--
		}
		if n == 0 {
			return day
		}
	}
	return end
}

// Terms are what a pack says of the handling of a review on a day: its working
// days, and its whole numbers by the name of their standard.
type Terms interface {
	Calendar
	Whole(standard string) (n int, known bool)
}

// Limits are the local time limits and numbers of a review. None of them is
// law: they are standards of the pack, and to_verify until the office enters
// its own.
type Limits struct {
	Apply      int // working days after notice of the inquiry to apply
	Accept     int // to accept, refuse or return
	Verify     int // to verify
	Extend     int // once, on top
	Answer     int // at least, for the person to answer
	Consult    int // after verification
	Determine  int // after consultation
	Serve      int // after determination
	Correct    int // to finish a correction
	File       int // after service and correction
	Object     int // to object where no statutory remedy lies
	ObjectDays int // days to decide on an objection
	Quorum     int // members of a collective decision
	SameOffice int // years for which having served in the deciding office counts
}

// DefaultLimits are the limits of a pack that states none: design values, each
// to_verify.
func DefaultLimits() Limits {
	return Limits{
		Apply: 10, Accept: 5, Verify: 30, Extend: 15, Answer: 5, Consult: 10, Determine: 10, Serve: 5,
		Correct: 30, File: 10, Object: 10, ObjectDays: 30, Quorum: 3, SameOffice: 3,
	}
}

// LimitsOf are the limits that a pack states, and the default where it states
// none.
func LimitsOf(t Terms) Limits {
	l := DefaultLimits()
	for i, n := range l.numbers() {
		if stated, ok := t.Whole(domain.ReviewStandards[i]); ok {
			*n = stated
		}
	}
	return l
}

// numbers are the limits in the order of domain.ReviewStandards.
func (l *Limits) numbers() []*int {
	return []*int{
		&l.Apply, &l.Accept, &l.Verify, &l.Extend, &l.Answer, &l.Consult, &l.Determine, &l.Serve,
		&l.Correct, &l.File, &l.Object, &l.ObjectDays, &l.Quorum, &l.SameOffice,
	}
}

// Path is a way of remedy.
type Path string

// The paths of remedy (domain.md §1.4).
const (
	Reexamination Path = "reexamination" // 复审, decision by the supervision organ
	HigherReview  Path = "higher_review" // 复核, by the organ above it
	ReReview      Path = "re_review"     // 复核, decision by the employer of a civil servant
	Complaint     Path = "complaint"     // 申诉, after the re-review or directly
	Objection     Path = "objection"     // 异议, where no statutory remedy lies
)

// A Remedy is a path with its clocks. Those with articles are law and not
// configurable.
type Remedy struct {
	Path   Path          `json:"path"`
	Title  domain.Text   `json:"title"`
	Months int           `json:"months,omitempty"` // to apply, from receipt
	Days   int           `json:"days,omitempty"`
	Local  bool          `json:"local,omitempty"` // working days by configuration
	After  Path          `json:"after,omitempty"` // of which it reviews the result
	Direct int           `json:"direct,omitempty"`
	Decide int           `json:"decide"` // days to decide, months as 0 with DecideMonths
	Month  int           `json:"decide_months,omitempty"`
	Longer int           `json:"longer,omitempty"` // days by which deciding may be extended
	Cites  []domain.Cite `json:"cites"`
}

var remedies = []Remedy{
	{Path: Reexamination, Title: domain.Text{ZH: "向原监察机关申请复审", EN: "re-examination by the supervision organ"}, Months: 1, Month: 1,
		Cites: []domain.Cite{statute(lsv18, "第49条"), statute(lsv24, "第56条")}},
	{Path: HigherReview, Title: domain.Text{ZH: "向上一级监察机关申请复核", EN: "review by the supervision organ above"}, Months: 1, Month: 2, After: Reexamination,
		Cites: []domain.Cite{statute(lsv18, "第49条"), statute(lsv24, "第56条"), statute(lps, "第55条、第56条")}},
	{Path: ReReview, Title: domain.Text{ZH: "向原处理机关申请复核", EN: "re-review by the deciding employer"}, Days: 30, Decide: 30,
		Cites: []domain.Cite{statute(lcs, "第95条、第96条")}},
	{Path: Complaint, Title: domain.Text{ZH: "提出申诉", EN: "complaint to the organ above"}, Days: 15, After: ReReview, Direct: 30, Decide: 60, Longer: 30,
		Cites: []domain.Cite{statute(lcs, "第95条、第96条")}},
	{Path: Objection, Title: domain.Text{ZH: "向认定机关提出异议", EN: "objection to the determining organ"}, Local: true,
		Cites: []domain.Cite{design("非处分的认定没有法定期限，采用本地异议期", "no statutory clock for what is no sanction; a local window")}},
}

// Remedies is the table of remedies.
func Remedies() []Remedy { return append([]Remedy(nil), remedies...) }

func remedy(p Path) (Remedy, bool) {
	for _, r := range remedies {
		if r.Path == p {
			return r, true
		}
	}
	return Remedy{}, false
}

// Until is the last day to seek the remedy for who got the paper on a day.
// Direct says that no earlier remedy was sought. A last day that is no working
// day moves to the next working day: an assumption in the person's favour, to
// be verified.
func (r Remedy) Until(cal Calendar, l Limits, received domain.Day, direct bool) domain.Day {
	var last domain.Day
	switch {
	case r.Local:
		return AfterWorkdays(cal, received, l.Object)
	case r.Months > 0:
		last = plusMonths(received, r.Months)
	case direct && r.Direct > 0:
		last = received + domain.Day(r.Direct)
	default:
		last = received + domain.Day(r.Days)
	}
	return AfterWorkdays(cal, last-1, 1)
}

// DecideBy is the day by which an answer is due.
func (r Remedy) DecideBy(l Limits, sought domain.Day) domain.Day {
	switch {
	case r.Local:
		return sought + domain.Day(l.ObjectDays)
	case r.Month > 0:
		return plusMonths(sought, r.Month)
	}
	return sought + domain.Day(r.Decide)
}

// A month that has no such day ends the clock on its last.
//
// plusMonths is the same day of a later month, or its last day.
func plusMonths(d domain.Day, n int) domain.Day {
	t := d.Start()
	m := domain.MonthOf(t.Year(), t.Month()) + domain.Month(n)
	same := m.First() + domain.Day(t.Day()-1)
	return min(same, m.Last())
}

// minusYears is the same day some years before.
func minusYears(d domain.Day, n int) domain.Day {
	t := d.Start()
	return domain.Date(t.Year()-n, time.Month(t.Month()), t.Day())
}
