package review

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/replay"
)

// TestBreachSuspends: an act that slipped past a guard loses its effect and
// stays on record; what stood before it stands again.
func TestBreachSuspends(t *testing.T) {
	f := upTo(t, "determined")
	act := f.Last.ID
	f.must("machine", &GuardBreached{By: By{Day: day("2020-10-28"), As: Machine}, Act: act, Guard: "recusal", Why: "r3 took part", Found: domain.Basis{{Stream: "case-c1", Revision: 12}}})
	if f.Determination != nil || f.Stage() != StageConsulted || len(f.Suspended) != 1 || f.Suspended[0].Guard != "recusal" {
		t.Errorf("stage %s, %+v", f.Stage(), f.Suspended)
	}
	log := f.Log()
	if n := len(log); !log[n-2].Suspended || log[n-1].Suspended || log[n-2].At.ID != act {
		t.Errorf("the log ends with %+v", log[len(log)-2:])
	}
	if got := refusedBy(f.try("r1", served("w1"))); got != "order" {
		t.Errorf("a suspended determination is served: %q", got)
	}
	f.must("r1", determined()).must("r1", served("w1"))
	for _, tt := range []struct{ who, want string }{{"r1", "who-may-act"}, {"machine", "fault:act, guard"}} {
		e := &GuardBreached{By: By{Day: day("2020-10-28")}}
		if got := refusedBy(f.try(tt.who, e)); got != tt.want {
			t.Errorf("%s: %q", tt.who, got)
		}
	}
}

// TestConcerns: a worker sees a review when he applied, was told, or was
// served; before that there is nothing for him to see.
func TestConcerns(t *testing.T) {
	f := newFile(t).must("r1", edit(opened(), func(e *Opened) { e.Route = ExOfficio }))
	if f.Concerns("w1") || f.Concerns("w9") {
		t.Error("an untold worker sees an ex officio review")
	}
	told := newFile(t).must("r1", edit(opened(), func(e *Opened) { e.Route = WithInquiry; e.Parties[1].Informed = day("2020-10-08") }))
	if told.Concerns("w1") || !told.Concerns("w2") {
		t.Error("only who had the notice of the inquiry sees it")
	}
	if f := upTo(t, "opened"); !f.Concerns("w1") || f.Concerns("w2") {
		t.Error("only who applied sees it")
	}
	if f := upTo(t, "notified 2"); !f.Concerns("w2") {
		t.Error("who was notified does not see it")
	}
}

// TestRecusalsAreNotSuspended: a breach lifts no recusal, raised or granted; one
// that was denied waits again.
func TestRecusalsAreNotSuspended(t *testing.T) {
	f := upTo(t, "accepted").must("w1", &RecusalRaised{By: by("2020-10-10"), Person: "r1", Cause: OtherRisk})
	breach := func() Event {
		return &GuardBreached{By: by("2020-10-12"), Act: f.Last.ID, Guard: "recusal", Why: "race"}
	}
	if got := refusedBy(f.try("machine", breach())); got != "recusal" {
		t.Errorf("raised: %q", got)
	}
	f.must("h1", &RecusalDecided{By: by("2020-10-11"), Person: "r1", Reason: words("no risk")}).must("machine", breach())
	if got := refusedBy(f.try("r1", verified())); got != "recusal" {
		t.Errorf("a denial that is suspended: %q", got)
	}
	f.must("h1", &RecusalDecided{By: by("2020-10-12"), Person: "r1", Granted: true, Reason: words("risk")})
	if got := refusedBy(f.try("machine", breach())); got != "recusal" {
		t.Errorf("granted: %q", got)
	}
}

func TestEndings(t *testing.T) {
	for _, tt := range []struct {
		name, who string
		event     Event
		stage     Stage
	}{
		{"not accepted", "r1", &NotAccepted{By: by("2020-10-09"), Reason: words("no")}, StageNotAccepted},
		{"withdrawn", "w1", &Withdrawn{by("2020-10-09")}, StageWithdrawn},
	} {
		f := upTo(t, "cited").must(tt.who, tt.event)
		if f.Stage() != tt.stage {
			t.Errorf("%s: %s", tt.name, f.Stage())
		}
		for _, after := range []struct {
			who   string
			event Event
		}{{"w1", edit(cited(), func(e *Cited) { e.Ground = "G02" })}, {"h1", &Accepted{By: by("2020-10-09"), Reviewers: []string{"r1", "r2"}}}, {"h1", reopened()}} {
			if got := refusedBy(f.try(after.who, after.event)); got != "order" {
				t.Errorf("%s after %s: %q", after.event.EventType(), tt.name, got)
			}
		}
	}
	f := upTo(t, "cited").must("r1", &SupplementAsked{By: by("2020-10-09"), Missing: []string{"log"}, Until: day("2020-10-16")})
	if got := refusedBy(f.try("r1", &Lapsed{by("2020-10-16")})); got != "order" || f.Stage() != StageSupplement {
		t.Errorf("lapsed before its day: %q", got)
	}
	if got := refusedBy(f.try("r1", &SupplementAsked{By: by("2020-10-10"), Missing: []string{"more"}, Until: day("2020-10-20")})); got != "order" {
		t.Errorf("returned twice: %q", got)
	}
	given := *f.Review
	if f.must("r1", &Lapsed{by("2020-10-19")}); f.Stage() != StageLapsed {
		t.Errorf("lapsed: %s", f.Stage())
	}
	f.Review = &given
	f.must("w1", &SupplementGiven{By: by("2020-10-12"), Evidence: []string{"e7"}, Words: words("here")})
	if got := refusedBy(f.try("r1", &Lapsed{by("2020-10-19")})); f.Stage() != StageOpened || got != "order" {
		t.Errorf("given: %s, lapsed %q", f.Stage(), got)
	}
	if got := refusedBy(upTo(t, "cited").try("w1", &SupplementGiven{By: by("2020-10-12")})); got != "order" {
		t.Errorf("nothing was asked: %q", got)
	}
	if got := refusedBy(newFile(t).must("r1", edit(opened(), func(e *Opened) { e.Route = ExOfficio })).try("r1", &NotAccepted{By: by("2020-10-09"), Reason: words("no")})); got != "order" {
		t.Errorf("the organ refuses its own review: %q", got)
	}
}

// TestLateApplications are taken and marked: the local time to apply refuses
// nobody.
func TestLateApplications(t *testing.T) {
	f := newFile(t).must("r1", edit(opened(), func(e *Opened) { e.Route = WithInquiry; e.Parties[0].Informed = day("2020-10-08") }))
	late := edit(cited(), func(e *Cited) { e.Day = day("2020-10-23") })
	if got := refusedBy(f.try("w1", late)); got != "fault:late" {
		t.Errorf("unmarked: %q", got)
	}
	if f.must("w1", edit(late.(*Cited), func(e *Cited) { e.Late = true })); !f.Citations[0].Late {
		t.Error("a late application is not marked")
	}
}

func TestStoredNames(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)*\.v[1-9][0-9]*$`)
	seen := map[string]bool{}
	names := []string{}
	for _, e := range Kinds() {
		names = append(names, e.EventType())
	}
	for _, e := range ClueKinds() {
		names = append(names, e.EventType())
	}
	for _, name := range names {
		if !form.MatchString(name) || seen[name] {
			t.Errorf("stored name %q is malformed or used twice", name)
		}
		seen[name] = true
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, tt := range []struct{ eventType, clear string }{
		{"review-opened.v2", `{}`}, {"", `{}`}, {"review-opened.v1", `{"sum":1}`}, {"review-cited.v1", `{`}, {"review-cited.v1", `{"words":{"subject":"m1","text":"x","more":1}}`},
	} {
		if e, err := Decode(tt.eventType, []byte(tt.clear)); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("Decode(%s, %s) = %v, %v", tt.eventType, tt.clear, e, err)
		}
	}
	for _, tt := range []struct{ eventType, clear string }{{"clue-registered.v2", `{}`}, {"clue-closed.v1", `{"sum":1}`}} {
		if e, err := DecodeClue(tt.eventType, []byte(tt.clear)); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("DecodeClue(%s, %s) = %v, %v", tt.eventType, tt.clear, e, err)
		}
	}
}

// TestEveryEventHasItsRoles holds the table of roles: no step is for nobody,
// none for auditors, and determinations are for the organ alone.
func TestEveryEventHasItsRoles(t *testing.T) {
	for _, e := range Kinds() {
		may := MayAct(e)
		if len(may) == 0 {
			t.Errorf("%s is for nobody", e.EventType())
		}
		for _, r := range may {
			if r == Auditor || r != Machine && !KnownRole(r) {
				t.Errorf("%s is for %s", e.EventType(), r)
			}
			if strings.Contains(e.EventType(), "determined") && !r.Discipline() {
				t.Errorf("%s is for %s", e.EventType(), r)
			}
		}
	}
	if KnownRole(Machine) || KnownRole("x") || !KnownRole(Auditor) {
		t.Error("known roles")
	}
}

// TestWords holds that whatever can be shown has words in both languages.
func TestWords(t *testing.T) {
	check := func(what string, x domain.Text) {
		if x.ZH == "" || x.EN == "" {
			t.Errorf("%s lacks words", what)
		}
	}
	for _, c := range replay.Order {
		check(string(c), ClassTitle(c))
	}
	for _, v := range worst {
		check(v, VerdictTitle(v))
	}
	for _, s := range []Stage{StageOpened, StageSupplement, StageNotAccepted, StageWithdrawn, StageLapsed, StageAccepted, StageNotified, StageConsulted, StageDetermined, StageServed, StageFiled} {
		check(string(s), s.Title())
	}
	for r := range routes {
		check(string(r), r.Title())
	}
	for _, s := range []string{"accepted", "proposed", "done", "overdue", "ordered"} {
		check(s, StateTitle(s))
	}
	for m := range measureWords {
		check(string(m), m.Title())
	}
}
