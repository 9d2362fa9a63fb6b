package bulk

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leeway/domain"
)

// inParts is a replay in so many parts, as they are read from their files.
func (c *city) inParts(t testing.TB, n int, r Run) []*Outcome {
	t.Helper()
	var parts []*Outcome
	for i := range n {
		r.Part = Part{i + 1, n}
		text, err := json.Marshal(c.run(t, r))
		if err != nil {
			t.Fatal(err)
		}
		part := new(Outcome)
		if err := json.Unmarshal(text, part); err != nil {
			t.Fatal(err)
		}
		if err := part.Check(); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part)
	}
	return parts
}

// TestPartsAreTheWhole: however a population is cut, the parts put together, in
// any order, are what one run finds, with the cases that are not believed.
func TestPartsAreTheWhole(t *testing.T) {
	c := newCity(t)
	c.edit(t, `DELETE FROM dossiers WHERE stream = 'case-F3'`)
	want := c.run(t, Run{})
	for _, n := range []int{1, 2, 5} {
		parts := c.inParts(t, n, Run{})
		slices.Reverse(parts)
		got, err := Merge(parts)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%d parts: one run (-), put together (+)\n%s", n, d)
		}
	}
}

// TestUnfitParts: what is not the parts of one replay is refused, with what is
// wrong and where.
func TestUnfitParts(t *testing.T) {
	c := newCity(t)
	halves := func() []*Outcome { return c.inParts(t, 2, Run{}) }
	for _, tt := range []struct {
		why   Reason
		parts []Part
		given func() []*Outcome
	}{
		{UnfitNone, nil, func() []*Outcome { return nil }},
		{UnfitMissing, []Part{{1, 3}, {3, 3}}, func() []*Outcome { return c.inParts(t, 3, Run{})[1:2] }},
		{UnfitTwice, []Part{{2, 2}}, func() []*Outcome { h := halves(); return append(h, h[1]) }},
		{UnfitCut, []Part{{1, 2}, {1, 3}}, func() []*Outcome { return append(halves()[:1], c.inParts(t, 3, Run{})[0]) }},
		{UnfitDay, []Part{{1, 2}, {2, 2}}, func() []*Outcome { return append(halves()[:1], c.inParts(t, 2, Run{AsOf: asOf - 1})[1]) }},
		{UnfitQuestion, []Part{{1, 2}, {2, 2}}, func() []*Outcome {
			return append(halves()[:1], c.inParts(t, 2, Run{Which: Which{From: domain.MonthOf(2020, 7)}})[1])
		}},
		{UnfitEngine, []Part{{1, 2}, {2, 2}}, func() []*Outcome { h := halves(); h[1].Common.Engine += "+"; return h }},
		{UnfitRules, []Part{{1, 2}, {2, 2}}, func() []*Outcome { h := halves(); h[1].Common.Rules = ""; return h }},
	} {
		_, err := Merge(tt.given())
		var u *Unfit
		if !errors.As(err, &u) || !errors.Is(err, domain.ErrInvalid) || u.Why != tt.why {
			t.Errorf("%s: %v", tt.why, err)
		} else if d := cmp.Diff(tt.parts, u.Parts); d != "" {
			t.Errorf("%s: %s", tt.why, d)
		}
	}
}

// TestLedgerGoesOn: parts do not go together when events came in between, and do
// when those are replayed again.
func TestLedgerGoesOn(t *testing.T) {
	c := newCity(t)
	before := c.inParts(t, 2, Run{})
	c.note(t, "F2", `{"case":"F2","type":"benefit-paid.v1","actor":{"person":"f1","office":"finance","post":"payout"},"data":{"day":"2021-08-30","month":"2020-08","amount":37800}}`)
	c.catchUp(t)
	after := c.inParts(t, 2, Run{})
	_, err := Merge([]*Outcome{before[0], after[1]})
	if u := (*Unfit)(nil); !errors.As(err, &u) || u.Why != UnfitLedger {
		t.Errorf("the ledger went on: %v", err)
	}
	got, err := Merge(after)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(c.run(t, Run{}), got); d != "" {
		t.Error(d)
	}
}

// TestParsePart: only one spelling names a part.
func TestParsePart(t *testing.T) {
	for text, want := range map[string]bool{
		"1/1": true, "2/8": true, "1024/1024": true,
		"": false, "1": false, "0/8": false, "9/8": false, "-1/8": false, "1/1025": false, "01/8": false, "1/8 ": false, "1/8/2": false, "a/b": false,
	} {
		if p, ok := ParsePart(text); ok != want || ok && p.String() != text {
			t.Errorf("%q: %v, %v", text, p, ok)
		}
	}
}
