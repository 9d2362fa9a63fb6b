package simulate

import (
	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// Wrong exclusions beside those of plant.go, and what the epidemic and sources
// bring about.

// withdrawn is an application that was taken back because the office said so,
// until the household complained.
func withdrawn(_ *generator, h *household) {
	h.applied, h.from, h.to = domain.Date(2020, 5, 25), domain.MonthOf(2020, 7), domain.MonthOf(2020, 8)
	h.until = func(h *household) bool {
		h.add(h.by(intake), &eligibility.ApplicationWithdrawn{On: on(domain.Date(2020, 6, 1)), By: "m1", Caused: true})
		h.add(bureau("i1", "inspection"), &eligibility.ComplaintReceived{Taken: taken(domain.Date(2020, 8, 5))})
		return true
	}
	h.expects(replay.EWork, -h.due(), h.from, h.to)
}

// exited is a household that was stopped though nothing had changed, until it
// complained.
func exited(_ *generator, h *household) {
	h.to = domain.MonthOf(2020, 8)
	h.after = func(h *household) {
		h.exit(domain.Date(2020, 8, 20), "收入增加")
		h.add(bureau("i1", "inspection"), &eligibility.ComplaintReceived{Taken: taken(domain.Date(2020, 11, 5))})
	}
	h.owedTo = domain.MonthOf(2020, 11)
	h.expects(replay.EWork, -h.due(), domain.MonthOf(2020, 9), h.owedTo)
}

// exit stops the benefit from the next month on.
func (h *household) exit(day domain.Day, why string) {
	h.add(bureau("b1", "approval"), &eligibility.ExitDecided{On: on(day), From: day.Month() + 1, Reasons: []string{why}})
}

// rose reports an income well above the standard, from a day in March on.
func (h *household) rose() {
	var list []domain.Statement
	for i := range h.members {
		s := h.each(memberID(i), "", h.standard+5000)
		s.ValidFrom = domain.Date(2020, 3, 20)
		list = append(list, s)
	}
	h.add(h.by(intake), &eligibility.ChangeReported{On: on(domain.Date(2020, 3, 25)), By: "m1", Statements: list})
}

// onRoster makes a household that was on the roster before the epidemic.
func (h *household) onRoster(last domain.Month) {
	h.applied, h.from, h.to = domain.Date(2019, 11, 18), domain.MonthOf(2020, 1), last
}

// exitedInEpidemic is stopped while exits were suspended: it was to be kept up
// to June, the last month of the suspension.
func exitedInEpidemic(_ *generator, h *household) {
	h.onRoster(domain.MonthOf(2020, 3))
	h.after = func(h *household) {
		h.rose()
		h.exit(domain.Date(2020, 3, 27), "收入增加")
		h.add(bureau("i1", "inspection"), &eligibility.ComplaintReceived{Taken: taken(domain.Date(2020, 7, 8))})
	}
	h.owedTo = domain.MonthOf(2020, 6)
	h.expects(replay.EWork, -h.due(), domain.MonthOf(2020, 4), h.owedTo)
}

// heldInEpidemic is kept as the suspension says, and stopped after it: no error.
func heldInEpidemic(_ *generator, h *household) {
	h.onRoster(domain.MonthOf(2020, 6))
	h.before = func(h *household, m domain.Month) {
		if m == domain.MonthOf(2020, 4) {
			h.rose()
		}
	}
	h.after = func(h *household) { h.exit(domain.Date(2020, 6, 22), "收入增加") }
}

// hardshipUnhelped is a hardship that the office found itself and did nothing
// about. The limits of the procedure, counted from 25 May, ran out in July.
func hardshipUnhelped(_ *generator, h *household) {
	h.applied = domain.Date(2020, 5, 25)
	h.alone = func(h *household) bool {
		h.open()
		facts := append(h.dibaoFacts(),
			domain.Statement{Subject: domain.Household, Attribute: "car", Value: domain.Bool(false)},
			domain.Statement{Subject: domain.Household, Attribute: "extra_house", Value: domain.Bool(false)})
		for i := range h.members {
			facts = append(facts, domain.Statement{Subject: memberID(i), Attribute: "deposits", Value: domain.Money(0)})
		}
		h.add(h.by(survey), &eligibility.HardshipFound{On: on(h.applied), Staff: []string{worker(h.office, intake), worker(h.office, survey)}, Statements: facts})
		h.add(bureau("i1", "inspection"), &eligibility.ComplaintReceived{Taken: taken(domain.Date(2020, 11, 5))})
		return true
	}
	h.from, h.owedTo = domain.MonthOf(2020, 8), domain.MonthOf(2020, 11)
	h.expects(replay.EWork, -h.due(), h.from, h.owedTo)
}

// sourceLagged is an income that social security entered after it had been
// asked.
func sourceLagged(g *generator, h *household) {
	x := g.extra()
	h.after = func(h *household) {
		list := h.all("pension", x, "social-security")
		for i := range list {
			list[i].SourceUpdated = domain.Date(2021, 1, 4)
		}
		h.discovered("data_match", list...)
	}
	h.expects(replay.EInfo, h.heads(x), h.from, h.to)
}

// sourceNotConnected is an income that only insurers know, who are not connected.
func sourceNotConnected(g *generator, h *household) {
	x := g.extra()
	h.after = func(h *household) { h.discovered("audit", h.all("annuity", x, "insurance")...) }
	h.expects(replay.EInfo, h.heads(x), h.from, h.to)
}
