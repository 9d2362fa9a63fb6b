package casework

import (
	"errors"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

func TestStatementsMustFitThePack(t *testing.T) {
	st := func(subject, attribute string, v domain.Value) eligibility.Event {
		return declared(income(1), domain.Statement{Subject: subject, Attribute: attribute, Value: v})
	}
	for _, tt := range []struct {
		name  string
		event eligibility.Event
		field string // none: allowed
		says  string
	}{
		{"a code", st("household", "area", domain.Code("rural")), "", ""},
		{"yes or no", st("household", "car", domain.Bool(true)), "", ""},
		{"a day", st("household", "since", domain.OnDay(jan2)), "", ""},
		{"a number", st("m2", "age", domain.Int(70)), "", ""},
		{"a misspelt attribute", st("m1", "incme", domain.Money(1)), "statements[1].attribute", "did you mean income?"},
		{"another attribute", st("m1", "salary_of_spouse", domain.Money(1)), "statements[1].attribute", "use one of the pack's schema"},
		{"in capitals", st("m1", "Income", domain.Money(1)), "statements[1].attribute", "did you mean income?"},
		{"a number for money", st("m1", "income", domain.Int(400)), "statements[1].value", `{"fen":40000}`},
		{"money for a number", st("m1", "age", domain.Money(400)), "statements[1].value", `{"int":3}`},
		{"a code for yes", st("household", "car", domain.Code("yes")), "statements[1].value", `{"bool":true}`},
		{"a code for a day", st("household", "since", domain.Code("now")), "statements[1].value", `{"day":"2020-01-31"}`},
		{"yes for a code", st("household", "area", domain.Bool(true)), "statements[1].value", "urban, rural"},
		{"a misspelt code", st("household", "area", domain.Code("rual")), "statements[1].value.code", "did you mean rural?"},
		{"a member's fact of the household", st("household", "income", domain.Money(1)), "statements[1].subject", "one member"},
		{"a household's fact of a member", st("m1", "area", domain.Code("rural")), "statements[1].subject", `"household"`},
		{"a closed list", &eligibility.DeclarationSigned{On: on(jan2), Closes: []string{"car", "income"}}, "", ""},
		{"a closed list of nothing", &eligibility.DeclarationSigned{On: on(jan2), Closes: []string{"car", "incom"}}, "closes[1]", "did you mean income?"},
		{"a fact of the next version", st("household", "rent", domain.Money(1)), "statements[1].attribute", "rent"},
		{"a death", &eligibility.DeathRecorded{On: on(jan8), Member: "m1", Died: jan2, Source: domain.Document}, "", ""},
		{"a move, of which the pack knows nothing", &eligibility.MemberLeft{On: on(jan8), Member: "m2", From: jan2}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := opened(t)
			_, err := d.Record(t.Context(), asW1, "F1", tt.event)
			if tt.field == "" {
				if err != nil {
					t.Errorf("Record = %v", err)
				}
				return
			}
			if wantFault(t, err, tt.field, tt.says); d.events() != 2 {
				t.Error("something was recorded")
			}
		})
	}
}

func TestPackOfACaseMustBePublished(t *testing.T) {
	d := newDesk(t)
	_, err := d.Record(t.Context(), asW1, "F1", caseOpened())
	wantFault(t, err, "pack", "rules-activated.v1")
	d.note(&eligibility.RulesActivated{On: on(jan2), Rules: rules})
	wrong := caseOpened()
	wrong.Pack = "pp"
	_, err = d.Record(t.Context(), asW1, "F1", wrong)
	wantFault(t, err, "pack", "did you mean p?")
}

func TestPackThatIsNotAtHand(t *testing.T) {
	d := opened(t)
	d.Rules = library{missing: true}
	if _, err := d.Record(t.Context(), asW1, "F1", declared(income(1))); !errors.Is(err, replay.ErrNoRules) {
		t.Errorf("a statement: %v, want ErrNoRules", err)
	}
	d.record("F1", &eligibility.ApplicationAccepted{Taken: taken(jan2)}) // states nothing
}

// TestVersionInForce holds which schema counts on a day.
func TestVersionInForce(t *testing.T) {
	version := func(n string) domain.PackVersion { return domain.PackVersion{Pack: "p", Version: n, Digest: n} }
	activate := func(n string, day domain.Day) eligibility.RegisterEvent {
		return &eligibility.RulesActivated{On: on(day), Rules: version(n)}
	}
	r := &eligibility.Register{}
	for _, e := range []eligibility.RegisterEvent{
		activate("3", jan8), activate("1", jan2), activate("2", jan2+2), activate("2b", jan2+2),
		&eligibility.RulesActivated{On: on(jan2), Rules: domain.PackVersion{Pack: "q", Version: "9", Digest: "9"}},
	} {
		r.Apply(e, domain.Meta{ID: "x", Stream: e.Stream()})
	}
	for day, want := range map[domain.Day]string{jan2 - 9: "1", jan2: "1", jan2 + 1: "1", jan2 + 2: "2b", jan8 - 1: "2b", jan8: "3", jan8 + 99: "3"} {
		if v, ok := inForce(r, "p", day); !ok || v.Version != want {
			t.Errorf("on %s: version %q, want %s", day, v.Version, want)
		}
	}
	if v, ok := inForce(r, "none", jan2); ok {
		t.Errorf("a pack without versions: %v", v)
	}
}

func TestTheNextVersionBringsItsSchema(t *testing.T) {
	d := opened(t)
	rent := declared(domain.Statement{Subject: "household", Attribute: "rent", Value: domain.Money(1)})
	if _, err := d.Record(t.Context(), asW1, "F1", rent); err == nil {
		t.Error("version 1 took rent")
	}
	d.note(&eligibility.RulesActivated{On: on(jan8), Rules: domain.PackVersion{Pack: "p", Version: "2"}})
	d.record("F1", rent)
}

func TestNear(t *testing.T) {
	known := []string{"income", "incomes", "area", "extra_house"}
	for wrong, want := range map[string]string{
		"incom": "; did you mean income or incomes?", "aera": "", "are": "; did you mean area?", "extra-house": "; did you mean extra_house?", "zzz": "", "": "",
	} {
		if got := near(wrong, known).String(); got != want {
			t.Errorf("near %q: %q, want %q", wrong, got, want)
		}
	}
	if got := near("aa", []string{"ab", "ac", "ad", "ae"}).String(); got != "" {
		t.Errorf("four guesses are none: %q", got)
	}
}
