package bulk

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/policies"
)

// TestEntitledIsB holds what a version says of truths against B of the chain, for
// every sample case and month that rests on it.
func TestEntitledIsB(t *testing.T) {
	c := newCity(t)
	seen := 0
	for _, d := range c.dossiers(t) {
		if d.Case() == "" {
			continue
		}
		dossier, err := c.desk.DossierAt(context.Background(), d.Case(), asOf)
		if err != nil {
			t.Fatal(err)
		}
		in := replay.Input{Case: dossier.Case, Register: dossier.Register, Rules: c.desk.Rules, AsOf: asOf}
		report, err := replay.Chain(in)
		if err != nil {
			t.Fatal(err)
		}
		list, err := replay.Truths(in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := replay.Entitled(list, func(m domain.Month) (replay.Plan, error) {
			return c.desk.Rules.Plan(report.Inputs.RulesNow, m.First())
		}, func(p replay.Plan, _ int, f domain.Facts) (domain.Outcome, error) { return p.Evaluate(f) })
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range report.Months {
			b, _ := m.Node("B")
			for i := range list {
				if list[i].Month != m.Month {
					continue
				}
				if seen++; !got[i].SameAmounts(b.Outcome) {
					t.Errorf("%s %s: %v, B is %v", d.Case(), m.Month, got[i].Lawful, b.Outcome.Lawful)
				}
			}
		}
	}
	if seen < 80 {
		t.Errorf("only %d months were compared", seen)
	}
}

// TestRaisedStandard raises the rural standard by 34 yuan: every rural household
// without a planted error gets 34 yuan a head and month more, no urban one gets
// anything, and asked again no case is folded anew.
func TestRaisedStandard(t *testing.T) {
	c, truth := newSimulated(t, 9, 1)
	planted := map[string]bool{}
	for _, x := range truth {
		planted[x.Case] = true
	}
	lib := c.desk.Rules.(rules).Library
	from, err := lib.Resolve("cn-hb-qianjiang", "2020.2")
	if err != nil {
		t.Fatal(err)
	}
	old, err := fs.Sub(policies.Bundles(), "cn-hb-qianjiang/2020.2")
	if err != nil {
		t.Fatal(err)
	}
	draft, err := policies.Raised(old, "dibao_rural", 3400)
	if err != nil {
		t.Fatal(err)
	}
	to, err := lib.Open(draft)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "facts.ndjson")
	ask := func(w Which) *Impact {
		im, err := Run{Desk: c.desk, Bench: c.db.Bench(), Which: w}.Impact(context.Background(), lib, from, to, name)
		if err != nil {
			t.Fatal(err)
		}
		return im
	}
	im := ask(Which{})
	months := map[string]int{}
	for _, turn := range im.Turns {
		if months[turn.Case]++; planted[turn.Case] {
			continue
		}
		state := c.state(t, turn.Case)
		want := domain.Fen(3400 * len(state.Members))
		if turn.More == nil || *turn.More != want || !rural(state) {
			t.Errorf("%s %s: %v more, want %d, rural %t", turn.Case, turn.Month, turn.More, want, rural(state))
		}
	}
	for _, d := range c.dossiers(t) {
		if d.Case() == "" || planted[d.Case()] || d.Pack != from.Pack || !rural(c.state(t, d.Case())) {
			continue
		}
		if want := int(d.LastMonth-d.FirstMonth) + 1; months[d.Case()] != want {
			t.Errorf("%s: %d months change, want %d", d.Case(), months[d.Case()], want)
		}
	}
	if im.Touched != len(months) || im.Touched == 0 || im.Minus != 0 || im.Folded == 0 {
		t.Errorf("%d cases touched, %d months, %d folded", im.Touched, len(im.Turns), im.Folded)
	}
	again := ask(Which{})
	if again.Folded != 0 || again.Plus != im.Plus || len(again.Turns) != len(im.Turns) {
		t.Errorf("again: %d folded, %d yuan", again.Folded, again.Plus)
	}
	if im.Asked == 0 || im.Asked >= im.Cases {
		t.Errorf("%d histories of %d cases were asked about", im.Asked, im.Cases)
	}
	// A file that was cut or that refers to nothing is found again, not guessed at.
	kept, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string][]byte{
		"cut":          kept[:len(kept)*2/3],
		"another form": bytes.Replace(kept, []byte("facts.v2"), []byte("facts.v1"), 1),
		"no such line": bytes.Replace(kept, []byte(`"history":1}`), []byte(`"history":99999}`), 1),
	} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if anew := ask(Which{}); anew.Folded != im.Folded || anew.Plus != im.Plus {
			t.Errorf("%s: %d of %d folded, %d more", what, anew.Folded, im.Folded, anew.Plus)
		}
	}
	july := domain.MonthOf(2020, 7)
	for _, turn := range ask(Which{From: july, To: july}).Turns {
		if turn.Month != july {
			t.Errorf("%s was not asked about", turn.Month)
		}
	}
	if _, err := policies.Raised(old, "no_such", 100); err == nil {
		t.Error("a standard that there is none of was raised")
	}
}

// TestAnotherProgrammeIsNotAsked raises a standard that these cases do not rest
// on: nothing changes, and no version is asked about any of them.
func TestAnotherProgrammeIsNotAsked(t *testing.T) {
	c, _ := newSimulated(t, 9, 1)
	lib := c.desk.Rules.(rules).Library
	from, err := lib.Resolve("cn-hb-qianjiang", "2020.2")
	if err != nil {
		t.Fatal(err)
	}
	old, err := fs.Sub(policies.Bundles(), "cn-hb-qianjiang/2020.2")
	if err != nil {
		t.Fatal(err)
	}
	draft, err := policies.Raised(old, "tekun_rural_able", 3400)
	if err != nil {
		t.Fatal(err)
	}
	to, err := lib.Open(draft)
	if err != nil {
		t.Fatal(err)
	}
	im, err := Run{Desk: c.desk, Bench: c.db.Bench()}.Impact(context.Background(), lib, from, to, "")
	if err != nil || im.Asked != 0 || im.Touched != 0 || im.Months == 0 {
		t.Errorf("%+v, %v", im, err)
	}
}

func (c *city) state(t testing.TB, id string) *eligibility.Case {
	t.Helper()
	s, err := c.desk.Case(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rural(c *eligibility.Case) bool {
	for _, s := range c.Statements {
		if s.Attribute == "area" {
			return s.Value == domain.Code("rural")
		}
	}
	return false
}
