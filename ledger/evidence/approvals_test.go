package evidence

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
	"leeway/ledger"
)

// signedBy is an approval signed by a key of that person.
func signedBy(t *testing.T, v domain.PackVersion, person, role string) domain.Approval {
	t.Helper()
	key, err := ledger.CreateKey(filepath.Join(t.TempDir(), "key"), person)
	if err != nil {
		t.Fatal(err)
	}
	a := domain.Approval{Person: person, Role: role, Digest: v.Digest, Key: key.Public}
	text, err := a.Text(v)
	if err == nil {
		a.Signature, err = ledger.SignText(key.Signer, text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// activate writes an activation into the store past everything that refuses one.
func (h *house) activate(a ...domain.Approval) domain.PackVersion {
	h.t.Helper()
	v, err := h.packs.Resolve("cn-hb-qianjiang", "2020.1")
	if err != nil {
		h.t.Fatal(err)
	}
	last := int64(eventstore.NoStream)
	for r, err := range h.store.Read(h.t.Context(), eligibility.RulesStream, 0) {
		if err != nil {
			h.t.Fatal(err)
		}
		last = r.Revision
	}
	const id = "019e0000-0000-7000-8000-000000000001"
	clear, err := domain.Canonical(eligibility.RulesActivated{On: eligibility.On{Day: domain.Date(2026, 11, 24)}, Rules: v, Approvals: a})
	env := domain.Envelope{Suite: domain.Suite, Clear: clear, Meta: domain.Meta{ID: id, Command: id, Type: eligibility.RulesActivated{}.EventType(),
		Stream: eligibility.RulesStream, Revision: last + 1, RecordedAt: domain.At(h.desk.Now()), Actor: domain.Actor{Person: "p", Office: "o", Post: "q"}}}
	data, encErr := env.Encode()
	if err := errors.Join(err, encErr); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.store.Append(h.t.Context(), eventstore.Batch{Stream: env.Stream, Expected: last, Command: id, Events: []eventstore.Event{{ID: id, Type: env.Type, Data: data}}}); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.log.SealNow(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return v
}

// states are the approvals of a result, each as person:state.
func states(r *Result) string {
	var list []string
	for _, a := range r.Approvals {
		list = append(list, a.Person+":"+a.State)
	}
	return strings.Join(list, " ")
}

// TestApprovalsInAPackage holds that a verifier names an approval of a pack that
// is missing, unsigned, or by a key of nobody as far as he knows approvers, and
// refuses one that does not hold in any case.
func TestApprovalsInAPackage(t *testing.T) {
	h := newHouse(t)
	v, _ := h.packs.Resolve("cn-hb-qianjiang", "2020.1")
	a, b := signedBy(t, v, "a1", "policy_administrator"), signedBy(t, v, "b2", "reviewer")
	h.activate(a, b)
	packet := h.export()
	known := map[string][]string{"a1": {a.Key}, "b2": {b.Key}}
	for _, c := range []struct {
		name string
		keys map[string][]string
		want string // states, or what the error says
	}{
		{"no approvers known", nil, ":missing a1:unknown b2:unknown"},
		{"history without approvals", known, "nobody is on record as having approved it"},
		{"a key of nobody", map[string][]string{"a1": {a.Key}}, "the approval of b2 is signed by a key of nobody"},
		{"a key of another", map[string][]string{"a1": {a.Key}, "b2": {a.Key}}, "the approval of b2 is signed by a key of nobody"},
	} {
		r, err := Verify(t.Context(), packet, Options{Engine: engine, Approvers: c.keys})
		switch {
		case c.keys == nil && (err != nil || states(r) != c.want):
			t.Errorf("%s: %v", c.name, err)
		case c.keys != nil && (!errors.Is(err, ledger.ErrUntrusted) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "cn-hb-qianjiang/2020.1")):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// TestFalseApprovals: a package is made all the same, and no verifier accepts it.
func TestFalseApprovals(t *testing.T) {
	h := newHouse(t)
	v, _ := h.packs.Resolve("cn-hb-qianjiang", "2020.1")
	a, b := signedBy(t, v, "a1", "policy_administrator"), signedBy(t, v, "b2", "reviewer")
	moved, unsigned, other := a, domain.Approval{Person: "c3", Role: "head", Digest: v.Digest}, b
	moved.Person = "c3"
	other.Digest = strings.Repeat("0", 64)
	for name, c := range map[string]struct {
		a    domain.Approval
		want string
	}{
		"signed": {a, ApprovalSigned}, "unknown": {b, ApprovalUnknown}, "moved to another person": {moved, ApprovalFalse},
		"of other bytes": {other, ApprovalFalse}, "unsigned": {unsigned, ApprovalUnsigned},
	} {
		if got := StateOf(map[string][]string{"a1": {a.Key}}, v, c.a); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	h.activate(moved, b)
	packet, r, err := Source{h.store, h.log, h.packs, engine}.Export(t.Context(), OfCase, "SAMPLE-1")
	if err != nil || states(r) != ":missing c3:false b2:unknown" {
		t.Fatalf("export: %v", err)
	}
	if _, err := verify(packet, nil); !errors.Is(err, ledger.ErrUntrusted) || !strings.Contains(err.Error(), "the signature of c3 does not hold") {
		t.Errorf("a false approval: %v", err)
	}
	h = newHouse(t)
	h.activate(a)
	if _, err := verify(h.export(), nil); !errors.Is(err, ledger.ErrUntrusted) || !strings.Contains(err.Error(), "1 of 2 approvals") {
		t.Errorf("one approval alone: %v", err)
	}
}
