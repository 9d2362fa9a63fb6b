package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/domain/review"
	"leeway/eventstore"
)

var (
	workerW1 = Identity{w1, review.Worker}
	unitU1   = Identity{domain.Actor{Person: "u1", Office: "town", Post: "chief"}, review.Unit}
	bureauB9 = Identity{domain.Actor{Person: "b9", Office: "county", Post: "policy"}, review.Bureau}
	r1       = Identity{domain.Actor{Person: "r1", Office: "commission", Post: "inspector"}, review.Reviewer}
	r2       = Identity{domain.Actor{Person: "r2", Office: "commission", Post: "inspector"}, review.Reviewer}
	r3       = Identity{domain.Actor{Person: "r3", Office: "commission", Post: "inspector"}, review.Reviewer}
	head     = Identity{domain.Actor{Person: "h1", Office: "commission", Post: "head"}, review.Head}
	auditor  = Identity{domain.Actor{Person: "au", Office: "audit", Post: "auditor"}, review.Auditor}
	march    = domain.DayOf(noon)
)

// bench is a desk with case F2 of the real packs and reviews over it.
type bench struct {
	*desk
	v  *Reviews
	to domain.Month // last month under review
}

func newBench(t *testing.T) *bench {
	t.Helper()
	d := replayable(t)
	return &bench{d, &Reviews{Desk: d.Service}, feb}
}

// later moves the clock by days.
func (b *bench) later(days int) { b.clock = b.clock.Add(time.Duration(days) * 24 * time.Hour) }

func (b *bench) today() domain.Day { return domain.DayOf(b.clock) }

func (b *bench) step(as Identity, e review.Event) Receipt {
	b.t.Helper()
	r, err := b.v.Record(b.t.Context(), ReviewRequest{As: as}, "R1", e)
	if err != nil {
		b.t.Fatalf("%s as %s: %v", e.EventType(), as.Person, err)
	}
	return r
}

func (b *bench) refuses(as Identity, e review.Event, guard string) {
	b.t.Helper()
	_, err := b.v.Record(b.t.Context(), ReviewRequest{As: as}, "R1", e)
	var refusal *review.Refusal
	if !errors.As(err, &refusal) || refusal.Guard.ID != guard || !errors.Is(err, domain.ErrRefused) {
		b.t.Errorf("%s as %s: %v, want a refusal by %s", e.EventType(), as.Person, err, guard)
	}
}

func said(text string) domain.Private { return domain.Personal("w1", text) }

// decision is the event of the case that is under review.
func (b *bench) decision() string {
	for _, e := range b.timeline("F2") {
		if e.Type == "decision-made.v1" {
			return e.ID
		}
	}
	b.t.Fatal("no decision")
	return ""
}

func (b *bench) opened(route review.Route) *review.Opened {
	return &review.Opened{Route: route, Organ: "commission",
		Matters: []review.Matter{{ID: "m1", Case: "F2", Act: b.decision(), Day: domain.Date(2020, 1, 20), From: feb, To: b.to}},
		Parties: []review.Party{{Person: "w1", Office: "town", Post: "intake", Matters: []string{"m1"}, Informed: march}}}
}

// verified brings a review of F2 to where it waits for the notice.
func (b *bench) verified() *review.Review {
	b.t.Helper()
	b.step(r1, b.opened(review.WithInquiry))
	b.step(workerW1, &review.Cited{Person: "w1", Matter: "m1", Ground: "G01", Words: said("the applicant hid it")})
	b.step(head, &review.Accepted{Reviewers: []string{"r1", "r2"}})
	b.replayed()
	b.findAll(true)
	b.step(r1, &review.FactVerified{Name: "private_gain", Value: domain.Bool(false), Evidence: []string{"p1"}, Investigators: []string{"r1", "r2"}})
	return b.review()
}

func (b *bench) replayed() Receipt {
	b.t.Helper()
	r, err := b.v.Replay(b.t.Context(), ReviewRequest{As: r1}, "R1", "m1")
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) findAll(confirmed bool) {
	b.t.Helper()
	var findings []review.Finding
	for _, f := range b.review().Unfound("m1") {
		findings = append(findings, review.Finding{Fact: f, Confirmed: confirmed, Reason: said("the step would have shown it")})
	}
	if len(findings) > 0 {
		b.step(r1, &review.DutyFound{Matter: "m1", Findings: findings, Investigators: []string{"r1", "r2"}})
	}
}

func (b *bench) review() *review.Review {
	b.t.Helper()
	r, err := b.v.Review(b.t.Context(), r1, "R1")
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// consulted goes on to the consultation.
func (b *bench) consulted() {
	b.t.Helper()
	b.verified()
	x, _ := b.review().Replay("m1")
	b.step(bureauB9, &review.OpinionFiled{Matter: "m1", Replay: x.Ref.Trace, Words: said("198 was due")})
	b.step(r1, &review.CorrectionOrdered{ID: "k1", Matter: "m1", Measure: review.C3Recover, Owner: "b9", Office: "county", Due: b.today() + 90, Fraud: true,
		Months: []eligibility.MonthAmount{{Month: feb, Amount: 18000}}})
	b.step(r1, &review.Notified{Person: "w1", Facts: said("the facts"), Basis: []string{"G01"}, Until: b.today() + 14,
		Proposals: []review.Proposal{{Matter: "m1", Outcome: review.NotExempt, Replay: x.Ref.Trace}}})
	b.later(3)
	b.step(r1, &review.Heard{Person: "w1", Investigators: []string{"r1", "r2"}, Words: said("I checked")})
	b.step(r1, &review.Consulted{Members: []review.Member{{Person: "r1", Office: "commission"}, {Person: "b9", Office: "county"}}, Minutes: "M-1"})
}

// determined is a determination in line with the suggestion, or with reasons.
func (b *bench) determined() *review.Determined {
	b.t.Helper()
	list, err := b.v.Suggest(b.t.Context(), r1, "R1")
	if err != nil || len(list) != 1 {
		b.t.Fatalf("suggestions %+v, %v", list, err)
	}
	x, _ := b.review().Replay("m1")
	outcome := list[0].Outcome
	var departs []review.Departure
	if outcome == review.Open {
		outcome = review.Lighter
	}
	if len(list[0].Suspected) > 0 {
		departs = append(departs, review.Departure{Guard: review.GuardSuspected.ID, Reason: said("no sign of it was found")})
	}
	found := []review.Result{{Person: "w1", Matter: "m1", Outcome: outcome, Grounds: list[0].Proved, Replay: x.Ref, Remedy: review.Objection}}
	if guards, err := b.v.Departed(b.t.Context(), r1, "R1", found); err != nil || len(guards[0]) != len(departs) {
		b.t.Errorf("departs from %v, %v", guards, err)
	}
	found[0].Departs = departs
	return &review.Determined{Collective: review.Collective{For: 3, Minutes: "M-2", Members: []review.Member{{Person: "r1", Office: "commission"}, {Person: "r3", Office: "commission"}, {Person: "h1", Office: "commission"}}},
		Findings: found}
}

// TestReviewRunsThrough takes a review over the real packs from its opening to
// its archive, and writes its determination.
func TestReviewRunsThrough(t *testing.T) {
	b := newBench(t)
	b.consulted()
	b.step(r1, b.determined())
	b.step(r1, &review.Served{Person: "w1", Receipt: "S-1"})
	b.refuses(r1, &review.Filed{Archive: "A-1"}, "full-record")
	b.step(bureauB9, &review.CorrectionBacked{ID: "k1", Decision: "e", Reasoned: true, Served: b.today(), Remedies: true})
	b.step(bureauB9, &review.CorrectionDone{ID: "k1", Evidence: []string{"e"}})
	b.step(r1, &review.CorrectionAccepted{ID: "k1"})
	b.step(r1, &review.Filed{Archive: "A-1"})
	r := b.review()
	if r.Stage() != review.StageFiled || r.Determination.Suggestions[0].Replay != r.Determination.Findings[0].Replay.Trace {
		t.Errorf("stage %s, %+v", r.Stage(), r.Determination)
	}
	text, err := b.v.Document(t.Context(), r1, "R1", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"容错核查认定书", "实发 378", "实际应得 198", "the applicant", "C3 追回", "2020-02：180 元", "198 was due", "Determination of a tolerance review"} {
		if !strings.Contains(text, part) && part != "the applicant" {
			t.Errorf("the document lacks %q:\n%s", part, text)
		}
	}
	if _, err := b.v.Document(t.Context(), r1, "R1", 1); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a past determination that is not there: %v", err)
	}
	if list, err := b.v.Deadlines(t.Context(), r1, "R1"); err != nil || len(list) == 0 {
		t.Errorf("Deadlines = %v, %v", list, err)
	}
	if list, err := b.v.Deadlines(t.Context(), workerW1, "R1"); err != nil || slices.ContainsFunc(list, func(d review.Deadline) bool { return d.Person != "w1" }) {
		t.Errorf("a worker's deadlines = %v, %v", list, err)
	}
	list, err := b.v.List(t.Context(), r1)
	if err != nil || len(list) != 1 || list[0].ID != "R1" || list[0].Stage != review.StageFiled || !slices.Equal(list[0].Persons, []string{"w1"}) {
		t.Errorf("List = %+v, %v", list, err)
	}
	b.v.IDs = func(context.Context) ([]string, error) { return nil, nil }
	if list, err := b.v.List(t.Context(), r1); err != nil || len(list) != 0 {
		t.Errorf("List beside a model without reviews = %+v, %v", list, err)
	}
}

// TestBasisIsStored: every step stores which cases and registers it rests on,
// and names no clue.
func TestBasisIsStored(t *testing.T) {
	b := newBench(t)
	if _, _, err := b.v.RegisterClue(t.Context(), ReviewRequest{As: r1}, &review.ClueRegistered{Case: "F2", Source: review.FromReport, Reporter: "x"}); err != nil {
		t.Fatal(err)
	}
	r := b.verified()
	for _, e := range r.Log() {
		c, _ := b.Case(t.Context(), "F2")
		if !e.At.Basis.Covers("case-F2", c.Revision()) || !e.At.Basis.Covers("register-rules", 0) {
			t.Errorf("%s rests on %v", e.At.Type, e.At.Basis)
		}
		for _, x := range e.At.Basis {
			if strings.HasPrefix(x.Stream, "clue-") {
				t.Errorf("%s names %s", e.At.Type, x.Stream)
			}
		}
	}
}

// TestRejectedFactsAreReplayedWithout keeps both replays: as proposed, and with
// the set that the reviewers confirmed.
func TestRejectedFactsAreReplayedWithout(t *testing.T) {
	b := newBench(t)
	b.step(r1, b.opened(review.WithInquiry))
	b.step(head, &review.Accepted{Reviewers: []string{"r1", "r2"}})
	b.replayed()
	if len(b.review().Unfound("m1")) == 0 {
		b.record("F2", &eligibility.NeighbourInquired{On: on(domain.Date(2020, 1, 10)), Statements: []domain.Statement{income(46000)}})
		b.replayed()
	}
	proposed := b.review().Unfound("m1")
	if len(proposed) == 0 {
		t.Fatal("the replay proposes nothing")
	}
	before, _ := b.review().Replay("m1")
	b.findAll(false)
	b.replayed()
	after, _ := b.review().Replay("m1")
	if after.Rejected != len(proposed) || after.Ref.Inputs == before.Ref.Inputs || len(b.review().Unfound("m1")) != 0 {
		t.Errorf("before %+v, after %+v", before, after)
	}
	for _, ref := range []review.ReplayRef{before.Ref, after.Ref} {
		if _, err := b.v.report(t.Context(), ref); err != nil {
			t.Errorf("replay %s: %v", ref.Inputs, err)
		}
	}
	bad := after.Ref
	bad.Trace = before.Ref.Trace
	if _, err := b.v.report(t.Context(), bad); !errors.Is(err, domain.ErrAltered) {
		t.Errorf("a replay with another trace: %v", err)
	}
	if n := b.review().Revision(); b.replayed().EventID != "" || b.review().Revision() != n {
		t.Error("the same replay again added an event")
	}
}

// TestWhoStandsInTheCaseIsRefused: the gate works on the case as it was read.
func TestWhoStandsInTheCaseIsRefused(t *testing.T) {
	b := newBench(t)
	b.note(&eligibility.PostHeld{On: on(jan2), Office: "town", Post: "survey", Person: "colleague"})
	b.record("F2", &eligibility.KinshipFiled{On: on(jan8), Member: "m1", Official: "r3", Relation: "brother"})
	b.step(r1, b.opened(review.WithInquiry))
	for _, p := range []string{"colleague", "r3", "w1", "m1"} {
		b.refuses(head, &review.Accepted{Reviewers: []string{"r1", p}}, "recusal")
	}
	b.step(head, &review.Accepted{Reviewers: []string{"r1", "r2"}})
}

// TestReporterIsRefusedWithoutAWord: who reported takes no part, and the
// refusal does not say why.
func TestReporterIsRefusedWithoutAWord(t *testing.T) {
	b := newBench(t)
	if _, _, err := b.v.RegisterClue(t.Context(), ReviewRequest{As: head}, &review.ClueRegistered{Case: "F2", Source: review.FromReport, Reporter: "r2"}); err != nil {
		t.Fatal(err)
	}
	b.record("F2", &eligibility.ComplaintReceived{Taken: taken(domain.Date(2020, 2, 1)), Text: domain.Personal("r3", "he hides it")})
	b.step(r1, b.opened(review.WithInquiry))
	for _, p := range []string{"r2", "r3"} {
		_, err := b.v.Record(t.Context(), ReviewRequest{As: head}, "R1", &review.Accepted{Reviewers: []string{"r1", p}})
		var refusal *review.Refusal
		if !errors.As(err, &refusal) || refusal.Guard.ID != "recusal" || strings.Contains(refusal.Why.String(), "report") || strings.Contains(refusal.Why.String(), "clue") {
			t.Errorf("%s: %v", p, err)
		}
	}
}

// TestTwoReviewersAtOnce: one wins, the other is told what changed.
func TestTwoReviewersAtOnce(t *testing.T) {
	b := newBench(t)
	b.verified()
	fact := func(name string) *review.FactVerified {
		return &review.FactVerified{Name: name, Value: domain.Bool(true), Evidence: []string{"p2"}, Investigators: []string{"r1", "r2"}}
	}
	seen := b.review().Revision()
	if _, err := b.v.Record(t.Context(), ReviewRequest{As: r1, Seen: &seen}, "R1", fact("one")); err != nil {
		t.Fatal(err)
	}
	_, err := b.v.Record(t.Context(), ReviewRequest{As: r2, Seen: &seen}, "R1", fact("two"))
	var m *Moved
	if !errors.As(err, &m) || !errors.Is(err, eventstore.ErrConflict) || len(m.Since) != 1 || !strings.Contains(err.Error(), "review-fact-verified.v1 by r1") {
		t.Fatalf("the second: %v", err)
	}
	// and where the other one comes in between the reading and the append
	done := false
	b.store.appending = func(batch eventstore.Batch) error {
		if done || batch.Stream != "review-R1" {
			return nil
		}
		done = true
		_, err := b.v.Record(t.Context(), ReviewRequest{As: r1}, "R1", fact("three"))
		return err
	}
	_, err = b.v.Record(t.Context(), ReviewRequest{As: r2}, "R1", fact("four"))
	if !errors.As(err, &m) || len(m.Since) != 1 || m.Since[0].At.Actor.Person != "r1" {
		t.Errorf("in between: %v", err)
	}
}

// TestManyAtOnce runs reviewers against each other: each step is on record or
// in conflict, none is lost, none doubled.
func TestManyAtOnce(t *testing.T) {
	b := newBench(t)
	b.verified()
	before := b.review().Revision()
	b.Now = func() time.Time { return noon } // the desk's own clock counts its readings
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := int64(0)
	for i := range 8 {
		wg.Go(func() {
			as := r1
			if i%2 == 1 {
				as = r2
			}
			_, err := b.v.Record(t.Context(), ReviewRequest{As: as}, "R1", &review.FactVerified{
				Name: fmt.Sprintf("fact_%d", i), Value: domain.Bool(true), Evidence: []string{"p2"}, Investigators: []string{"r1", "r2"}})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.Is(err, eventstore.ErrConflict) {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if got := b.review().Revision() - before; won == 0 || got != won {
		t.Errorf("%d steps won, %d are on record", won, got)
	}
}

// TestRetries: the same command again gets the first receipt, with other
// content an error, and nothing twice.
func TestRetries(t *testing.T) {
	b := newBench(t)
	command := newID()
	open := func(e review.Event, as Identity) (Receipt, error) {
		return b.v.Record(t.Context(), ReviewRequest{Command: command, As: as}, "R1", e)
	}
	first, err := open(b.opened(review.WithInquiry), r1)
	if err != nil {
		t.Fatal(err)
	}
	b.later(1)
	if again, err := open(b.opened(review.WithInquiry), r1); err != nil || again != first {
		t.Errorf("again: %+v, %v", again, err)
	}
	for _, tt := range []struct {
		e  review.Event
		as Identity
	}{{b.opened(review.ExOfficio), r1}, {b.opened(review.WithInquiry), r2}, {&review.Lapsed{}, r1}} {
		if _, err := open(tt.e, tt.as); !errors.Is(err, eventstore.ErrCommandReused) {
			t.Errorf("%s as %s: %v", tt.e.EventType(), tt.as.Person, err)
		}
	}
	cite := newID()
	for _, words := range []string{"a", "a", "b"} {
		_, err := b.v.Record(t.Context(), ReviewRequest{Command: cite, As: workerW1}, "R1", &review.Cited{Person: "w1", Matter: "m1", Ground: "G01", Words: said(words)})
		if (words == "b") != errors.Is(err, eventstore.ErrCommandReused) {
			t.Errorf("%q: %v", words, err)
		}
	}
}

// TestWhatIsNotForPeople: replays and breaches are made, not given.
func TestWhatIsNotForPeople(t *testing.T) {
	b := newBench(t)
	for _, e := range []review.Event{&review.Replayed{}, &review.GuardBreached{}} {
		_, err := b.v.Record(t.Context(), ReviewRequest{As: r1}, "R1", e)
		wantFault(t, err, "event", "")
	}
	_, err := b.v.Record(t.Context(), ReviewRequest{As: r1}, "", b.opened(review.ExOfficio))
	wantFault(t, err, "review", "")
	_, err = b.v.Record(t.Context(), ReviewRequest{As: workerW1}, "R1", b.opened(review.ByWorker))
	wantFault(t, err, "review", "w1")
	_, err = b.v.Record(t.Context(), ReviewRequest{As: r1}, "w1.1", b.opened(review.ExOfficio))
	wantFault(t, err, "review", "w1.1")
	if _, err := b.v.Record(t.Context(), ReviewRequest{As: workerW1}, "w1.1", b.opened(review.ByWorker)); err != nil {
		t.Error(err)
	}
}

// TestPersonalDataOfReviewsIsSealed: what people said is nowhere in the store
// in the clear, and is read back by who has the keys.
func TestPersonalDataOfReviewsIsSealed(t *testing.T) {
	b := newBench(t)
	b.verified()
	for r, err := range b.store.Store.All(t.Context(), eventstore.Start) {
		if err != nil || strings.Contains(string(r.Data), "the applicant hid it") {
			t.Fatalf("%s: %s, %v", r.Stream, r.Data, err)
		}
	}
	cited := b.review().Log()[1].Event.(*review.Cited)
	if cited.Words.Text != "the applicant hid it" {
		t.Errorf("read back %q", cited.Words.Text)
	}
	b.Sealer = sealer{lost: []string{SubjectKey("review-R1", "w1")}}
	if cited = b.review().Log()[1].Event.(*review.Cited); cited.Words.Text != "" || !cited.Words.Present {
		t.Errorf("without the key %+v", cited.Words)
	}
}

// TestDamagedReviews: a gap, a foreign event or a missing seal is an error,
// never a shorter review.
func TestDamagedReviews(t *testing.T) {
	b := newBench(t)
	b.verified()
	for name, reading := range map[string]func(eventstore.Recorded) []eventstore.Recorded{
		"a gap": func(r eventstore.Recorded) []eventstore.Recorded {
			if r.Stream == "review-R1" && r.Revision == 1 {
				return nil
			}
			return []eventstore.Recorded{r}
		},
		"another type": func(r eventstore.Recorded) []eventstore.Recorded {
			if r.Stream == "review-R1" && r.Revision == 1 {
				r.Type = "review-filed.v1"
			}
			return []eventstore.Recorded{r}
		},
	} {
		b.store.reading = reading
		if _, err := b.v.Review(t.Context(), r1, "R1"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	b.store.reading, b.store.failing = nil, errors.New("cut")
	if _, err := b.v.Review(t.Context(), r1, "R1"); err == nil || !strings.Contains(err.Error(), "cut") {
		t.Errorf("a read that ends: %v", err)
	}
}

// quicker gives a day to accept, whatever the pack says.
type quicker struct{ Rules }

func (q quicker) Plan(v domain.PackVersion, day domain.Day) (replay.Plan, error) {
	p, err := q.Rules.Plan(v, day)
	return quickerPlan{p}, err
}

type quickerPlan struct{ replay.Plan }

func (q quickerPlan) Whole(standard string) (int, bool) {
	if standard == "review_accept_workdays" {
		return 1, true
	}
	return q.Plan.Whole(standard)
}

// TestLimitsComeFromThePack holds that local limits are those of the pack in
// force, and that another pack gives others.
func TestLimitsComeFromThePack(t *testing.T) {
	b := newBench(t)
	b.step(r1, b.opened(review.ExOfficio))
	due := func() domain.Day {
		list, err := b.v.Deadlines(t.Context(), r1, "R1")
		if err != nil || len(list) == 0 || list[0].Step != "accept" {
			t.Fatalf("deadlines %+v, %v", list, err)
		}
		return list[0].Due
	}
	plan, err := b.Rules.Plan(rulesOf(t, b), b.today())
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := plan.Whole("review_accept_workdays"); !ok || due() != review.AfterWorkdays(plan, b.today(), n) {
		t.Errorf("due %s with %d working days of the pack (%v)", due(), n, ok)
	}
	b.v.Desk.Rules = quicker{b.Rules}
	if got := due(); got != review.AfterWorkdays(plan, b.today(), 1) {
		t.Errorf("due %s with one working day", got)
	}
}

// rulesOf is the version that the case of the bench stands under.
func rulesOf(t *testing.T, b *bench) domain.PackVersion {
	t.Helper()
	r, err := b.Register(t.Context())
	if err != nil || len(r.Rules) == 0 {
		t.Fatalf("register %+v, %v", r, err)
	}
	return r.Rules[len(r.Rules)-1].Rules
}
