package casework

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/eventstore"
	"leeway/eventstore/memory"
)

var (
	jan2  = domain.Date(2020, 1, 2)
	jan8  = domain.Date(2020, 1, 8)
	feb   = domain.MonthOf(2020, 2)
	noon  = time.Date(2020, 3, 1, 12, 0, 0, 0, domain.Shanghai)
	w1    = domain.Actor{Person: "w1", Office: "town", Post: "intake"}
	a1    = domain.Actor{Person: "a1", Office: "county", Post: "approver"}
	asW1  = Request{Actor: w1}
	asA1  = Request{Actor: a1}
	rules = domain.PackVersion{Pack: "p", Version: "1", Digest: "digest-of-p-1"}
)

// library is a room of rules that holds versions 1 and 2 of pack p.
type library struct {
	replay.Rules
	missing bool // Plan finds nothing
}

func (library) Quorum(domain.PackVersion) (domain.Quorum, error) {
	return domain.Quorum{Require: 2, Roles: []string{"administrator", "reviewer"}}, nil
}

func (library) Engine() string { return "engine 1" }

func (library) Resolve(pack, version string) (domain.PackVersion, error) {
	if pack != "p" || version != "1" && version != "2" {
		return domain.PackVersion{}, fmt.Errorf("%w: %s/%s", replay.ErrNoRules, pack, version)
	}
	return domain.PackVersion{Pack: pack, Version: version, Digest: "digest-of-" + pack + "-" + version}, nil
}

func (l library) Plan(v domain.PackVersion, _ domain.Day) (replay.Plan, error) {
	if l.missing {
		return nil, fmt.Errorf("%w: %s", replay.ErrNoRules, v.Version)
	}
	return plan{version: v.Version}, nil
}

// plan knows a few facts; rent came with version 2.
type plan struct {
	replay.Plan
	version string
}

func (p plan) Attributes() map[string]domain.Attribute {
	list := []domain.Attribute{
		{Name: "area", Kind: domain.CodeValue, Codes: []string{"urban", "rural"}},
		{Name: "car", Kind: domain.BoolValue},
		{Name: "since", Kind: domain.DayValue},
		{Name: "income", Kind: domain.MoneyValue, Member: true, Sum: true},
		{Name: "dead", Kind: domain.BoolValue, Member: true, Death: true},
		{Name: "age", Kind: domain.IntValue, Member: true},
	}
	if p.version == "2" {
		list = append(list, domain.Attribute{Name: "rent", Kind: domain.MoneyValue})
	}
	attrs := map[string]domain.Attribute{}
	for _, a := range list {
		attrs[a.Name] = a
	}
	return attrs
}

// sealer is a sealer whose bytes are the same every time. It binds what
// domain.Sealer must, and forgets the keys of subjects in lost.
type sealer struct{ lost []string }

func mask(stream, event, field, text string) []byte {
	place := sha256.Sum256([]byte(stream + "|" + event + "|" + field))
	masked := bytes.Clone(place[:8])
	for _, b := range []byte(text) {
		masked = append(masked, b^0xa5)
	}
	return masked
}

func (sealer) Seal(stream, event string, f domain.PrivateField) (domain.Sealed, error) {
	return domain.Sealed{Field: f.Path, Subject: f.Data.Subject, Key: "k", Nonce: []byte("nonce"),
		Ciphertext: mask(stream, event, f.Path, f.Data.Text), Commitment: []byte("commitment")}, nil
}

func (s sealer) Open(stream, event string, d domain.Sealed) (string, error) {
	if slices.Contains(s.lost, d.Subject) {
		return "", domain.ErrSealed
	}
	if !bytes.HasPrefix(d.Ciphertext, mask(stream, event, d.Field, "")) {
		return "", domain.ErrAltered
	}
	text := bytes.Clone(d.Ciphertext[8:])
	for i := range text {
		text[i] ^= 0xa5
	}
	return string(text), nil
}

// hooked is a store in which a test can come in between.
type hooked struct {
	eventstore.Store
	reading   func(eventstore.Recorded) []eventstore.Recorded // what is read in its place
	failing   error                                           // ends every read of a stream after two events
	appending func(eventstore.Batch) error                    // before an append
	appended  func(eventstore.Batch) error                    // after one
}

func (h *hooked) filter(seq iter.Seq2[eventstore.Recorded, error]) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		n := 0
		for r, err := range seq {
			if n++; err == nil && n > 2 && h.failing != nil {
				yield(eventstore.Recorded{}, h.failing)
				return
			}
			if err != nil || h.reading == nil {
				if !yield(r, err) {
					return
				}
				continue
			}
			for _, r := range h.reading(r) {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

func (h *hooked) Read(ctx context.Context, stream string, from int64) iter.Seq2[eventstore.Recorded, error] {
	return h.filter(h.Store.Read(ctx, stream, from))
}

func (h *hooked) All(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return h.filter(h.Store.All(ctx, after))
}

func (h *hooked) Append(ctx context.Context, b eventstore.Batch) (int64, error) {
	if h.appending != nil {
		if err := h.appending(b); err != nil {
			return 0, err
		}
	}
	last, err := h.Store.Append(ctx, b)
	if err == nil && h.appended != nil {
		err = h.appended(b)
	}
	return last, err
}

// desk is a service over an empty store, at a clock that a test can set.
type desk struct {
	*Service
	t     *testing.T
	store *hooked
	clock time.Time
	reads int // of the clock
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, store: &hooked{Store: memory.New()}, clock: noon}
	d.Service = &Service{Store: d.store, Rules: library{}, Sealer: sealer{}, Now: func() time.Time { d.reads++; return d.clock }}
	return d
}

// opened is a desk with pack p activated and case F1 opened.
func opened(t *testing.T) *desk {
	d := newDesk(t)
	d.note(&eligibility.RulesActivated{On: on(jan2), Rules: domain.PackVersion{Pack: "p", Version: "1"}})
	d.record("F1", caseOpened())
	return d
}

func on(day domain.Day) eligibility.On { return eligibility.On{Day: day} }

func taken(day domain.Day) eligibility.Taken { return eligibility.Taken{On: on(day)} }

func caseOpened() *eligibility.CaseOpened {
	return &eligibility.CaseOpened{On: on(jan2), Programme: eligibility.Dibao, Pack: "p", Office: "town", Applicant: "m1",
		Members: []eligibility.Person{
			{ID: "m1", Relation: "self", Name: domain.Personal("m1", "张三丰"), IDNumber: domain.Personal("m1", "429005198001012345")},
			{ID: "m2", Relation: "spouse"},
		},
		Address: domain.Personal("m1", "园林街道七号")}
}

func income(fen int64) domain.Statement {
	return domain.Statement{Subject: "m1", Attribute: "income", Value: domain.Money(domain.Fen(fen))}
}

func declared(s ...domain.Statement) *eligibility.DeclarationSigned {
	return &eligibility.DeclarationSigned{On: on(jan2), By: "m1", Statements: s}
}

func granted() *eligibility.DecisionMade {
	return &eligibility.DecisionMade{On: on(jan8), Outcome: eligibility.Granted, Amount: 37800, From: feb}
}

// record records an event that must be taken.
func (d *desk) record(id string, e eligibility.Event) Receipt {
	d.t.Helper()
	r, err := d.Record(d.t.Context(), asW1, id, e)
	if err != nil {
		d.t.Fatalf("Record(%s) = %v", e.EventType(), err)
	}
	return r
}

func (d *desk) note(e eligibility.RegisterEvent) Receipt {
	d.t.Helper()
	if a, ok := e.(*eligibility.RulesActivated); ok && a.Approvals == nil {
		a.Approvals = approved(a.Rules)
	}
	r, err := d.Note(d.t.Context(), asW1, e)
	if err != nil {
		d.t.Fatalf("Note(%s) = %v", e.EventType(), err)
	}
	return r
}

// approved are approvals by two persons in two roles.
func approved(v domain.PackVersion) []domain.Approval {
	digest := "digest-of-" + v.Pack + "-" + v.Version
	return []domain.Approval{{Person: "a1", Role: "administrator", Digest: digest}, {Person: "r1", Role: "reviewer", Digest: digest}}
}

// entries is the timeline of a case, which must be readable.
func (d *desk) timeline(id string) []Entry {
	d.t.Helper()
	entries, err := d.Events(d.t.Context(), id)
	if err != nil {
		d.t.Fatalf("Events(%s) = %v", id, err)
	}
	return entries
}

// events counts the events of the whole store.
func (d *desk) events() (n int) {
	d.t.Helper()
	for _, err := range d.store.Store.All(d.t.Context(), eventstore.Start) {
		if err != nil {
			d.t.Fatal(err)
		}
		n++
	}
	return n
}

// wantFault checks that an error is a fault of a field that says and mends.
func wantFault(t *testing.T, err error, field, says string) {
	t.Helper()
	var f *domain.Fault
	if !errors.As(err, &f) {
		t.Fatalf("error %v, want a fault of %s", err, field)
	}
	if f.Field != field || !strings.Contains(f.Error(), says) || f.Mend.Format == "" {
		t.Errorf("fault %q, want one of %s that says %q", f, field, says)
	}
}
