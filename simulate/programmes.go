package simulate

import (
	"fmt"
	"io"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// The other programmes. What the report gives in numbers stands here by its
// numbers; where it gives none, or where the pack knows no standard and a replay
// can say nothing of the amount, a sample stands for the rest.
const (
	ExtremeDifficulty = 1_612 // persons supported in extreme difficulty
	TemporaryHelp     = 2_457 // decisions on temporary assistance in the year
	// Orphans: the report gives 2,704,600 yuan for orphans and unattended children
	// together; that many orphans at home, all year round, would draw it. An
	// assumption.
	Orphans = 163
	// One of so many is made up of the 20,469 records of disability subsidies and
	// of the 23,198 persons with an old-age allowance: the report gives totals and
	// no standard, so that the ledger holds the decisions, and a replay says that
	// the standard is not known.
	sampleOf        = 50
	Disability      = 20_469
	OldAge          = 23_198
	disabilityMonth = 9_718 // fen a month of a record, by the report's total
	oldAgeMonth     = 2_614 // the same of a person
	orphanAtHome    = 138_000
	orphanInHome    = 220_800 // in an institution
)

// careTable is the standard of support by level of care, as the report gives it:
// a table, of which nothing is derived.
var careTable = map[bool][3]domain.Fen{ // urban
	true:  {138_000, 148_000, 220_300},
	false: {93_600, 103_600, 199_000},
}

// A programme makes up so many cases.
type programme struct {
	prefix string
	cases  int
	make   func(*generator, *household)
	kinds  []kind
}

// programmes are all but the subsistence allowance.
var programmes = []programme{
	{"T", ExtremeDifficulty, extremeDifficulty, []kind{
		{"mistyped", 8, mistyped}, {"care-level-mistaken", 12, careMistaken}, {"livelihood-concealed", 8, livelihoodConcealed},
		{"death-known", 6, deathKnown}, {"death-unknown", 6, deathUnknown}, {"refused", 6, refused}, {"exited", 6, exited},
	}},
	{"O", Orphans, orphan, []kind{{"mistyped", 30, mistyped}, {"standard-confused", 40, orphanConfused}, {"refused", 30, refused}}},
	{"L", TemporaryHelp, temporary, []kind{{"mistyped", 10, mistyped}, {"cause-helped-before", 10, helpedBefore}, {"relief-first", 60, reliefFirst}}},
	{"D", Disability / sampleOf, disability, []kind{{"mistyped", 20, mistyped}, {"certificate-expired", 20, certificateExpired}}},
	{"A", OldAge / sampleOf, oldAge, []kind{{"mistyped", 20, mistyped}, {"not-aged", 20, notAged}}},
}

// other makes up the i-th case of another programme.
func (g *generator) other(out io.Writer, p programme, i int) error {
	h := &household{
		g: g, out: out, id: fmt.Sprintf("%s%06d", p.prefix, i+1), office: g.rand.IntN(offices) + 1, pack: "cn-hb-qianjiang", members: 1,
		standard: rural, applied: domain.Date(2019, 11, 18), from: domain.MonthOf(2020, 1), to: domain.MonthOf(2020, 12),
		found: map[string][]domain.Statement{}, expect: map[domain.Month]map[replay.Class]domain.Fen{}, course: (*household).handle,
	}
	if g.rand.IntN(100) < 22 {
		h.standard = urban
	}
	p.make(g, h)
	return g.finish(h, p.kinds)
}

// isDue sets what is due.
func (h *household) isDue(f domain.Fen) { h.entitled = &f }

// nothingDue is paid without any right: nothing is certainly due, also where the
// standard is not known.
func (h *household) nothingDue(paid domain.Fen) {
	h.unknown = false
	h.expects(replay.EWork, paid, h.from, h.to)
}

// of is a statement about the only member.
func of(attribute string, v domain.Value) domain.Statement {
	return domain.Statement{Subject: "m1", Attribute: attribute, Value: v}
}

// extremeDifficulty is an old person without income or anybody who could
// support him, at a level of care that six tests give.
func extremeDifficulty(g *generator, h *household) {
	h.programme = "tekun"
	h.declared = []domain.Statement{h.area(), of("age_band", domain.Code("from_60")), of("disability_grade", domain.Code("none")),
		of("income_source", domain.Bool(false)), of("able_obligor", domain.Bool(false))}
	h.fails = [...]int{0, 0, 0, 0, 0, 1, 2, 3, 4, 6}[g.rand.IntN(10)]
	h.visited = func(h *household, day domain.Day) {
		h.add(h.by(survey), &eligibility.SelfCareAssessed{On: on(day), Member: "m1", Fails: h.fails, Staff: []string{worker(h.office, intake), worker(h.office, survey)}})
	}
	h.isDue(careTable[h.standard == urban][careLevel(h.fails)])
}

// careLevel is able, partly able or unable by how many of six tests are failed.
func careLevel(fails int) int {
	switch {
	case fails == 0:
		return 0
	case fails <= 3:
		return 1
	}
	return 2
}

// careMistaken decides by another level of care than the tests on file give.
func careMistaken(g *generator, h *household) {
	table := careTable[h.standard == urban]
	h.decided = table[(careLevel(h.fails)+1+g.rand.IntN(2))%3]
	h.expects(replay.EWork, h.decided-h.due(), h.from, h.to)
}

// livelihoodConcealed has a livelihood that nobody knows of.
func livelihoodConcealed(_ *generator, h *household) {
	h.after = func(h *household) {
		s := of("income_source", domain.Bool(true))
		s.ValidFrom = domain.Date(2019, 1, 1)
		h.discovered("report", s)
	}
	h.expects(replay.EAppl, h.due(), h.from, h.to)
}

func orphan(g *generator, h *household) {
	h.programme = "orphan"
	mode, due := "scattered", domain.Fen(orphanAtHome)
	if g.rand.IntN(10) < 2 {
		mode, due = "institution", orphanInHome
	}
	h.declared = []domain.Statement{of("age_band", domain.Code("under_16")), of("orphan", domain.Bool(true)), of("care_mode", domain.Code(mode))}
	h.course = (*household).short
	h.isDue(due)
}

// orphanConfused takes the full care of extreme difficulty for the standard of
// an institution, or that of an institution for an orphan at home.
func orphanConfused(_ *generator, h *household) {
	h.decided = careTable[true][2]
	if h.due() == orphanAtHome {
		h.decided = orphanInHome
	}
	h.expects(replay.EWork, h.decided-h.due(), h.from, h.to)
}

// temporary is help once in a month of the year. The pack leaves its limit open:
// a replay can say that there was no right to any, not how much was right.
func temporary(g *generator, h *household) {
	h.programme = "temporary"
	h.from = domain.MonthOf(2020, 1) + domain.Month(g.rand.IntN(12))
	h.to = h.from
	h.applied = h.from.First() - 40
	h.declared = []domain.Statement{h.house("urgency", domain.Code([...]string{"accident", "fire", "illness"}[g.rand.IntN(3)])), h.house("hardship", domain.Bool(true))}
	h.course = (*household).short
	h.isDue(domain.Fen(g.rand.IntN(50)+5) * 10_000)
	h.unknown = true
}

func (h *household) house(attribute string, v domain.Value) domain.Statement {
	return domain.Statement{Subject: domain.Household, Attribute: attribute, Value: v}
}

// helpedBefore is helped again for the cause for which the file says that there
// was help within the year.
func helpedBefore(_ *generator, h *household) {
	h.declared = append(h.declared, h.house("same_cause_helped", domain.Bool(true)))
	h.nothingDue(h.due())
}

// reliefFirst pays in the emergency and makes up for the formalities.
func reliefFirst(_ *generator, h *household) {
	h.declared = append(h.declared, h.house("emergency_first", domain.Bool(true)))
	day := h.from.First() + 3
	h.until = func(h *household) bool {
		h.add(h.by(intake), &eligibility.EmergencyPaid{On: on(day), Month: h.from, Amount: h.due()})
		h.add(h.by(intake), &eligibility.FormalitiesCompleted{Taken: taken(day + 6)})
		h.g.totals.Paid += h.due()
		return true
	}
}

func disability(g *generator, h *household) {
	h.programme = [...]string{"disability_living", "disability_care"}[g.rand.IntN(2)]
	h.declared = []domain.Statement{h.house("roster_kind", domain.Code("dibao")), of("disability_grade", domain.Code("grade_1")), of("certificate_valid", domain.Bool(true)), of("long_term_care", domain.Bool(true))}
	h.course = (*household).short
	h.isDue(disabilityMonth)
	h.unknown = true
}

// certificateExpired pays though the file says that the certificate is not valid.
func certificateExpired(_ *generator, h *household) {
	h.declared[2] = of("certificate_valid", domain.Bool(false))
	h.nothingDue(h.due())
}

func oldAge(g *generator, h *household) {
	h.programme = "old_age"
	h.declared = []domain.Statement{of("old_age_band", domain.Code([...]string{"from_80_to_89", "from_80_to_89", "from_90_to_99", "from_100"}[g.rand.IntN(4)])), of("registered_here", domain.Bool(true)), of("life_proof", domain.Bool(true))}
	h.course = (*household).short
	h.isDue(oldAgeMonth)
	h.unknown = true
}

// notAged pays though the file says that the person is not 80.
func notAged(_ *generator, h *household) {
	h.declared[0] = of("old_age_band", domain.Code("under_80"))
	h.nothingDue(h.due())
}

// short is the short handling of the smaller programmes: acceptance, a visit, an
// opinion and the decision.
func (h *household) short(outcome eligibility.Result) {
	day := func(n int) domain.Day { return h.applied + domain.Day(n) }
	granted := h.decided
	if outcome == eligibility.Refused {
		granted = 0
	}
	h.add(h.by(intake), &eligibility.ApplicationAccepted{Taken: taken(day(1))})
	h.add(h.by(survey), &eligibility.HouseholdSurveyed{On: on(day(4)), Staff: []string{worker(h.office, intake), worker(h.office, survey)}, Signed: true, Photos: 2, Statements: h.declared[:1]})
	h.add(h.by(opinion), &eligibility.InitialOpinion{On: on(day(6)), Outcome: outcome, Amount: granted})
	d := &eligibility.DecisionMade{On: on(day(9)), Outcome: outcome, Amount: granted, From: h.from}
	if h.programme == "temporary" {
		d.Until = h.to
	}
	h.add(bureau("b1", "approval"), d)
}
