package privacy

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leeway/domain"
)

var (
	june = domain.Date(2026, 6, 1)
	anna = Situation{Actor: domain.Actor{Person: "anna", Office: "bureau", Post: "files"}, As: Records, Today: june, Known: true}
	bert = Situation{Actor: domain.Actor{Person: "bert", Office: "bureau", Post: "privacy"}, As: Officer, Today: june, Known: true}
	carl = Situation{Actor: domain.Actor{Person: "carl", Office: "audit", Post: "auditor"}, As: Auditor, Today: june, Known: true}
)

func with(s Situation, edit func(*Situation)) Situation { edit(&s); return s }

// given is a file in which events happened, each by the person before it.
func given(steps ...any) *File {
	f := &File{Case: "F1"}
	var by Situation
	n := 0
	for _, s := range steps {
		switch s := s.(type) {
		case Situation:
			by = s
		case Event:
			f.Apply(s, domain.Meta{ID: fmt.Sprint("e", n), Revision: int64(n), Stream: "privacy-F1", Actor: by.Actor})
			n++
		}
	}
	return f
}

func asked(s Situation, a Act) *Asked {
	return &Asked{By{s.Today, "m1", s.As}, a, Grounds(a)[0], "No. 1"}
}

func answered(s Situation, n int, yes bool) *Answered {
	return &Answered{By{s.Today, "m1", s.As}, fmt.Sprint("e", n), yes}
}

func ask(s Situation, a Act) Ask { return Ask{s, "m1", a, Grounds(a)[0], "No. 1"} }

func TestDecisions(t *testing.T) {
	open := given()
	asks := func(a Act) *File { return given(anna, asked(anna, a)) }
	restrictedFile := given(anna, asked(anna, Restrict), bert, answered(bert, 0, true))
	shreddedFile := given(anna, asked(anna, Shred), bert, answered(bert, 0, true))
	held := with(bert, func(s *Situation) { s.Holds = []Hold{{Retention, june + 1}} })
	for _, tt := range []struct {
		name  string
		given *File
		when  Command
		then  []Event
		or    error
	}{
		{"a keeper asks to restrict", open, ask(anna, Restrict), []Event{asked(anna, Restrict)}, nil},
		{"a keeper asks to shred", open, ask(anna, Shred), []Event{asked(anna, Shred)}, nil},
		{"an auditor may not ask to shred", open, ask(carl, Shred), nil, domain.ErrRefused},
		{"nobody without a role", open, ask(with(anna, func(s *Situation) { s.As = "worker" }), Restrict), nil, domain.ErrRefused},
		{"an act that there is none of", open, Ask{anna, "m1", "burn", PurposeEnded, "No. 1"}, nil, domain.ErrInvalid},
		{"a ground of another act", open, Ask{anna, "m1", Restrict, ForAudit, "No. 1"}, nil, domain.ErrInvalid},
		{"without a paper", open, Ask{anna, "m1", Restrict, PurposeEnded, ""}, nil, domain.ErrInvalid},
		{"a person's number for a paper", open, Ask{anna, "m1", Restrict, PurposeEnded, "11010519491231002X"}, nil, domain.ErrInvalid},
		{"nobody's data", open, ask(with(anna, func(s *Situation) { s.Known = false }), Restrict), nil, domain.ErrNotFound},
		{"while it must be kept", open, Ask{with(anna, func(s *Situation) { s.Holds = held.Holds }), "m1", Shred, RetentionOver, "No. 1"}, nil, domain.ErrRefused},
		{"restricting goes on while it must be kept", open, Ask{with(anna, func(s *Situation) { s.Holds = held.Holds }), "m1", Restrict, PurposeEnded, "No. 1"}, []Event{asked(anna, Restrict)}, nil},
		{"again by the same person", asks(Restrict), ask(anna, Restrict), nil, nil},
		{"another request beside an open one", asks(Restrict), ask(anna, Shred), nil, domain.ErrRefused},
		{"a second person's beside it", asks(Restrict), ask(bert, Restrict), nil, domain.ErrRefused},
		{"release of what is in use", open, ask(anna, Release), nil, domain.ErrRefused},
		{"inspection of what is in use", open, ask(carl, Inspect), nil, domain.ErrRefused},
		{"restricted twice", restrictedFile, ask(anna, Restrict), nil, domain.ErrRefused},
		{"shredding what is restricted", restrictedFile, ask(anna, Shred), []Event{asked(anna, Shred)}, nil},
		{"anything after shredding", shreddedFile, ask(anna, Restrict), nil, domain.ErrRefused},

		{"another person approves", asks(Shred), Answer{bert, "m1", true}, []Event{answered(bert, 0, true)}, nil},
		{"another person declines", asks(Shred), Answer{bert, "m1", false}, []Event{answered(bert, 0, false)}, nil},
		{"who asked approves himself", asks(Shred), Answer{with(anna, func(s *Situation) { s.As = Officer }), "m1", true}, nil, domain.ErrRefused},
		{"who asked takes it back", asks(Shred), Answer{anna, "m1", false}, []Event{answered(anna, 0, false)}, nil},
		{"a keeper may not approve", asks(Shred), Answer{with(anna, func(s *Situation) { s.Actor.Person = "dora" }), "m1", true}, nil, domain.ErrRefused},
		{"an auditor may not decline", asks(Shred), Answer{carl, "m1", false}, nil, domain.ErrRefused},
		{"a review was opened since", asks(Shred), Answer{held, "m1", true}, nil, domain.ErrRefused},
		{"declined although it must be kept", asks(Shred), Answer{held, "m1", false}, []Event{answered(bert, 0, false)}, nil},
		{"nothing to answer", open, Answer{bert, "m1", true}, nil, domain.ErrRefused},
		{"another person's data", asks(Shred), Answer{bert, "m2", true}, nil, domain.ErrRefused},

		{"destroyed as decided", shreddedFile, Done{bert, "m1", "k"}, []Event{&Destroyed{By{june, "m1", Officer}, "k"}}, nil},
		{"destroyed already", given(anna, asked(anna, Shred), bert, answered(bert, 0, true), &Destroyed{By{june, "m1", Officer}, "k"}), Done{bert, "m1", "k"}, nil, nil},
		{"destroyed without a decision", asks(Shred), Done{bert, "m1", "k"}, nil, domain.ErrRefused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.when.Decide(tt.given)
			if !errors.Is(err, tt.or) || (err == nil) != (tt.or == nil) {
				t.Fatalf("Decide = %v, want %v", err, tt.or)
			}
			if d := cmp.Diff(tt.then, got); d != "" {
				t.Errorf("events (-want +got):\n%s", d)
			}
		})
	}
}

func TestStates(t *testing.T) {
	f := given(anna, asked(anna, Restrict), bert, answered(bert, 0, false))
	if f.State("m1") != Open || f.Subject("m1").Requests[0].Approved {
		t.Errorf("declined: %+v", f.Subject("m1"))
	}
	f = given(anna, asked(anna, Restrict), bert, answered(bert, 0, true), carl, asked(carl, Inspect), bert, answered(bert, 2, true))
	s := f.Subject("m1")
	if s.State != Restricted || s.By.At.Actor.Person != "anna" || s.By.Answered.Actor.Person != "bert" {
		t.Errorf("restricted: %+v", s)
	}
	for _, tt := range []struct {
		who  string
		day  domain.Day
		want bool
	}{{"carl", june, true}, {"carl", june + InspectionDays - 1, true}, {"carl", june + InspectionDays, false}, {"anna", june, false}, {"bert", june, false}} {
		if _, may := s.MayInspect(tt.who, tt.day); may != tt.want {
			t.Errorf("%s may inspect on %s: %t", tt.who, tt.day, may)
		}
	}
	f.Apply(asked(anna, Release), domain.Meta{ID: "e4", Revision: 4, Actor: anna.Actor})
	f.Apply(answered(bert, 4, true), domain.Meta{ID: "e5", Revision: 5, Actor: bert.Actor})
	f.Apply(asked(anna, Restrict), domain.Meta{ID: "e6", Revision: 6, Actor: anna.Actor})
	f.Apply(answered(bert, 6, true), domain.Meta{ID: "e7", Revision: 7, Actor: bert.Actor})
	if _, may := f.Subject("m1").MayInspect("carl", june); may {
		t.Error("an inspection outlives the restriction that it was approved for")
	}
	if f.State("m2") != Open || len(f.Subjects) != 1 {
		t.Errorf("another person's data is %s", f.State("m2"))
	}
}

func TestHolds(t *testing.T) {
	last := domain.Date(2016, 2, 29)
	for _, tt := range []struct {
		name  string
		facts CaseFacts
		today domain.Day
		want  []Hold
	}{
		{"free", CaseFacts{Closed: true, Last: last}, domain.Date(2026, 3, 1), nil},
		{"one day early", CaseFacts{Closed: true, Last: last}, domain.Date(2026, 2, 28), []Hold{{Retention, domain.Date(2026, 3, 1)}}},
		{"everything", CaseFacts{Last: last, Remedies: 1, Money: true, Others: true}, domain.Date(2026, 3, 1),
			[]Hold{{Kind: NotClosed}, {Kind: RemedyOpen}, {Kind: MoneyOpen}, {Kind: Proceeding}}},
	} {
		if d := cmp.Diff(tt.want, tt.facts.Holds(10, tt.today)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
	held := &Held{[]Hold{{Retention, june}, {Kind: Proceeding}}}
	if !errors.Is(held, domain.ErrRefused) || !strings.Contains(held.Error(), "2026-05-31") || !strings.Contains(held.Error(), "proceeding") {
		t.Errorf("%v", held)
	}
}

func TestDecodeReadsWhatIsWritten(t *testing.T) {
	for _, e := range []Event{asked(anna, Shred), answered(bert, 0, true), &Destroyed{By{june, "m1", Officer}, "k"}} {
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(e.EventType(), b)
		if err != nil || cmp.Diff(e, got) != "" {
			t.Errorf("%s: %v\n%s", e.EventType(), err, cmp.Diff(e, got))
		}
		if _, err := Decode(e.EventType(), append(b[:len(b)-1], []byte(`,"x":1}`)...)); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%s with another field: %v", e.EventType(), err)
		}
	}
	if _, err := Decode("other.v1", []byte("{}")); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("another type: %v", err)
	}
}

func TestEveryCodeHasATitle(t *testing.T) {
	check := func(name, zh, en string) {
		if zh == "" || en == "" {
			t.Errorf("%s has no title in both languages", name)
		}
	}
	for _, a := range Acts() {
		check(string(a), a.Title().ZH, a.Title().EN)
		for _, g := range Grounds(a) {
			check(string(g), g.Title().ZH, g.Title().EN)
		}
		if len(mayAsk[a]) == 0 || len(mayApprove[a]) == 0 {
			t.Errorf("nobody may %s", a)
		}
		for _, r := range append(mayAsk[a], mayApprove[a]...) {
			check(string(r), r.Title().ZH, r.Title().EN)
		}
	}
	for _, s := range []State{Open, Restricted, Shredded} {
		check(string(s), s.Title().ZH, s.Title().EN)
	}
}
