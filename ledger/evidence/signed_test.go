package evidence

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
	"leeway/eventstore"
	"leeway/ledger"
)

// put writes a step of review R1 into the store past everything that refuses
// one.
func (h *house) put(person string, as review.Role, e review.Event) {
	h.t.Helper()
	review.Act(e, as, domain.Date(2026, 11, 24))
	stream, last := casework.ReviewStream("R1"), int64(eventstore.NoStream)
	for r, err := range h.store.Read(h.t.Context(), stream, 0) {
		if err != nil {
			h.t.Fatal(err)
		}
		last = r.Revision
	}
	id := "019e0000-0000-7000-8000-0000000000" + string(rune('a'+(last+1)/6)) + string(rune('a'+(last+1)%6))
	clear, err := domain.Canonical(e)
	env := domain.Envelope{Suite: domain.Suite, Clear: clear, Meta: domain.Meta{ID: id, Command: id, Type: e.EventType(), Stream: stream, Revision: last + 1,
		RecordedAt: domain.At(h.desk.Now()), Actor: domain.Actor{Person: person, Office: "commission", Post: "q"}}}
	data, encErr := env.Encode()
	if err := errors.Join(err, encErr); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.store.Append(h.t.Context(), eventstore.Batch{Stream: stream, Expected: last, Command: id, Events: []eventstore.Event{{ID: id, Type: env.Type, Data: data}}}); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.log.SealNow(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// determined is a house with a review that has been determined.
func determined(t *testing.T) *house {
	h := newHouse(t)
	h.put("r1", review.Reviewer, &review.Opened{Route: review.ExOfficio, Organ: "commission",
		Matters: []review.Matter{{ID: "m1", Case: "SAMPLE-1", Day: domain.Date(2020, 1, 20), From: domain.MonthOf(2020, 2), To: domain.MonthOf(2020, 3)}},
		Parties: []review.Party{{Person: "w1", Office: "town", Post: "intake", Matters: []string{"m1"}}}})
	h.put("r1", review.Reviewer, &review.Determined{Collective: review.Collective{Members: []review.Member{{Person: "r1", Office: "commission"}}, For: 1, Minutes: "M-1"}})
	return h
}

// sign is a signature of a person under the determination, as its event.
func (h *house) sign(key ledger.Key, person string) *review.Signed {
	h.t.Helper()
	st, err := (&casework.Reviews{Desk: h.desk}).ToSign(h.t.Context(), casework.Identity{Actor: domain.Actor{Person: person, Office: "commission", Post: "q"}, Role: review.Reviewer}, "R1")
	if err != nil {
		h.t.Fatal(err)
	}
	text, err := st.Text()
	if err != nil {
		h.t.Fatal(err)
	}
	line, err := ledger.SignText(key.Signer, text)
	if err != nil {
		h.t.Fatal(err)
	}
	return &review.Signed{Decision: st.Decision, Digest: st.Digest, Key: key.Public, Signature: line}
}

func (h *house) exportReview() ([]byte, *Result) {
	h.t.Helper()
	b, r, err := Source{h.store, h.log, h.packs, engine}.Export(h.t.Context(), OfReview, "R1")
	if err != nil {
		h.t.Fatal(err)
	}
	return b, r
}

// worths are the signatures of a result, each as person:state.
func worths(r *Result) (list []string) {
	for _, s := range r.Signed {
		list = append(list, s.Person+":"+s.State)
	}
	return list
}

// TestSignaturesInAPackage holds that a verifier tells of a determination that
// nobody signed, and of each signature what it is worth; that he refuses one that
// does not hold in any case, and, where he knows signers, whatever is not theirs.
func TestSignaturesInAPackage(t *testing.T) {
	h := determined(t)
	ed, err := ledger.CreateKey(filepath.Join(t.TempDir(), "key"), "r1")
	if err != nil {
		t.Fatal(err)
	}
	sm, err := ledger.CreateKeySM2(filepath.Join(t.TempDir(), "key"), "r1")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string][]string{"r1": {ed.Public, sm.Public}}
	judge := func(b []byte, keys map[string][]string) error {
		_, err := Verify(t.Context(), b, Options{Engine: engine, Signers: keys})
		return err
	}
	refused := func(name string, err error, want string) {
		t.Helper()
		if !errors.Is(err, ledger.ErrUntrusted) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}

	b, r := h.exportReview()
	if got := worths(r); !slices.Equal(got, []string{":missing"}) || judge(b, nil) != nil {
		t.Errorf("nobody has signed: %v, %v", got, judge(b, nil))
	}
	refused("nobody has signed", judge(b, known), "nobody has signed it")

	// Both kinds of key, under the same determination.
	one, two := h.sign(ed, "r1"), h.sign(sm, "r1")
	h.put("r1", review.Reviewer, one)
	h.put("r1", review.Reviewer, two)
	b, r = h.exportReview()
	if got := worths(r); !slices.Equal(got, []string{"r1:unknown", "r1:unknown"}) || judge(b, nil) != nil {
		t.Errorf("without signers: %v, %v", got, judge(b, nil))
	}
	if err := judge(b, known); err != nil {
		t.Errorf("both are registered: %v", err)
	}
	refused("one is not registered", judge(b, map[string][]string{"r1": {ed.Public}}), "a key of nobody")
	refused("registered for another", judge(b, map[string][]string{"r2": {ed.Public, sm.Public}}), "a key of nobody")

	// What was signed cannot be moved: to another person, to another digest, and
	// by no bit of the line.
	for name, bad := range map[string]func(*review.Signed) string{
		"of another person": func(*review.Signed) string { return "r2" },
		"of another digest": func(e *review.Signed) string { e.Digest = strings.Repeat("0", 64); return "r1" },
		"another line": func(e *review.Signed) string {
			e.Signature = e.Signature[:len(e.Signature)-8] + "AAAAAAAA"
			return "r1"
		},
	} {
		h := determined(t)
		e := *h.sign(sm, "r1")
		person := bad(&e)
		h.put(person, review.Reviewer, &e)
		b, r := h.exportReview()
		if got := worths(r); !slices.Equal(got, []string{person + ":false"}) {
			t.Errorf("%s: %v", name, got)
		}
		refused(name, judge(b, nil), "the signature of "+person+" does not hold")
	}
}
