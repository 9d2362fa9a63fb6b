package bulk

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/replay"
	"leeway/policies"
	"leeway/simulate"
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
// gets 34 yuan a head more in the months in which something is due to it, nobody
// else gets anything, and asked again no case is folded anew.
func TestRaisedStandard(t *testing.T) {
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
	var changes []simulate.Change
	for _, x := range im.Turns {
		changes = append(changes, simulate.Change{Case: x.Case, Month: x.Month, More: x.More})
	}
	if x := simulate.CompareRaise(c.entitled, 3400, changes); !x.Right() || im.Minus != 0 || im.Folded == 0 || im.Touched != len(c.entitled) {
		t.Errorf("%d cases touched, %d entitled, %d folded: %+v\n%s", im.Touched, len(c.entitled), im.Folded, x.All, strings.Join(x.Wrong, "\n"))
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
	run := Run{Desk: c.desk, Bench: c.db.Bench(), Which: Which{Programme: "dibao"}}
	im, err := run.Impact(context.Background(), lib, from, to, "")
	if err != nil || im.Asked != 0 || im.Touched != 0 || im.Months == 0 {
		t.Errorf("%d months: %d asked, %d touched, %v", im.Months, im.Asked, im.Touched, err)
	}
	run.Which.Programme = "tekun"
	if im, err = run.Impact(context.Background(), lib, from, to, ""); err != nil || im.Asked == 0 || im.Touched == 0 {
		t.Errorf("of the programme itself %d asked, %d touched, %v", im.Asked, im.Touched, err)
	}
}
