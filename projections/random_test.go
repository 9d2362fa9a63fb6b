package projections

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// The events of random histories: kinds, persons and days in any order, since
// a fold must take whatever has happened.
var (
	anyCase  = rapid.SampledFrom([]string{"F1", "F2", "f1", "案-一", "a%b/c"})
	anyActor = rapid.SampledFrom([]domain.Actor{townWorker, townOther, approver, {Person: "w3", Office: "Town", Post: "intake"}})
	anyDay   = rapid.Map(rapid.IntRange(0, 400), func(n int) domain.Day { return domain.Date(2020, 1, 1) + domain.Day(n) })
	anyMonth = rapid.Map(rapid.IntRange(0, 14), func(n int) domain.Month { return domain.MonthOf(2020, 1) + domain.Month(n) })
	anyFen   = rapid.Map(rapid.Int64Range(0, 200_000), func(n int64) domain.Fen { return domain.Fen(n) })
)

// anyStep draws an event of a case.
func anyStep(t *rapid.T) eligibility.Event {
	day, month, fen := anyDay.Draw(t, "day"), anyMonth.Draw(t, "month"), anyFen.Draw(t, "fen")
	months := []eligibility.MonthAmount{{Month: month, Amount: fen}, {Month: month + 1, Amount: 100}}
	member := rapid.SampledFrom([]string{"m1", "m2", "m3", "m4"}).Draw(t, "member")
	var advice *eligibility.Advice
	if rapid.Bool().Draw(t, "advised") {
		advice = &eligibility.Advice{Rules: domain.PackVersion{Pack: "p", Version: "1", Digest: "d"}}
		if rapid.Bool().Draw(t, "determined") {
			advice.Outcome = domain.Exactly(anyFen.Draw(t, "due"))
		}
	}
	return rapid.SampledFrom([]eligibility.Event{
		&eligibility.ApplicationSubmitted{Taken: taken(day), By: member},
		&eligibility.HouseholdSurveyed{On: on(day), Signed: fen%2 == 0},
		&eligibility.InfoCheckReturned{On: on(day), Source: "bank", NoData: fen%2 == 0},
		&eligibility.InitialOpinion{On: on(day), Outcome: eligibility.Granted, Amount: fen},
		&eligibility.PublicNoticePosted{On: on(day), Place: "board", Until: day + 7},
		&eligibility.PublicNoticeClosed{Taken: taken(day)},
		&eligibility.DecisionMade{On: on(day), Outcome: eligibility.Granted, Amount: fen, From: month, Advice: advice},
		&eligibility.DecisionMade{On: on(day), Outcome: eligibility.Refused, From: month, Advice: advice},
		&eligibility.AmountAdjusted{On: on(day), Amount: fen, From: month, Advice: advice},
		&eligibility.ExitDecided{On: on(day), From: month},
		&eligibility.EmergencyPaid{On: on(day), Month: month, Amount: fen},
		&eligibility.PaymentListApproved{On: on(day), Month: month, Amount: fen},
		&eligibility.BenefitPaid{On: on(day), Month: month, Amount: fen},
		&eligibility.ReverificationDue{On: on(day), Due: day + 180, Class: "B"},
		&eligibility.ReverificationDone{On: on(day)},
		&eligibility.MemberJoined{On: on(day), Member: eligibility.Person{ID: member, Relation: "child"}, From: day},
		&eligibility.MemberLeft{On: on(day), Member: member, From: day},
		&eligibility.DeathRecorded{On: on(day), Member: member, Died: day, Source: domain.Document},
		&eligibility.KinshipFiled{On: on(day), Member: member, Official: "a1"},
		&eligibility.OverpaymentEstablished{Taken: taken(day), Months: months},
		&eligibility.BackpayEstablished{Taken: taken(day), Months: months},
		&eligibility.MoneyRecovered{On: on(day), Amount: fen},
		&eligibility.MoneyBackPaid{On: on(day), Amount: fen},
		&eligibility.RemedyDecided{On: on(day), Upheld: fen%2 == 0, Amount: fen, From: month},
		&eligibility.ApplicationNotAccepted{On: on(day), Reason: "papers"},
		&eligibility.CaseClosed{On: on(day), Reason: "moved"},
	}).Draw(t, "step")
}

// happen draws one thing that happens and puts it on record.
func (s *story) happen(t *rapid.T) {
	id, actor := anyCase.Draw(t, "case"), anyActor.Draw(t, "actor")
	if _, opened := s.last["case-"+id]; !opened {
		o := caseOpened(anyDay.Draw(t, "day"))
		o.Office = rapid.SampledFrom([]string{"town", "Town"}).Draw(t, "office")
		o.Programme = rapid.SampledFrom([]string{eligibility.Dibao, eligibility.Orphan}).Draw(t, "programme")
		s.put("case-"+id, actor, o)
		return
	}
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		day := anyDay.Draw(t, "day")
		s.put(eligibility.PostsStream, approver, rapid.SampledFrom([]eligibility.RegisterEvent{
			&eligibility.PostHeld{On: on(day), Office: "town", Post: "intake", Person: actor.Person},
			&eligibility.PostHandedOver{On: on(day), Office: "town", Post: "intake", FromPerson: "w1", ToPerson: actor.Person, Listed: true},
		}).Draw(t, "post"))
	case 1:
		s.put(accessPrefix+rapid.SampledFrom([]string{"s1", "s2"}).Draw(t, "session"), actor, &domain.Access{Kind: "read", Case: id, Fields: []string{"members[0].name"}, Purpose: "handling"})
	case 2:
		s.put("case-"+id, actor, &eligibility.ComplaintReceived{Taken: taken(anyDay.Draw(t, "day"))})
	case 5:
		review := rapid.SampledFrom([]string{"R1", "R2"}).Draw(t, "review")
		names, events := reviewSteps(id)
		next := 0
		if last, ok := s.last["review-"+review]; ok {
			next = int(last + 1)
		}
		if next < len(names) {
			s.put("review-"+review, reviewer, events[names[next]])
		}
	case 3:
		s.raw("replay-x", "replay-recorded.v1", s.uuid(), []byte("no envelope, and nobody reads it"))
	case 4:
		v := rapid.SampledFrom([]domain.Visibility{{"office:town"}, {"post:intake", "office:town"}, {"office:discipline"}}).Draw(t, "visible")
		s.hidden(v, func() { s.put("case-"+id, actor, anyStep(t)) })
	default:
		s.put("case-"+id, actor, anyStep(t))
	}
}

// history draws a whole history into a story.
func (s *story) history(t *rapid.T) {
	for range rapid.IntRange(1, 60).Draw(t, "length") {
		s.happen(t)
	}
}

// tally says how many events of which stream a story holds, for messages.
func (s *story) tally() string {
	var b strings.Builder
	for stream, last := range s.last {
		fmt.Fprintf(&b, "%s: %d ", stream, last+1)
	}
	return b.String()
}
