package casework

import (
	"errors"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
	"leeway/policies"
)

// packs are the rule packs that come with Leeway, as a command puts them
// together.
type packs struct{ *policies.Library }

func (packs) Engine() string { return "engine 1" }

// replayable is a desk over the real packs with case F2 imported: 60 yuan a
// head were concealed, and came out later.
func replayable(t *testing.T) *desk {
	t.Helper()
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t)
	d.Rules = packs{lib}
	members := `"members":[{"id":"m1","relation":"self"},{"id":"m2","relation":"spouse"},{"id":"m3","relation":"child"}]`
	state := func(fen string) string {
		out := `{"subject":"household","attribute":"area","value":{"code":"rural"}}`
		for _, m := range []string{"m1", "m2", "m3"} {
			out += `,{"subject":"` + m + `","attribute":"income","value":{"fen":` + fen + `}}`
		}
		return "[" + out + "]"
	}
	text := strings.Join([]string{header,
		`{"type":"rules-activated.v1","data":{"day":"2020-01-01","rules":{"pack":"cn-hb-qianjiang","version":"2020.1"}}}`,
		`{"case":"F2","type":"case-opened.v1","data":{"day":"2020-01-02","programme":"dibao","pack":"cn-hb-qianjiang","office":"town","applicant":"m1",` + members + `}}`,
		`{"case":"F2","type":"declaration-signed.v1","data":{"day":"2020-01-02","by":"m1","statements":` + state("40000") + `,"closes":["income","deposits","car","extra_house"]}}`,
		`{"case":"F2","type":"decision-made.v1","data":{"day":"2020-01-20","outcome":"granted","amount":37800,"from":"2020-02"}}`,
		`{"case":"F2","type":"benefit-paid.v1","data":{"day":"2020-02-10","month":"2020-02","amount":37800}}`,
		`{"case":"F2","type":"facts-discovered.v1","data":{"day":"2020-02-20","how":"audit","statements":` + state("46000") + `}}`,
	}, "\n")
	f, err := ReadCaseFile(strings.NewReader(text), d.Rules, domain.DayOf(noon))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Import(t.Context(), f, nil); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestReplayCaseIsRepeatable replays a case again and again: the trace is the
// same to the byte, also after more was recorded, and is kept once.
func TestReplayCaseIsRepeatable(t *testing.T) {
	d := replayable(t)
	opt := ReplayOptions{AsOf: domain.Date(2020, 2, 29), Keep: true}
	first, err := d.ReplayCase(t.Context(), asW1, "F2", opt)
	if err != nil || first.Kept == nil || first.Kept.Stream != ReplayStream(first.Digest) {
		t.Fatalf("ReplayCase = %+v, %v", first, err)
	}
	before := d.events()
	for range 3 {
		again, err := d.ReplayCase(t.Context(), asA1, "F2", opt)
		if err != nil || string(again.Trace) != string(first.Trace) || again.Digest != first.Digest || *again.Kept != *first.Kept {
			t.Fatalf("again:\n%s\n%v; was\n%s", again.Trace, err, first.Trace)
		}
	}
	if d.events() != before {
		t.Errorf("%d events more on record", d.events()-before)
	}
	if kept, err := d.StoredReplay(t.Context(), first.Digest); err != nil || string(kept.Trace) != string(first.Trace) || kept.Engine != "engine 1" {
		t.Errorf("StoredReplay = %+v, %v", kept, err)
	}
	d.record("F2", &eligibility.MoneyRecovered{On: on(domain.DayOf(noon)), Month: feb, Amount: 18000})
	later, err := d.ReplayCase(t.Context(), asW1, "F2", opt)
	if err != nil || string(later.Trace) != string(first.Trace) {
		t.Errorf("what was recorded after the index day changed its replay: %v\n%s", err, later.Trace)
	}
}

func TestReplayCaseWithoutKeeping(t *testing.T) {
	d := replayable(t)
	before := d.events()
	r, err := d.ReplayCase(t.Context(), Request{}, "F2", ReplayOptions{})
	if err != nil || r.Report == nil || r.Kept != nil || d.events() != before {
		t.Errorf("ReplayCase = %+v, %v", r, err)
	}
	if _, err := d.StoredReplay(t.Context(), r.Digest); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("StoredReplay = %v, want ErrNotFound", err)
	}
}

func TestReplayOfABrokenRecordGivesNone(t *testing.T) {
	for _, stream := range []string{"case-F2", "register-rules"} {
		d := replayable(t)
		d.store.reading = func(r eventstore.Recorded) []eventstore.Recorded {
			if r.Stream == stream && r.Revision == 0 {
				return nil
			}
			return []eventstore.Recorded{r}
		}
		r, err := d.ReplayCase(t.Context(), asW1, "F2", ReplayOptions{Keep: true})
		if !errors.Is(err, eventstore.ErrCorrupt) || r.Report != nil {
			t.Errorf("with %s cut: %+v, %v; want ErrCorrupt", stream, r, err)
		}
	}
}

func TestDossierAtCutsCaseAndRegisters(t *testing.T) {
	d := filled(t)
	d.clock = noon.AddDate(0, 0, 2)
	d.record("F1", declared(income(46000)))
	d.note(&eligibility.SourceConnected{On: on(jan2), Source: "police"})
	for day, want := range map[domain.Day][2]int{domain.DayOf(noon): {3, 2}, domain.DayOf(noon) + 1: {3, 2}, domain.DayOf(noon) + 2: {4, 3}} {
		got, err := d.DossierAt(t.Context(), "F1", day)
		if err != nil || got.Case.Revision() != int64(want[0]) || len(got.Register.Sources) != want[1] {
			t.Errorf("on %s: revision %d, %d sources, %v; want %v", day, got.Case.Revision(), len(got.Register.Sources), err, want)
		}
	}
	if _, err := d.DossierAt(t.Context(), "F1", domain.DayOf(noon)-1); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("before the case: %v", err)
	}
}

// TestAdviseWithTheRealPacks records a decision with the engine's advice.
func TestAdviseWithTheRealPacks(t *testing.T) {
	d := replayable(t)
	d.Advise = AdviseWith(d.Rules)
	if _, err := d.Record(t.Context(), asA1, "F2", &eligibility.AmountAdjusted{On: on(domain.DayOf(noon)), Amount: 19800, From: feb + 1}); err != nil {
		t.Fatal(err)
	}
	e := d.timeline("F2")
	a := e[len(e)-1].Event.(*eligibility.AmountAdjusted).Advice
	if a == nil || a.Rules.Version != "2020.1" || a.Rules.Digest == "" || a.Engine != "engine 1" || a.Known != domain.DayOf(noon) {
		t.Fatalf("advice %+v", a)
	}
	if f, ok := a.Outcome.Single(); !ok || f != 19800 {
		t.Errorf("advised %v, want 198 yuan: the concealed income is known by now", a.Outcome)
	}
}
