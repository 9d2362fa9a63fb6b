package review

import (
	"reflect"
	"testing"

	"leeway/domain"
)

// never is a calendar without working days.
type never struct{}

func (never) Workday(domain.Day) bool { return false }

// holidays is a calendar that takes days out of the week, as packs do.
type holidays map[domain.Day]bool

func (h holidays) Workday(d domain.Day) bool { return !h[d] && weekdays{}.Workday(d) }

func TestAfterWorkdays(t *testing.T) {
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2020-10-09", 1, "2020-10-12"}, {"2020-10-08", 1, "2020-10-09"}, {"2020-10-08", 5, "2020-10-15"},
		{"2020-10-10", 0, "2020-10-10"}, {"2020-12-31", 10, "2021-01-14"},
	} {
		if got := AfterWorkdays(weekdays{}, day(tt.from), tt.n); got != day(tt.want) {
			t.Errorf("%d working days after %s: %s, want %s", tt.n, tt.from, got, tt.want)
		}
	}
	closed := holidays{day("2020-10-12"): true}
	if got := AfterWorkdays(closed, day("2020-10-09"), 1); got != day("2020-10-13") {
		t.Errorf("a holiday counts: %s", got)
	}
	if got := AfterWorkdays(never{}, day("2020-10-09"), 5); got <= day("2020-10-09") {
		t.Errorf("a calendar without working days: %s", got)
	}
}

// TestRemedyClocks holds the statutory clocks of domain.md §1.4.
func TestRemedyClocks(t *testing.T) {
	for _, tt := range []struct {
		path     Path
		received string
		direct   bool
		until    string
		sought   string
		answer   string
	}{
		{Reexamination, "2020-10-15", true, "2020-11-16", "2020-11-10", "2020-12-10"}, // the 15th is a Sunday
		{Reexamination, "2021-01-31", true, "2021-03-01", "2021-02-01", "2021-03-01"}, // 28 February is a Sunday
		{HigherReview, "2020-10-15", false, "2020-11-16", "2020-12-31", "2021-02-28"},
		{ReReview, "2020-10-15", true, "2020-11-16", "2020-10-20", "2020-11-19"},
		{Complaint, "2020-10-15", false, "2020-10-30", "2020-10-20", "2020-12-19"},
		{Complaint, "2020-10-15", true, "2020-11-16", "2020-10-20", "2020-12-19"},
		{Objection, "2020-10-15", true, "2020-10-29", "2020-10-20", "2020-11-19"},
	} {
		r, ok := remedy(tt.path)
		if !ok {
			t.Fatalf("no remedy %s", tt.path)
		}
		until := r.Until(weekdays{}, DefaultLimits(), day(tt.received), tt.direct)
		if until != day(tt.until) || r.DecideBy(DefaultLimits(), day(tt.sought)) != day(tt.answer) {
			t.Errorf("%s (direct %v): until %s, answer by %s", tt.path, tt.direct, until, r.DecideBy(DefaultLimits(), day(tt.sought)))
		}
	}
	for _, r := range Remedies() {
		law := r.Cites[0].Origin == domain.FromStatute
		if law == r.Local || r.Title.ZH == "" || r.Title.EN == "" {
			t.Errorf("%s: local %v, cites %s", r.Path, r.Local, r.Cites[0].Source)
		}
	}
}

func TestRemediesFollowEachOther(t *testing.T) {
	f := upTo(t, "served 2")
	try := func(p Path, id, d string) string {
		return refusedBy(f.try("w2", edit(appealed("w2", p), func(e *Appealed) { e.ID, e.Day = id, day(d) })))
	}
	if got := try(HigherReview, "a1", "2020-12-20"); got != "remedy-in-time" {
		t.Errorf("a higher review first: %q", got)
	}
	if got := try(Reexamination, "a1", "2020-12-20"); got != "" {
		t.Errorf("a re-examination: %q", got)
	}
	if got := try(Objection, "a2", "2020-12-21"); got != "order" {
		t.Errorf("a second one at once: %q", got)
	}
	f.must("r1", appealDecided(Upheld))
	if got := try(HigherReview, "a2", "2021-01-25"); got != "" {
		t.Errorf("a higher review a month after the answer: %q", got)
	}
	if got := refusedBy(f.try("r1", edit(appealDecided(Upheld), func(e *AppealDecided) { e.ID, e.Day = "a2", day("2021-01-26") }))); got != "competent-organ" {
		t.Errorf("the organ decides its own higher review: %q", got)
	}
	above := Collective{Members: []Member{{"s1", "province"}, {"s2", "province"}, {"s3", "province"}}, For: 2, Against: 1, Minutes: "M-9"}
	f.must("s1", edit(appealDecided(Varied), func(e *AppealDecided) {
		e.ID, e.Day, e.Collective = "a2", day("2021-01-26"), above
		e.Findings = []Result{{Person: "w2", Matter: "m1", Outcome: NoError, Replay: ref, Remedy: Objection,
			Departs: []Departure{{GuardAdvice.ID, words("the duty was not his")}}}}
	}))
	if r, _ := f.Determination.Result(Pair{"w2", "m1"}); r.Outcome != NoError || len(f.Past) != 1 || f.Departures() != 1 {
		t.Errorf("varied to %s, %d past, %d departures", r.Outcome, len(f.Past), f.Departures())
	}
	if f.Stage() != StageDetermined {
		t.Errorf("a varied determination is to be served anew, the review stands at %s", f.Stage())
	}
}

// TestVariationsStayInTheirBounds: own parts, known outcomes, the same replay.
func TestVariationsStayInTheirBounds(t *testing.T) {
	vary := func(change func(*Result)) string {
		r := Result{Person: "w2", Matter: "m1", Outcome: NoError, Replay: ref, Remedy: Objection}
		change(&r)
		return refusedBy(upTo(t, "appealed").try("r1", edit(appealDecided(Varied), func(e *AppealDecided) { e.Findings = []Result{r} })))
	}
	for want, change := range map[string]func(*Result){
		"advice":                 func(*Result) {},
		"fault:findings":         func(r *Result) { r.Person = "w1" },
		"fault:findings.outcome": func(r *Result) { r.Outcome = "x" },
		"replay":                 func(r *Result) { r.Replay = ref2 },
	} {
		if got := vary(change); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestDeadlines looks at the limits of a review at several points.
func TestDeadlines(t *testing.T) {
	of := func(f *file, today string) map[string]Deadline {
		m := map[string]Deadline{}
		for _, d := range f.Deadlines(weekdays{}, DefaultLimits(), day(today)) {
			m[d.Step+"/"+d.Person] = d
		}
		return m
	}
	if got := newFile(t).Deadlines(weekdays{}, DefaultLimits(), day("2020-10-08")); got != nil {
		t.Errorf("no review: %v", got)
	}
	d := of(upTo(t, "opened"), "2020-10-16")
	if x := d["accept/"]; x.Due != day("2020-10-15") || !x.Overdue || x.Law {
		t.Errorf("accept: %+v", x)
	}
	f := upTo(t, "opened").must("r1", &SupplementAsked{By: by("2020-10-09"), Missing: []string{"x"}, Until: day("2020-10-20")})
	if x := of(f, "2020-10-16")["supplement/"]; x.Due != day("2020-10-20") || x.Overdue {
		t.Errorf("supplement: %+v", x)
	}
	d = of(upTo(t, "accepted").must("h1", &VerificationExtended{By: by("2020-10-12"), Reason: words("x")}), "2020-10-16")
	if x := d["verify/"]; x.Due != day("2020-12-11") {
		t.Errorf("verify, extended: %+v", x)
	}
	d = of(upTo(t, "notified 2"), "2020-10-26")
	if x := d["answer/w1"]; x.Due != day("2020-10-23") || !x.Overdue {
		t.Errorf("answer: %+v", x)
	}
	d = of(upTo(t, "appealed"), "2021-01-05")
	for step, want := range map[string]string{
		"serve/w1": "2020-11-04", "objection/w1": "2021-01-01", "objection/w2": "2021-01-01", "file/": "2021-01-04", "answer a1/w2": "2021-01-23", "correct k1/b1": "2020-12-31",
		"determine/": "2020-11-09", "consult/": "2020-10-29",
	} {
		if x, ok := d[step]; !ok || x.Due != day(want) {
			t.Errorf("%s: %s, want %s", step, x.Due, want)
		}
	}
	if d["objection/w2"].Overdue || !d["objection/w1"].Overdue || d["answer a1/w2"].Done {
		t.Errorf("objections %+v, %+v", d["objection/w1"], d["objection/w2"])
	}
}

// stated is a pack that states numbers for reviews.
type stated struct {
	weekdays
	numbers map[string]int
}

func (s stated) Whole(name string) (int, bool) { n, ok := s.numbers[name]; return n, ok }

// TestLimitsOfAPack holds that every limit can be stated, each by one name, and
// that what is not stated stays.
func TestLimitsOfAPack(t *testing.T) {
	if LimitsOf(stated{}) != DefaultLimits() {
		t.Errorf("nothing stated: %+v", LimitsOf(stated{}))
	}
	numbers, seen := map[string]int{}, map[int]bool{}
	for i, name := range domain.ReviewStandards {
		numbers[name] = 100 + i
	}
	v := reflect.ValueOf(LimitsOf(stated{numbers: numbers}))
	for i := range v.NumField() {
		n := int(v.Field(i).Int())
		if n < 100 || seen[n] {
			t.Errorf("%s is %d: stated by no name of its own", v.Type().Field(i).Name, n)
		}
		seen[n] = true
	}
	if len(seen) != len(numbers) {
		t.Errorf("%d limits for %d names", len(seen), len(numbers))
	}
}
