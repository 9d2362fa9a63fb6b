package documents

import (
	"slices"
	"strconv"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/names"
)

// A CaseFile is a case as it was known by the end of a day: its state and the
// events that were on record then, opened as far as the reader may.
type CaseFile struct {
	AsOf    domain.Day // none: as it stands
	State   *eligibility.Case
	Entries []Entry
	Titles  map[string]domain.Text // what the case's pack calls its facts, by name
}

// An Entry is one event of a case with its place on record.
type Entry struct {
	domain.Envelope
	Event eligibility.Event
}

// Case is the state of a case for the screen: who, what was decided, paid and
// found, and the list of events.
func Case(f CaseFile, lang string) Document {
	d := caseOf(f, lang, "case title")
	t := teller{lang: lang}
	rows := make([][]string, len(f.Entries))
	for i, e := range f.Entries {
		rows[i] = []string{strconv.FormatInt(e.Revision, 10), e.KnownOn().String(), t.in(names.Event(e.Type)), e.Actor.Office + " " + e.Actor.Person, t.grade(e)}
	}
	d.grid(t.t("events"), []Column{{Head: "#", Right: true}, {Head: t.t("on record")}, {Head: t.t("event"), Narrow: 30}, {Head: t.t("by"), Narrow: 30}, {Head: t.t("proof")}}, rows)
	return d
}

// History is the paper that tells a case from its first event to its last,
// with everything that each of them says.
func History(f CaseFile, lang string) Document {
	d := caseOf(f, lang, "history title")
	t := teller{lang: lang}
	rows := make([][]string, len(f.Entries))
	for i, e := range f.Entries {
		says := Details(e.Event, lang, f.Titles)
		if day := eligibility.DayOf(e.Event); day != e.KnownOn() {
			says = t.t("day") + " " + day.String() + orNothing(says != "", t.t("clause separator")+says)
		}
		rows[i] = []string{strconv.FormatInt(e.Revision, 10), e.KnownOn().String(), t.in(names.Event(e.Type)), e.Actor.Office + " " + e.Actor.Person, says, t.grade(e)}
	}
	d.grid(t.t("events"), []Column{{Head: "#", Right: true}, {Head: t.t("on record")}, {Head: t.t("event"), Weight: 2, Narrow: 24}, {Head: t.t("by"), Weight: 2, Narrow: 20},
		{Head: t.t("says"), Weight: 6, Narrow: 40}, {Head: t.t("proof")}}, rows)
	d.add(Note, t.t("history note"))
	return d
}

func (t teller) grade(e Entry) string {
	if e.Claimed == nil {
		return ""
	}
	return t.t("grade", e.Claimed.Grade)
}

// caseOf is what both papers of a case begin with.
func caseOf(f CaseFile, lang, title string) Document {
	t := teller{lang: lang, titles: f.Titles}
	c := f.State
	people, address := household(f.Entries)
	state := t.t("open")
	if c.Closed {
		state = t.t("closed")
	}
	d := Document{Lang: lang, Title: t.t(title), Day: domain.DayOf(c.Last.RecordedAt.Time)}
	asOf := ""
	if f.AsOf != 0 {
		asOf, d.Day = f.AsOf.String(), f.AsOf
	}
	d.Head = []Pair{{t.t("case"), c.ID}, {t.t("as of"), asOf}, {t.t("programme"), t.in(names.Of("programme", c.Programme))}, {t.t("pack"), c.Pack},
		{t.t("office"), c.Office}, {t.t("opened"), c.Opened.Day.String()}, {t.t("address"), t.personal(address)}, {t.t("state"), state}}
	t.members(&d, people, c.Applicant)
	t.decisions(&d, c)
	t.money(&d, c)
	t.facts(&d, c)
	return d
}

// household gathers who belongs to the case, and where it lives.
func household(entries []Entry) (people []eligibility.Person, address domain.Private) {
	for _, e := range entries {
		switch e := e.Event.(type) {
		case *eligibility.CaseOpened:
			people, address = append(people, e.Members...), e.Address
		case *eligibility.MemberJoined:
			people = append(people, e.Member)
		}
	}
	return people, address
}

func (t teller) members(d *Document, people []eligibility.Person, applicant string) {
	rows := make([][]string, len(people))
	for i, p := range people {
		rows[i] = []string{p.ID, t.in(names.Of("relation", p.Relation)), t.personal(p.Name), t.personal(p.IDNumber), orNothing(p.ID == applicant, t.t("applicant"))}
	}
	d.grid(t.t("members"), []Column{{Head: t.t("pseudonym"), Narrow: 20}, {Head: t.t("relation")}, {Head: t.t("name"), Narrow: 20}, {Head: t.t("id number")}, {Head: t.t("remark")}}, rows)
}

func (t teller) decisions(d *Document, c *eligibility.Case) {
	rows := make([][]string, len(c.Decisions))
	for i, x := range c.Decisions {
		until := t.t("until further")
		if x.Until != 0 {
			until = x.Until.String()
		}
		from := orNothing(x.From != 0, x.From.String())
		rows[i] = []string{x.At.Day.String(), t.in(names.Of("result", string(x.Outcome))), x.Amount.Yuan(), from, until, x.At.Actor.Person}
	}
	d.grid(t.t("decisions"), []Column{{Head: t.t("day")}, {Head: t.t("result")}, {Head: t.t("yuan a month"), Right: true}, {Head: t.t("from month")}, {Head: t.t("until month")}, {Head: t.t("by"), Narrow: 20}}, rows)
}

// money lists what was paid, recovered and paid back. Months with the same
// amount stand in one row.
func (t teller) money(d *Document, c *eligibility.Case) {
	var rows [][]string
	for _, kind := range []struct {
		key  string
		list []eligibility.Money
	}{{"money paid", c.Payments}, {"money recovered", c.Recovered}, {"money back-paid", c.BackPaid}} {
		for _, r := range runs(kind.list) {
			rows = append(rows, []string{t.t(kind.key), t.months(r.first, r.last), r.amount.Yuan()})
		}
	}
	d.grid(t.t("payments"), []Column{{Head: t.t("kind")}, {Head: t.t("month")}, {Head: t.t("yuan a month"), Right: true}}, rows)
}

// facts lists every statement on record, also those that others outrank: which
// of them wins is for the rules, and a replay shows it.
func (t teller) facts(d *Document, c *eligibility.Case) {
	rows := make([][]string, len(c.Statements))
	for i, s := range c.Statements {
		rows[i] = []string{t.fact(s.Key()), t.stated(s.Value), t.days(s.ValidFrom, s.ValidTo), t.in(names.Of("source", string(s.Source))), s.Observed.String(), s.At.KnownOn().String()}
	}
	d.grid(t.t("facts"), []Column{{Head: t.t("fact"), Weight: 2, Narrow: 30}, {Head: t.t("value"), Right: true}, {Head: t.t("valid"), Weight: 2, Narrow: 24}, {Head: t.t("source")}, {Head: t.t("observed")}, {Head: t.t("on record")}}, rows)
}

// months writes one month or a stretch of them.
func (t teller) months(first, last domain.Month) string {
	if first == 0 {
		return t.t("no month")
	}
	return t.span(first.String(), last.String())
}

// A monthRun is a stretch of months with the same amount.
type monthRun struct {
	first, last domain.Month
	amount      domain.Fen
}

// runs joins consecutive months with the same amount. What was paid for one
// month in parts counts as one amount.
func runs(list []eligibility.Money) []monthRun {
	sums := map[domain.Month]domain.Fen{}
	var months []domain.Month
	for _, m := range list {
		if _, seen := sums[m.Month]; !seen {
			months = append(months, m.Month)
		}
		sums[m.Month] += m.Amount
	}
	slices.Sort(months)
	var joined []monthRun
	for _, m := range months {
		if n := len(joined); n > 0 && joined[n-1].last+1 == m && joined[n-1].last != 0 && joined[n-1].amount == sums[m] {
			joined[n-1].last = m
			continue
		}
		joined = append(joined, monthRun{m, m, sums[m]})
	}
	return joined
}
