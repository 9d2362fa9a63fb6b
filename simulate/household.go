package simulate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// A household is one case while it is made up. Amounts are fen a month.
type household struct {
	id        string
	programme string
	office    int
	pack      string
	members   int
	standard  domain.Fen   // a head, of the day of its decision
	income    domain.Fen   // a head, as declared
	applied   domain.Day   // the first step; every other follows from it
	from, to  domain.Month // first and last benefit month that is paid
	decided   domain.Fen   // what the decision grants
	out       io.Writer
	err       error
	g         *generator
	kind      string

	entitled *domain.Fen                          // what is due of another programme; none: the gap
	declared []domain.Statement                   // for another programme: what is declared
	closes   []string                             // lists that the declaration closes
	course   func(*household, eligibility.Result) // the handling, of another programme
	visited  func(h *household, day domain.Day)   // what else a visit brings
	fails    int                                  // of six tests of self-care
	unknown  bool                                 // what is due cannot be told: the pack has no standard

	unasked string                             // a source that is left out of the check
	owedTo  domain.Month                       // last month of a right; none: as long as it is paid
	found   map[string][]domain.Statement      // what sources answer
	paper   []domain.Statement                 // what a document states
	paid    func(m domain.Month) domain.Fen    // none: what was decided
	before  func(h *household, m domain.Month) // what happens before a month is paid
	after   func(h *household)                 // what comes out in the end
	until   func(h *household) (handled bool)  // another end than a grant
	alone   func(h *household) (told bool)     // the whole history, without an application
	expect  map[domain.Month]map[replay.Class]domain.Fen
}

// gap is what the declared facts give at the standard of the day.
func (h *household) gap() domain.Fen { return domain.Fen(h.members) * (h.standard - h.income) }

// due is what the declared facts give in a month.
func (h *household) due() domain.Fen {
	if h.entitled != nil {
		return *h.entitled
	}
	return h.gap()
}

// household makes up the i-th household of the subsistence allowance.
func (g *generator) household(out io.Writer, i, members int) error {
	h := &household{
		g: g, out: out, id: fmt.Sprintf("Q%06d", i+1), programme: "dibao", office: g.rand.IntN(offices) + 1, pack: "cn-hb-qianjiang", members: members,
		standard: rural, applied: domain.Date(2019, 11, 18), from: domain.MonthOf(2020, 1), to: domain.MonthOf(2020, 12),
		found: map[string][]domain.Statement{}, expect: map[domain.Month]map[replay.Class]domain.Fen{},
		closes: []string{"income", "deposits", "car", "extra_house"}, course: (*household).handle,
	}
	if g.rand.IntN(100) < 22 {
		h.standard = urban
	}
	// Those who came in during the year, by the report's numbers.
	if g.rand.IntN(Households) < NewRural+NewUrban {
		h.applied, h.from = domain.Date(2020, 5, 25), domain.MonthOf(2020, 7)
	}
	h.income = domain.Fen(g.rand.IntN(200)+150) * 100
	return g.finish(h, kinds)
}

// finish plants, tells and counts a case.
func (g *generator) finish(h *household, kinds []kind) error {
	h.kind = g.plant(h, kinds)
	h.write()
	g.totals.Cases++
	g.totals.Persons += h.members
	g.totals.Kinds[h.kind]++
	g.totals.Programmes[h.programme]++
	return h.err
}

// expects notes a difference in every month that is paid from one on.
func (h *household) expects(class replay.Class, amount domain.Fen, from, to domain.Month) {
	for m := from; m <= to; m++ {
		if h.expect[m] == nil {
			h.expect[m] = map[replay.Class]domain.Fen{}
		}
		h.expect[m][class] += amount
	}
}

// write tells the case from the application to what came out in the end.
func (h *household) write() {
	if h.decided == 0 {
		h.decided = h.due()
	}
	if h.alone == nil || !h.alone(h) {
		h.apply()
		if h.until == nil || !h.until(h) {
			h.course(h, eligibility.Granted)
			h.pay()
		}
	}
	if h.after != nil {
		h.after(h)
	}
	if h.programme == "dibao" && h.pack == "cn-hb-qianjiang" && h.standard == rural && h.err == nil {
		h.err = h.g.entitled.Encode(Entitled{h.id, h.from, cmp.Or(h.owedTo, h.to), h.members})
	}
	for _, m := range slices.Sorted(maps.Keys(h.expect)) {
		for _, class := range replay.Order {
			if fen, ok := h.expect[m][class]; ok && h.err == nil {
				h.err = h.g.truth.Encode(Truth{h.id, h.kind, m, class, fen, h.unknown})
				h.g.totals.Planted++
			}
		}
	}
}

// area is where the household lives.
func (h *household) area() domain.Statement {
	code := "rural"
	if h.standard == urban {
		code = "urban"
	}
	return domain.Statement{Subject: domain.Household, Attribute: "area", Value: domain.Code(code)}
}

// apply is the application with the declaration.
func (h *household) apply() {
	h.open()
	declared := h.declared
	if h.programme == "dibao" {
		declared = h.dibaoFacts()
	}
	h.add(h.by(intake), &eligibility.ApplicationSubmitted{Taken: taken(h.applied), By: "m1", Channel: "window"})
	h.add(h.by(intake), &eligibility.DeclarationSigned{On: on(h.applied), By: "m1", Statements: declared, Closes: h.closes})
	h.add(h.by(intake), &eligibility.CheckAuthorised{Taken: taken(h.applied), By: "m1"})
}

// dibaoFacts is where the household lives and what each member has.
func (h *household) dibaoFacts() []domain.Statement {
	facts := []domain.Statement{h.area()}
	for i := range h.members {
		facts = append(facts, h.each(memberID(i), "", h.income))
	}
	return facts
}

// open opens the case with its members.
func (h *household) open() {
	o := &eligibility.CaseOpened{On: on(h.applied), Programme: h.programme, Pack: h.pack, Office: officeID(h.office), Applicant: "m1"}
	for i := range h.members {
		id, relation := fmt.Sprintf("m%d", i+1), "self"
		if i > 0 {
			relation = "child"
		}
		if i == 1 {
			relation = "spouse"
		}
		o.Members = append(o.Members, eligibility.Person{ID: id, Relation: relation})
	}
	h.add(h.by(intake), o)
}

// each is an income of one member.
func (h *household) each(id, item string, fen domain.Fen) domain.Statement {
	return domain.Statement{Subject: id, Attribute: "income", Item: item, Value: domain.Money(fen)}
}

// all is an income that every member has beside what was declared, from before
// the year on.
func (h *household) all(item string, fen domain.Fen, heldBy string) []domain.Statement {
	var list []domain.Statement
	for i := range h.members {
		s := h.each(fmt.Sprintf("m%d", i+1), item, fen)
		s.ValidFrom, s.HeldBy = domain.Date(2019, 1, 1), heldBy
		list = append(list, s)
	}
	return list
}

// handle is everything from the acceptance to the decision, on the days that
// the procedure gives.
func (h *household) handle(outcome eligibility.Result) {
	day := func(n int) domain.Day { return h.applied + domain.Day(n) }
	h.add(h.by(intake), &eligibility.ApplicationAccepted{Taken: taken(day(1))})
	asked := []string{}
	for _, s := range sources {
		if s != h.unasked {
			asked = append(asked, s)
		}
	}
	h.add(h.by(intake), &eligibility.InfoCheckRequested{On: on(day(2)), Sources: asked})
	for _, s := range asked {
		h.add(h.by(intake), &eligibility.InfoCheckReturned{On: on(day(7)), Source: s, AsOf: day(2), NoData: len(h.found[s]) == 0, Statements: h.found[s]})
	}
	if len(h.paper) > 0 {
		h.add(h.by(intake), &eligibility.DocumentReceived{On: on(day(8)), Issuer: "employer", Verified: true, Statements: h.paper})
	}
	h.add(h.by(survey), &eligibility.HouseholdSurveyed{On: on(day(9)), Staff: []string{worker(h.office, intake), worker(h.office, survey)}, Signed: true, Photos: 4, Statements: []domain.Statement{h.area()}})
	if h.visited != nil {
		h.visited(h, day(9))
	}
	if h.programme == "dibao" {
		h.add(h.by(opinion), &eligibility.DemocraticEvaluation{On: on(day(14)), For: 9})
	}
	granted := h.decided
	if outcome == eligibility.Refused {
		granted = 0
	}
	h.add(h.by(opinion), &eligibility.InitialOpinion{On: on(day(17)), Outcome: outcome, Amount: granted})
	h.add(h.by(opinion), &eligibility.PublicNoticePosted{On: on(day(17)), Place: "村务公开栏", Until: day(23)})
	h.add(h.by(opinion), &eligibility.PublicNoticeClosed{Taken: taken(day(24))})
	h.add(h.by(opinion), &eligibility.SubmittedToCounty{Taken: taken(day(24))})
	h.add(bureau("b1", "approval"), &eligibility.DecisionMade{On: on(day(29)), Outcome: outcome, Amount: granted, From: h.from})
	if outcome == eligibility.Granted {
		h.add(bureau("b1", "approval"), &eligibility.DecisionPublished{Taken: taken(day(30))})
	}
}

// pay pays every month: the list on the tenth, the money on the fifteenth.
func (h *household) pay() {
	for m := h.from; m <= h.to; m++ {
		if h.before != nil {
			h.before(h, m)
		}
		amount := h.decided
		if h.paid != nil {
			amount = h.paid(m)
		}
		tenth := m.First() + 9
		h.add(bureau("b2", "payment"), &eligibility.PaymentListApproved{On: on(tenth), Month: m, Amount: h.decided})
		h.add(&domain.Actor{Person: "f1", Office: "finance", Post: "payout"}, &eligibility.BenefitPaid{On: on(tenth + 5), Month: m, Amount: amount, Batch: "P" + m.String()})
		h.g.totals.Paid += amount
	}
}

// discovered is what an inspection finds early in the next year.
func (h *household) discovered(how string, found ...domain.Statement) {
	h.add(bureau("i1", "inspection"), &eligibility.FactsDiscovered{On: on(domain.Date(2021, 1, 12)), How: how, Statements: found})
}

// by is who holds a post of the household's office.
func (h *household) by(post int) *domain.Actor {
	return &domain.Actor{Person: worker(h.office, post), Office: officeID(h.office), Post: posts[post].post}
}

func bureau(person, post string) *domain.Actor {
	return &domain.Actor{Person: person, Office: "bureau", Post: post}
}

func taken(d domain.Day) eligibility.Taken { return eligibility.Taken{On: on(d)} }

// add writes one event of the case.
func (h *household) add(who *domain.Actor, e eligibility.Event) {
	if h.err != nil {
		return
	}
	data, err := json.Marshal(e)
	if err != nil {
		h.err = err
		return
	}
	h.err = line(h.out, casework.FileLine{Case: h.id, Type: e.EventType(), Actor: who, Data: data})
	h.g.totals.Events++
}
