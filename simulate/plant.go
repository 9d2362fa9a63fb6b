package simulate

import (
	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// A kind is one way of planting an error. Weight is in households of a thousand.
type kind struct {
	name   string
	weight int
	plant  func(g *generator, h *household)
}

// kinds are every way with the subsistence allowance. Together they are about an
// eighth of the households: the rest is clean.
var kinds = []kind{
	{"mistyped", 6, mistyped},
	{"wrong-standard", 6, wrongStandard},
	{"concealed", 12, concealed},
	{"unread", 6, unread},
	{"not-asked", 6, notAsked},
	{"source-missed", 6, sourceMissed},
	{"false-document", 4, falseDocument},
	{"awarded-later", 4, awardedLater},
	{"death-known", 5, deathKnown},
	{"death-unknown", 5, deathUnknown},
	{"notice-late", 4, noticeLate},
	{"raised-later", 4, raisedLater},
	{"wrong-standard+concealed", 4, both(wrongStandard, concealed)},
	{"mistyped+concealed", 4, both(concealed, mistyped)},
	{"unread+concealed", 4, both(unread, concealed)},
	{"slip-hides-concealment", 3, slipHides},
	{"refused", 5, refused},
	{"not-accepted", 4, notAccepted},
	{"withdrawn-by-pressure", 4, withdrawn},
	{"exited", 4, exited},
	{"exited-in-epidemic", 4, exitedInEpidemic},
	{"held-in-epidemic", 6, heldInEpidemic},
	{"hardship-unhelped", 4, hardshipUnhelped},
	{"source-lagged", 4, sourceLagged},
	{"source-not-connected", 4, sourceNotConnected},
}

// plant draws a kind and plants it.
func (g *generator) plant(h *household, kinds []kind) string {
	x := g.rand.IntN(1000)
	for _, k := range kinds {
		if x < k.weight {
			k.plant(g, h)
			return k.name
		}
		x -= k.weight
	}
	return "clean"
}

// extra is so much a head that something stays due: 10 to 40 yuan.
func (g *generator) extra() domain.Fen { return domain.Fen(g.rand.IntN(31)+10) * 100 }

// heads is an amount a head for all.
func (h *household) heads(fen domain.Fen) domain.Fen { return domain.Fen(h.members) * fen }

// both plants one error on top of another.
func both(first, second func(*generator, *household)) func(*generator, *household) {
	return func(g *generator, h *household) {
		first(g, h)
		after := h.after
		second(g, h)
		if added := h.after; after != nil {
			h.after = func(h *household) {
				after(h)
				added(h)
			}
		}
	}
}

// mistyped pays another amount than was decided, in one month.
func mistyped(g *generator, h *household) {
	when, more := h.from+domain.Month(g.rand.IntN(int(h.to-h.from)+1)), domain.Fen(g.rand.IntN(9)+1)*900
	h.paid = func(m domain.Month) domain.Fen {
		if m == when {
			return h.decided + more
		}
		return h.decided
	}
	h.expects(replay.EPay, more, when, when)
}

// wrongStandard reckons a rural household by the urban standard.
func wrongStandard(_ *generator, h *household) {
	h.standard = rural
	h.decided = h.heads(urban - h.income)
	h.expects(replay.EWork, h.heads(urban-rural), h.from, h.to)
}

// concealed leaves out odd jobs, which no source holds and no step shows.
func concealed(g *generator, h *household) {
	x := g.extra()
	h.after = func(h *household) { h.discovered("report", h.all("labour", x, "")...) }
	h.expects(replay.EAppl, h.heads(x), h.from, h.to)
}

// unread has the bank's answer on file, and nobody reckons with it.
func unread(g *generator, h *household) {
	x := g.extra()
	h.found["bank"] = h.all("interest", x, "")
	h.decided = h.gap()
	h.expects(replay.EWork, h.heads(x), h.from, h.to)
}

// notAsked never asks the bank, which would have told.
func notAsked(g *generator, h *household) {
	x := g.extra()
	h.unasked = "bank"
	h.after = func(h *household) { h.discovered("audit", h.all("interest", x, "bank")...) }
	h.expects(replay.EDuty, h.heads(x), h.from, h.to)
}

// sourceMissed is told by social security that there is nothing, and there is.
func sourceMissed(g *generator, h *household) {
	x := g.extra()
	h.after = func(h *household) { h.discovered("audit", h.all("pension", x, "social-security")...) }
	h.expects(replay.EInfo, h.heads(x), h.from, h.to)
}

// falseDocument has a certificate that is verified and false.
func falseDocument(g *generator, h *household) {
	x := g.extra()
	h.paper = []domain.Statement{h.each("m1", "", h.income)}
	h.after = func(h *household) { h.discovered("investigation", h.each("m1", "", h.income+x)) }
	h.expects(replay.EDoc, x, h.from, h.to)
}

// awardedLater is an income that was awarded afterwards for the past.
func awardedLater(g *generator, h *household) {
	x := g.extra()
	h.after = func(h *household) {
		s := h.each("m1", "maintenance", x)
		s.ValidFrom, s.Undeclarable = domain.Date(2019, 1, 1), true
		h.discovered("report", s)
	}
	h.expects(replay.ELate, x, h.from, h.to)
}

// deathMonth is when the only member dies, after the suspension of exits.
const deathMonth = 8

// alone makes a household of one, without touching the number of persons: who is
// left over joins the next household of the draw.
func alone(h *household) {
	h.applied, h.from, h.to = domain.Date(2020, 5, 25), domain.MonthOf(2020, 7), domain.MonthOf(2020, deathMonth+2)
	h.owedTo = domain.MonthOf(2020, deathMonth)
}

// deathKnown goes on paying for two months after a death that is on file.
func deathKnown(_ *generator, h *household) {
	alone(h)
	died := domain.Date(2020, deathMonth, 20)
	h.before = func(h *household, m domain.Month) {
		if m == domain.MonthOf(2020, deathMonth+1) {
			for i := range h.members {
				h.add(h.by(survey), &eligibility.DeathRecorded{On: on(died + 4), Member: memberID(i), Died: died, Source: domain.Document})
			}
		}
	}
	h.expects(replay.EWork, h.due(), domain.MonthOf(2020, deathMonth+1), h.to)
}

// deathUnknown goes on paying after a death that a register held which is not
// connected; the re-check that was due was done.
func deathUnknown(_ *generator, h *household) {
	alone(h)
	died := domain.Date(2020, deathMonth, 20)
	h.before = func(h *household, m domain.Month) {
		if m == domain.MonthOf(2020, deathMonth) {
			h.add(h.by(survey), &eligibility.ReverificationDue{On: on(domain.Date(2020, 7, 20)), Due: domain.Date(2020, 8, 31), Class: "C"})
		}
		if m == domain.MonthOf(2020, deathMonth+1) {
			h.add(h.by(survey), &eligibility.ReverificationDone{On: on(domain.Date(2020, 8, 17)), Staff: []string{worker(h.office, intake), worker(h.office, survey)}})
		}
	}
	h.after = func(h *household) {
		var found []domain.Statement
		for i := range h.members {
			found = append(found, domain.Statement{Subject: memberID(i), Attribute: "dead", Value: domain.Bool(true), ValidFrom: died, HeldBy: "death-register"})
		}
		h.add(bureau("i1", "inspection"), &eligibility.FactsDiscovered{On: on(domain.Date(2020, 11, 16)), How: "data_match", Statements: found})
	}
	h.expects(replay.EInfo, h.due(), domain.MonthOf(2020, deathMonth+1), h.to)
}

func memberID(i int) string { return []string{"m1", "m2", "m3", "m4", "m5"}[i] }

// noticeLate is decided by the lower standard, since the notice of the higher
// one had not been received. By the test pack: the real one knows no raise.
func noticeLate(_ *generator, h *household) {
	h.pack, h.office, h.standard = "test-only", lagOffice, lagging
	h.applied, h.from, h.to = domain.Date(2020, 5, 25), domain.MonthOf(2020, 7), domain.MonthOf(2020, 7)
	h.expects(replay.ELag, -h.heads(rural-lagging), h.from, h.to)
}

// raisedLater is decided by the standard of the day, which was raised for the
// past when the year was over. By the test pack.
func raisedLater(_ *generator, h *household) {
	h.pack, h.office, h.standard = "test-only", 1, lagging
	h.applied, h.from, h.to = domain.Date(2020, 2, 10), domain.MonthOf(2020, 4), domain.MonthOf(2020, 4)
	h.expects(replay.ERetro, -h.heads(rural-lagging), h.from, h.to)
}

// slipHides decides by a slip what concealment makes right: nothing shows in
// the money.
func slipHides(g *generator, h *household) {
	x := g.extra()
	h.decided = h.gap() - h.heads(x)
	h.after = func(h *household) { h.discovered("report", h.all("labour", x, "")...) }
	h.expects(replay.EWork, -h.heads(x), h.from, h.to)
	h.expects(replay.EAppl, h.heads(x), h.from, h.to)
}

// refused is an eligible household that was turned down.
func refused(_ *generator, h *household) {
	h.to = h.from
	h.until = func(h *household) bool {
		h.course(h, eligibility.Refused)
		h.add(bureau("b1", "approval"), &eligibility.RefusalServed{Taken: taken(h.applied + 30)})
		return true
	}
	h.expects(replay.EWork, -h.due(), h.from, h.from)
}

// notAccepted is an application that was not taken in, until the household
// complained.
func notAccepted(_ *generator, h *household) {
	h.applied, h.from, h.to = domain.Date(2020, 5, 25), domain.MonthOf(2020, 7), domain.MonthOf(2020, 8)
	h.until = func(h *household) bool {
		h.add(h.by(intake), &eligibility.ApplicationNotAccepted{On: on(domain.Date(2020, 6, 1)), Reason: "材料不齐"})
		h.add(bureau("i1", "inspection"), &eligibility.ComplaintReceived{Taken: taken(domain.Date(2020, 8, 5))})
		return true
	}
	h.expects(replay.EWork, -h.due(), h.from, h.to)
}
