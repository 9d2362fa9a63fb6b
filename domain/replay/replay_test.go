package replay_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// chain writes a month as a reader would: nodes, then causes with amounts.
func chain(m replay.Month) string {
	var parts []string
	for _, n := range m.Nodes {
		switch n.Name {
		case "P", "D", "A", "Af", "Ao", "B":
			text := "?"
			if n.None {
				text = "∅"
			} else if n.Outcome.Determined() {
				text = ""
				for i, r := range n.Outcome.Lawful {
					if i > 0 {
						text += ","
					}
					text += r.Lo.Yuan()
				}
			}
			parts = append(parts, n.Name+"="+text)
		}
	}
	for _, l := range m.Links {
		amount := "?"
		if l.Amount != nil {
			amount = l.Amount.Signed()
		}
		parts = append(parts, string(l.Class)+" "+amount)
	}
	return strings.Join(parts, " ") + " → " + string(m.Class)
}

func TestChain(t *testing.T) {
	tests := []struct {
		name  string
		story func(*story)
		want  []string
	}{
		{"clean", func(s *story) { s.opened(3, 400).decided(378).paid("2020-02", 378) },
			[]string{"P=378 D=378 A=378 Af=378 Ao=378 B=378 → OK"}},
		{"concealed, duties done", func(s *story) {
			s.opened(1, 148).decided(378).paid("2020-02", 378).found("2020-09-01", "m1", "interest", 60, "2020-01-01")
		}, []string{"P=378 D=378 A=378 Af=378 Ao=378 B=318 E-APPL +60 → E-APPL"}},
		{"slip and concealment oppose each other", func(s *story) {
			s.opened(1, 148).decided(318).paid("2020-02", 318).found("2020-09-01", "m1", "interest", 60, "2020-01-01")
		}, []string{"P=318 D=318 A=378 Af=378 Ao=378 B=318 E-WORK -60 E-APPL +60 → E-WORK"}},
		{"paid without a decision", func(s *story) { s.opened(1, 148).paid("2020-02", 378) },
			[]string{"P=378 D=∅ A=378 Af=378 Ao=378 B=378 E-PAY +378 E-WORK -378 → E-PAY"}},
		{"a fact from the middle of a month counts from the next", func(s *story) {
			s.opened(1, 148).decided(378).paid("2020-02", 378).paid("2020-03", 378).found("2020-09-01", "m1", "wages", 100, "2020-02-15")
		}, []string{"P=378 D=378 A=378 Af=378 Ao=378 B=378 → OK", "P=378 D=378 A=378 Af=378 Ao=378 B=278 E-APPL +100 → E-APPL"}},
		{"wrong exclusion", func(s *story) {
			s.opened(1, 148).add(&eligibility.DecisionMade{On: s.on("2020-01-20"), Outcome: eligibility.Refused, From: month(s.t, "2020-02")},
				&eligibility.ComplaintReceived{Taken: eligibility.Taken{On: s.on("2020-03-05")}})
		}, []string{"P=0 D=0 A=378 Af=378 Ao=378 B=378 E-WORK -378 → E-WORK", "P=0 D=0 A=378 Af=378 Ao=378 B=378 E-WORK -378 → E-WORK"}},
		{"no decision by the deadline", func(s *story) {
			s.opened(1, 148).add(&eligibility.ComplaintReceived{Taken: eligibility.Taken{On: s.on("2020-03-05")}})
		}, []string{"P=0 D=0 A=378 Af=378 Ao=378 B=378 E-WORK -378 → E-WORK"}},
		{"unknown income gives no amount", func(s *story) {
			s.add(&eligibility.CaseOpened{On: s.on("2020-01-02"), Programme: eligibility.Dibao, Pack: "p", Office: "o", Applicant: "m1", Members: []eligibility.Person{{ID: "m1", Relation: "self"}}})
			s.decided(378).paid("2020-02", 378)
		}, []string{"P=378 D=378 A=? Af=? Ao=? B=? → UNSPLIT"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStory(t)
			test.story(s)
			var got []string
			for _, m := range s.replay().Months {
				got = append(got, chain(m))
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// A newly published version corrects an older one that had encoded the same
// rule wrongly: the difference is the pack's author's, not the worker's.
func TestWrongEncoding(t *testing.T) {
	s := newStory(t)
	s.rules["1"] = plainVersion{standards: map[domain.Month]domain.Fen{month(t, "2020-01"): 50000}}
	s.rules["2"] = plainVersion{standards: map[domain.Month]domain.Fen{month(t, "2020-01"): 52600}}
	s.opened(1, 148).decided(352).paid("2020-02", 352)
	s.note(&eligibility.RulesActivated{On: s.on("2020-10-01"), Rules: version("2"), Corrects: "1"})
	want := "P=352 D=352 A=352 Af=378 Ao=378 B=378 E-RULE -26 → E-RULE"
	if got := chain(s.replay().Months[0]); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestLag(t *testing.T) {
	s := newStory(t)
	s.rules["1"] = plainVersion{standards: map[domain.Month]domain.Fen{month(t, "2020-01"): 48000}}
	s.rules["2"] = plainVersion{standards: map[domain.Month]domain.Fen{month(t, "2020-01"): 48000, month(t, "2020-02"): 52600}}
	s.note(&eligibility.RulesActivated{On: s.on("2020-01-10"), Rules: version("2")})
	s.note(&eligibility.RulesDispatched{On: s.on("2020-01-10"), Office: "o", Rules: version("2")})
	s.opened(1, 148).decided(332).paid("2020-02", 332)
	s.note(&eligibility.RulesReceived{On: s.on("2020-05-01"), Office: "o", Rules: version("2")})
	want := "P=332 D=332 A=332 Af=378 Ao=378 B=378 E-LAG -46 → E-LAG"
	if got := chain(s.replay().Months[0]); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestRetroactive(t *testing.T) {
	s := newStory(t)
	s.rules["1"] = plainVersion{standards: map[domain.Month]domain.Fen{month(t, "2020-01"): 48000}}
	s.rules["2"] = plainVersion{standards: map[domain.Month]domain.Fen{month(t, "2020-01"): 48000, month(t, "2020-02"): 52600}}
	s.opened(1, 148).decided(332).paid("2020-02", 332)
	s.note(&eligibility.RulesActivated{On: s.on("2020-10-01"), Rules: version("2")})
	s.add(&eligibility.MoneyBackPaid{On: s.on("2020-11-01"), Month: month(t, "2020-02"), Amount: 4600})
	r := s.replay()
	want := "P=332 D=332 A=332 Af=332 Ao=332 B=378 E-RETRO -46 → E-RETRO"
	if got := chain(r.Months[0]); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if r.Money.Underpaid != 4600 || r.Money.OpenUnder != 0 {
		t.Errorf("underpaid %d, open %d; want 4600, 0", r.Money.Underpaid, r.Money.OpenUnder)
	}
}

// What is entered late helps whoever entered it only with independent proof,
// and always counts against him.
func TestLateEntry(t *testing.T) {
	late := func(s *story, yuan int64, proof domain.Grade) {
		s.now = day(s.t, "2020-06-01")
		s.add(&eligibility.NeighbourInquired{On: s.on("2020-01-07"), Statements: []domain.Statement{
			{Subject: "m1", Attribute: "income", Value: domain.Money(domain.Fen(yuan * 100)), Proof: proof},
		}})
	}
	tests := []struct {
		name    string
		decided int64
		seen    int64
		proof   domain.Grade
		want    string
	}{
		{"harms: counts", 378, 208, "", "P=378 D=378 A=378 Af=378 Ao=318 B=318 E-DUTY +60 → E-DUTY"},
		{"helps without proof: does not count", 318, 208, "", "P=318 D=318 A=378 Af=378 Ao=378 B=318 E-WORK -60 E-APPL +60 → E-WORK"},
		{"helps with a stamped paper: counts", 318, 208, domain.GradeB, "P=318 D=318 A=378 Af=378 Ao=318 B=318 E-WORK -60 E-DUTY +60 → E-WORK"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStory(t)
			s.opened(1, 148).decided(test.decided).paid("2020-02", test.decided)
			late(s, test.seen, test.proof)
			if got := chain(s.replay().Months[0]); got != test.want {
				t.Errorf("got %s\nwant %s", got, test.want)
			}
		})
	}
}

// What rests on a knowledge time that is only claimed is undetermined.
func TestClaimedKnowledge(t *testing.T) {
	s := newStory(t)
	s.opened(1, 148)
	e := &eligibility.DataMatchHit{On: s.on("2020-01-09"), Source: "bank", Statements: []domain.Statement{
		{Subject: "m1", Attribute: "income", Value: domain.Money(20800)},
	}}
	m := s.meta("case-1", e.EventType(), s.c.Revision()+1, day(t, "2020-01-09"))
	m.Claimed = &domain.Claim{At: m.RecordedAt, Grade: domain.GradeC}
	s.c.Apply(e, m)
	s.decided(378).paid("2020-02", 378)
	got := s.replay().Months[0]
	if want := "P=378 D=378 A=? Af=? Ao=? B=318 UNSPLIT +60 → UNSPLIT"; chain(got) != want {
		t.Errorf("got %s\nwant %s", chain(got), want)
	}
	if len(got.Missing) == 0 || !strings.Contains(got.Missing[0], "m1.income") {
		t.Errorf("missing %q does not name the fact", got.Missing)
	}
}

func TestNoRules(t *testing.T) {
	s := newStory(t)
	s.opened(1, 148).decided(378)
	delete(s.rules, "1")
	_, err := replay.Run(replay.Input{Case: s.c, Register: s.reg, Rules: s.rules, AsOf: day(t, "2020-12-31")})
	if !errors.Is(err, replay.ErrNoRules) {
		t.Errorf("got %v, want ErrNoRules", err)
	}
	_, err = replay.Run(replay.Input{Case: &eligibility.Case{ID: "x"}, Register: s.reg, Rules: s.rules, AsOf: 1})
	if !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("empty case: got %v, want ErrNotFound", err)
	}
}

// draw makes a random history: declarations, finds, slips, checks undone.
func draw(t *rapid.T, tb testing.TB) *story {
	s := newStory(tb)
	s.rules["1"] = plainVersion{standards: map[domain.Month]domain.Fen{month(tb, "2020-01"): 52600}, hold: [2]domain.Month{month(tb, "2020-03"), month(tb, "2020-04")}}
	n := rapid.IntRange(1, 3).Draw(t, "members")
	s.opened(n, rapid.Int64Range(0, 500).Draw(t, "declared"))
	s.decided(rapid.Int64Range(0, 1600).Draw(t, "decided"))
	for i := range rapid.IntRange(0, 5).Draw(t, "events") {
		later(t, s, n, i)
	}
	return s
}

var months = []string{"2020-02", "2020-03", "2020-04", "2020-05"}

// later adds one random later event.
func later(t *rapid.T, s *story, n, i int) {
	member := "m" + string(rune('0'+rapid.IntRange(1, n).Draw(t, "member")))
	yuan := rapid.Int64Range(0, 600).Draw(t, "yuan")
	from := rapid.SampledFrom([]string{"2020-01-01", "2020-02-10", "2020-03-01", "2020-04-15"}).Draw(t, "from")
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0:
		s.paid(rapid.SampledFrom(months).Draw(t, "month"), yuan)
	case 1:
		s.found("2020-09-01", member, rapid.SampledFrom([]string{"", "wages", "interest"}).Draw(t, "item"), yuan, from)
	case 2:
		s.add(&eligibility.ChangeReported{On: s.on("2020-04-20"), By: "m1", Statements: []domain.Statement{
			{Subject: member, Attribute: "income", Item: "farm", Value: domain.Money(domain.Fen(yuan * 100)), ValidFrom: day(s.t, from)},
		}})
	case 3:
		s.add(&eligibility.DeathRecorded{On: s.on("2020-05-01"), Member: member, Died: day(s.t, from), Source: domain.Check, HeldBy: "bank"})
	case 4:
		s.add(&eligibility.FactsDiscovered{On: s.on("2020-09-02"), How: "audit", Statements: []domain.Statement{
			{Subject: member, Attribute: "imprisoned", Value: domain.Bool(true), ValidFrom: day(s.t, from), HeldBy: "prison"},
		}})
	case 5:
		s.add(&eligibility.DocumentReceived{On: s.on("2020-04-21"), Issuer: "x", Verified: true, Statements: []domain.Statement{
			{Subject: member, Attribute: "income", Item: "wages", Value: domain.Money(domain.Fen(yuan * 100)), ValidFrom: day(s.t, from)},
		}})
	case 6:
		s.now = day(s.t, "2020-09-03")
		s.add(&eligibility.NeighbourInquired{On: s.on("2020-01-10"), Statements: []domain.Statement{
			{Subject: member, Attribute: "income", Item: "late", Value: domain.Money(domain.Fen(yuan * 100)), ValidFrom: day(s.t, from)},
		}})
		s.now = 0
	}
}

// The links of every month add up to P−B, to the fen.
func TestLinksSum(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		for _, m := range draw(rt, t).replay().Months {
			p, _ := m.Node("P")
			b, _ := m.Node("B")
			if m.Under {
				for _, l := range m.Links {
					if l.Amount != nil {
						rt.Fatalf("%s: B is undetermined, yet there is an amount: %s", m.Month, chain(m))
					}
				}
				continue
			}
			var sum domain.Fen
			for _, l := range m.Links {
				sum += *l.Amount
			}
			if sum != p.Taken-b.Taken {
				rt.Fatalf("%s: links add up to %s, P−B is %s: %s", m.Month, sum.Yuan(), (p.Taken - b.Taken).Yuan(), chain(m))
			}
		}
	})
}

// Appending later events never changes K, A or Af of an earlier act. The
// later events may not be acts at which the month itself is judged anew.
func TestLaterEventsChangeNoKnowledge(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := draw(rt, t)
		s.paid("2020-06", 100)
		before := s.replay()
		s.now = day(t, "2020-11-01")
		for i := range rapid.IntRange(1, 4).Draw(rt, "later") {
			if k := rapid.IntRange(0, 2).Draw(rt, "what"); k == 0 {
				s.found("2020-10-01", "m1", "new", rapid.Int64Range(0, 900).Draw(rt, "y"), "2020-01-01")
			} else if k == 1 {
				s.add(&eligibility.NeighbourInquired{On: s.on("2020-01-10"), Statements: []domain.Statement{
					{Subject: "m1", Attribute: "income", Item: "l" + string(rune('a'+i)), Value: domain.Money(7700), Proof: domain.GradeA},
				}})
			} else {
				v := "later" + string(rune('a'+i))
				s.rules[v] = plainVersion{standards: map[domain.Month]domain.Fen{month(t, "2020-01"): 60000}}
				s.note(&eligibility.RulesActivated{On: s.on("2020-01-05"), Rules: version(v)})
			}
		}
		after := s.replay()
		for _, m := range before.Months {
			for _, n := range after.Months {
				if m.Month != n.Month {
					continue
				}
				for _, name := range []string{"A", "Af"} {
					x, _ := m.Node(name)
					y, _ := n.Node(name)
					if !x.Outcome.SameAmounts(y.Outcome) || x.Rules != y.Rules {
						rt.Fatalf("%s of %s changed from %v (%v) to %v (%v)", name, m.Month, x.Outcome, x.Rules, y.Outcome, y.Rules)
					}
				}
			}
		}
	})
}

// The order of statements recorded on one day does not matter beyond their
// precedence.
func TestOrderOfStatements(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var events []eligibility.Event
		s := newStory(t)
		for i := range rapid.IntRange(2, 5).Draw(rt, "n") {
			statement := domain.Statement{Subject: "m1", Attribute: "income", Item: rapid.SampledFrom([]string{"", "a", "b"}).Draw(rt, "item"),
				Value: domain.Money(domain.Fen(rapid.Int64Range(0, 300).Draw(rt, "v") * 100))}
			on := s.on("2020-01-10")
			if i%2 == 0 {
				events = append(events, &eligibility.NeighbourInquired{On: on, Statements: []domain.Statement{statement}})
			} else {
				events = append(events, &eligibility.DataMatchHit{On: on, Source: "bank", Statements: []domain.Statement{statement}})
			}
		}
		other := rapid.Permutation(events).Draw(rt, "order")
		run := func(events []eligibility.Event) string {
			s := newStory(t)
			s.opened(1, 148).add(events...).decided(378).paid("2020-02", 378)
			return chain(s.replay().Months[0])
		}
		if a, b := run(events), run(other); a != b {
			rt.Fatalf("one order gives %s, another %s", a, b)
		}
	})
}

// Equal inputs give equal bytes.
func TestSameBytes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := draw(rt, t)
		a, err := domain.Canonical(s.replay())
		if err != nil {
			rt.Fatal(err)
		}
		b, _ := domain.Canonical(s.replay())
		if !bytes.Equal(a, b) {
			rt.Fatalf("two replays differ:\n%s\n%s", a, b)
		}
	})
}

// A reading is left out only where it cannot differ.
func TestReadingsLeftOut(t *testing.T) {
	readings := []domain.Reading{
		{ID: "next_month", Start: domain.FirstDay, Change: domain.FirstDay, Death: domain.FirstDay},
		{ID: "same_month", Start: domain.LastDay, Change: domain.LastDay, Death: domain.LastDay},
	}
	differed := false
	rapid.Check(t, func(rt *rapid.T) {
		s := draw(rt, t)
		v := s.rules["1"]
		v.readings = readings
		s.rules["1"] = v
		in := replay.Input{Case: s.c, Register: s.reg, Rules: s.rules, AsOf: day(t, "2020-12-31")}
		quick, err := replay.Run(in)
		if err != nil {
			rt.Fatal(err)
		}
		whole, err := replay.RunThorough(in)
		if err != nil {
			rt.Fatal(err)
		}
		differed = differed || len(whole.Alternatives) > 0
		a, _ := domain.Canonical(whole)
		b, _ := domain.Canonical(quick)
		if !bytes.Equal(a, b) {
			rt.Fatalf("left out: %s\nrun: %s", b, a)
		}
	})
	if !differed {
		t.Error("no history made the readings differ")
	}
}

// Chain says what Run says, but for the grounds.
func TestChainAlone(t *testing.T) {
	s := newStory(t)
	s.opened(1, 148).decided(378).paid("2020-02", 378).found("2020-09-01", "m1", "interest", 60, "2020-01-01")
	in := replay.Input{Case: s.c, Register: s.reg, Rules: s.rules, AsOf: day(t, "2020-12-31")}
	alone, err := replay.Chain(in)
	if err != nil {
		t.Fatal(err)
	}
	whole := s.replay()
	if chain(alone.Months[0]) != chain(whole.Months[0]) || alone.Money != whole.Money || alone.Primary != whole.Primary {
		t.Errorf("alone %s, whole %s", chain(alone.Months[0]), chain(whole.Months[0]))
	}
}
