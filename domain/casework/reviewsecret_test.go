package casework

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/review"
)

// probe is everything that a worker, his unit, and for a case anybody can ask:
// what comes back, errors among it, as one text.
func (b *bench) probe(as Identity) string {
	ctx := b.t.Context()
	out := ""
	note := func(what string, v any, err error) {
		text, _ := json.Marshal(v)
		out += fmt.Sprintf("%s: %s %v\n", what, text, err)
	}
	for _, id := range []string{"R1", "R2", "w1.1", "F2.1", "clue-F2.1"} {
		r, log, err := b.v.ReviewLog(ctx, as, id)
		note("log "+id, len(log), err)
		_ = r
		_, err = b.v.Document(ctx, as, id, 0)
		note("document "+id, nil, err)
		_, err = b.v.Suggest(ctx, as, id)
		note("suggest "+id, nil, err)
		_, err = b.v.Deadlines(ctx, as, id)
		note("deadlines "+id, nil, err)
		_, err = b.v.Replay(ctx, ReviewRequest{As: as}, id, "m1")
		note("replay "+id, nil, err)
		_, err = b.v.Record(ctx, ReviewRequest{As: as}, id, &review.Cited{Person: as.Person, Matter: "m1", Ground: "G01"})
		note("cite "+id, nil, err)
		_, err = b.v.RecordClue(ctx, ReviewRequest{As: as}, id, &review.ClueClosed{Result: "unfounded"})
		note("close "+id, nil, err)
		_, err = b.v.Compare(ctx, ReviewRequest{As: as}, id, "e")
		note("compare "+id, nil, err)
		_, err = b.Case(ctx, id)
		note("case "+id, nil, err)
	}
	list, err := b.v.List(ctx, as)
	note("list", list, err)
	clues, err := b.v.Clues(ctx, as, "F2")
	note("clues", clues, err)
	clues, err = b.v.Clues(ctx, as, "none")
	note("clues of no case", clues, err)
	_, _, err = b.v.RegisterClue(ctx, ReviewRequest{As: as}, &review.ClueRegistered{Case: "F2", Source: review.FromAudit})
	note("register", nil, err)
	cases, err := b.Cases(ctx)
	note("cases", cases, err)
	entries, err := b.Events(ctx, "F2")
	note("events", len(entries), err)
	done, err := b.ReplayCase(ctx, asW1, "F2", ReplayOptions{AsOf: march})
	note("replay", done.Digest, err)
	return out
}

// TestNoTipOff probes every way by which a worker or his unit asks, with and
// without clues and an ex officio review on record: not a byte differs.
func TestNoTipOff(t *testing.T) {
	for _, as := range []Identity{workerW1, unitU1} {
		quiet, loud := newBench(t), newBench(t)
		for range 3 {
			if _, _, err := loud.v.RegisterClue(t.Context(), ReviewRequest{As: r1}, &review.ClueRegistered{Case: "F2", Persons: []string{"w1"}, Source: review.FromReport, Reporter: "x", Words: domain.Personal("x", "he hides it")}); err != nil {
				t.Fatal(err)
			}
		}
		e := loud.opened(review.ExOfficio)
		e.Parties[0].Informed = 0
		loud.step(r1, e)
		if _, err := loud.v.RecordClue(t.Context(), ReviewRequest{As: r1}, "F2.1", &review.ClueLinked{Review: "R1"}); err != nil {
			t.Fatal(err)
		}
		if a, b := quiet.probe(as), loud.probe(as); a != b {
			t.Errorf("%s can tell:\n%s\nfrom\n%s", as.Role, a, b)
		}
	}
}

// TestClues: the discipline organ reads, registers and compares; the bureau and
// auditors may register and learn nothing but their own receipt.
func TestClues(t *testing.T) {
	b := newBench(t)
	report := b.record("F2", &eligibility.FactsDiscovered{On: on(domain.Date(2020, 2, 25)), How: "self_found", Statements: []domain.Statement{income(46000)}})
	clue := func() *review.ClueRegistered { return &review.ClueRegistered{Case: "F2", Source: review.FromAudit} }
	id, first, err := b.v.RegisterClue(t.Context(), ReviewRequest{As: r1}, clue())
	if err != nil || id != "F2.1" || first.Stream != "clue-F2.1" {
		t.Fatalf("%s, %+v, %v", id, first, err)
	}
	id, receipt, err := b.v.RegisterClue(t.Context(), ReviewRequest{As: bureauB9}, clue())
	if err != nil || id != "" || receipt.Stream != "" || receipt.EventID == "" {
		t.Errorf("the bureau learns %q, %+v, %v", id, receipt, err)
	}
	command := newID()
	for range 2 {
		if id, _, err := b.v.RegisterClue(t.Context(), ReviewRequest{As: head, Command: command}, clue()); err != nil || id != "F2.3" {
			t.Errorf("%s, %v", id, err)
		}
	}
	if _, _, err := b.v.RegisterClue(t.Context(), ReviewRequest{As: r1}, &review.ClueRegistered{Case: "none", Source: review.FromAudit}); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("no case: %v", err)
	}
	for _, as := range []Identity{bureauB9, auditor, workerW1} {
		if _, err := b.v.Clues(t.Context(), as, "F2"); !errors.Is(err, domain.ErrRefused) {
			t.Errorf("%s reads clues: %v", as.Role, err)
		}
	}
	b.step(r1, b.opened(review.WithInquiry))
	if _, err := b.v.RecordClue(t.Context(), ReviewRequest{As: r1}, "F2.1", &review.ClueLinked{Review: "R1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.v.Compare(t.Context(), ReviewRequest{As: r1}, "F2.1", report.EventID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.v.Compare(t.Context(), ReviewRequest{As: r1}, "F2.1", "none"); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("no event: %v", err)
	}
	list, err := b.v.Clues(t.Context(), head, "F2")
	if err != nil || len(list) != 3 || len(list[0].Compared) != 1 || !list[0].Compared[0].First {
		t.Errorf("%+v, %v", list, err)
	}
}
