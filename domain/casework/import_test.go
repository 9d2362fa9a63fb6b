package casework

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// history is the file of a case that was opened, surveyed, decided and paid,
// with what its office held then.
func history(id string, more ...string) string {
	as := func(line string) string { return strings.Replace(line, `"C"`, `"`+id+`"`, 1) }
	all := []string{
		`{"type":"source-connected.v1","data":{"day":"2019-01-01","source":"bank"}}`,
		`{"type":"post-held.v1","data":{"day":"2019-01-01","office":"town","post":"intake","person":"w1","steps":["survey"]}}`,
		as(openedLine),
		as(`{"case":"C","type":"household-surveyed.v1","data":{"day":"2020-01-06","staff":["w1"],"statements":[{"subject":"m1","attribute":"income","value":{"fen":40000}}]}}`),
		as(`{"case":"C","type":"decision-made.v1","claimed":{"at":"2020-01-08T10:00:00+08:00"},"actor":{"person":"a1","office":"county","post":"approver"},"data":{"day":"2020-01-08","outcome":"granted","amount":37800,"from":"2020-02"}}`),
		as(`{"case":"C","type":"complaint-received.v1","visible":["post:reviewer"],"claimed":{"grade":"C"},"data":{"day":"2020-02-08","text":{"subject":"x1","text":"举报内容"}}}`),
	}
	return lines(append(all, more...)...)
}

func (d *desk) bring(text string) Imported {
	d.t.Helper()
	done, err := d.Import(d.t.Context(), read(d.t, text), nil)
	if err != nil {
		d.t.Fatalf("Import = %v", err)
	}
	return done
}

func TestImport(t *testing.T) {
	d := newDesk(t)
	if got, want := d.bring(history("C")), (Imported{Cases: 1, Events: 4, Register: 3}); got != want {
		t.Errorf("Import = %+v, want %+v", got, want)
	}
	entries := d.timeline("C")
	decision, complaint := entries[2], entries[3]
	if decision.Claimed.At.Format(time.RFC3339) != "2020-01-08T02:00:00Z" || decision.Claimed.Grade != "A" || decision.RecordedAt != domain.At(noon) {
		t.Errorf("claimed %+v, recorded at %s", decision.Claimed, decision.RecordedAt)
	}
	if decision.Actor != a1 || complaint.Actor != w1 || complaint.Claimed.Grade != "C" || !slices.Equal(complaint.Visible, domain.Visibility{"post:reviewer"}) {
		t.Errorf("decision by %+v; complaint by %+v, grade %s, for %v", decision.Actor, complaint.Actor, complaint.Claimed.Grade, complaint.Visible)
	}
	if text := complaint.Event.(*eligibility.ComplaintReceived).Text; text.Text != "举报内容" || text.Subject != "x1" {
		t.Errorf("personal data %+v", text)
	}
	want := domain.Basis{{Stream: "case-C", Revision: 1}, {Stream: "register-sources", Revision: 0}, {Stream: "register-rules", Revision: 0},
		{Stream: "register-posts", Revision: 0}}
	if !slices.Equal(decision.Basis, want) || entries[1].Basis != nil {
		t.Errorf("the decision rests on %v, want %v", decision.Basis, want)
	}
	if decision.Event.(*eligibility.DecisionMade).Advice != nil {
		t.Error("an imported decision got advice of today")
	}
	if commands := []string{entries[0].Command, entries[3].Command}; commands[0] != commands[1] {
		t.Error("the case was not appended as one batch")
	}
	if _, err := d.Dossier(t.Context(), "C"); err != nil {
		t.Errorf("Dossier = %v", err)
	}
	if list, err := d.Cases(t.Context()); err != nil || len(list) != 1 || !list[0].Imported {
		t.Errorf("Cases = %+v, %v", list, err)
	}
}

func TestImportAgainAddsNothing(t *testing.T) {
	d := newDesk(t)
	d.bring(history("C"))
	before := d.events()
	d.clock = noon.AddDate(0, 1, 0)
	for range 2 {
		if got, want := d.bring(history("C")), (Imported{Known: 1}); got != want || d.events() != before {
			t.Errorf("Import = %+v, want %+v; %d events added", got, want, d.events()-before)
		}
	}
	d.Sealer = sealer{lost: []string{"C/x1"}}
	if got := d.bring(history("C")); got != (Imported{Known: 1}) {
		t.Errorf("with a key lost: %+v", got)
	}
	d.record("C", &eligibility.ApplicationAccepted{Taken: taken(jan2)})
	if got := d.bring(history("C")); got != (Imported{Known: 1}) {
		t.Errorf("with a step recorded since: %+v", got)
	}
}

// TestImportIsTheSameEverywhere holds that ids follow from the file alone.
func TestImportIsTheSameEverywhere(t *testing.T) {
	ids := func(d *desk) (all []string) {
		for r, err := range d.store.All(t.Context(), eventstore.Start) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r.ID+" "+r.Command)
		}
		return all
	}
	one, two := newDesk(t), newDesk(t)
	two.clock = noon.AddDate(1, 0, 0)
	one.bring(history("C"))
	two.bring(history("C"))
	if a, b := ids(one), ids(two); !slices.Equal(a, b) {
		t.Errorf("ids\n%v\nand\n%v", a, b)
	}
}

// TestIDsTellNothingPersonal holds that nobody can test a guess at a text by
// computing the id of its line.
func TestIDsTellNothingPersonal(t *testing.T) {
	one, two := newDesk(t), newDesk(t)
	one.bring(history("C"))
	two.bring(strings.Replace(history("C"), "举报内容", "别的内容", 1))
	if a, b := one.timeline("C")[3], two.timeline("C")[3]; a.ID != b.ID {
		t.Error("the id depends on personal data")
	}
}

func TestImportOfALongerFile(t *testing.T) {
	d := newDesk(t)
	d.bring(history("C"))
	more := history("C", `{"case":"C","type":"benefit-paid.v1","data":{"day":"2020-02-10","month":"2020-02","amount":37800}}`,
		`{"case":"D","type":"case-opened.v1","data":{"day":"2020-01-02","programme":"dibao","pack":"p","office":"town","applicant":"m1","members":[{"id":"m1","relation":"self"}]}}`,
		`{"type":"source-connected.v1","data":{"day":"2020-02-01","source":"tax"}}`)
	if got, want := d.bring(more), (Imported{Cases: 2, Events: 2, Register: 1}); got != want {
		t.Errorf("Import = %+v, want %+v", got, want)
	}
	paid := d.timeline("C")[4]
	if paid.Type != "benefit-paid.v1" || paid.Revision != 4 || paid.Basis[0].Revision != 3 {
		t.Errorf("added %+v", paid.Meta)
	}
	if got := d.bring(history("C")); got != (Imported{Known: 1}) {
		t.Errorf("the shorter file again: %+v", got)
	}
	if got := d.bring(more); got != (Imported{Known: 2}) {
		t.Errorf("the longer file again: %+v", got)
	}
}

func TestContradictionsAreRefused(t *testing.T) {
	paid := `{"case":"C","type":"benefit-paid.v1","data":{"day":"2020-02-10","month":"2020-02","amount":37800}}`
	for _, tt := range []struct {
		name string
		text string
		line int
	}{
		{"another amount", strings.Replace(history("C"), "37800", "87000", 1), 7},
		{"another grade", strings.Replace(history("C"), `"grade":"A"`, `"grade":"B"`, 1), 5},
		{"another actor", strings.Replace(history("C"), `"person":"a1"`, `"person":"a2"`, 1), 7},
		{"another time", strings.Replace(history("C"), "T10:00", "T11:00", 1), 7},
		{"another visibility", strings.Replace(history("C"), "post:reviewer", "post:auditor", 1), 8},
		{"another text", strings.Replace(history("C"), "举报内容", "别的内容", 1), 8},
		{"a line left out", strings.Replace(history("C"), `{"case":"C","type":"household`, "\n"+`{"case":"Z","type":"household`, 1), 8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t)
			d.bring(history("C"))
			before := d.events()
			text := tt.text
			if tt.name == "a line left out" {
				var kept []string
				for l := range strings.Lines(text) {
					if !strings.Contains(l, `"Z"`) {
						kept = append(kept, l)
					} else {
						kept = append(kept, "\n")
					}
				}
				text = strings.Join(kept, "")
			}
			_, err := d.Import(t.Context(), read(t, text+paid+"\n"), nil)
			var faults Faults
			if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Line != tt.line || !strings.Contains(faults[0].Wrong.String(), "contradicts revision") {
				t.Errorf("Import = %v; want one contradiction on line %d", err, tt.line)
			}
			if d.events() != before {
				t.Error("something was imported")
			}
		})
	}
}

// TestContradictionKeepsTheWholeFileOut holds that sound cases of a file that
// contradicts the record stay out too.
func TestContradictionKeepsTheWholeFileOut(t *testing.T) {
	d := newDesk(t)
	d.bring(history("C"))
	before := d.events()
	other := strings.Replace(openedLine, `"C"`, `"B"`, 1)
	if _, err := d.Import(t.Context(), read(t, lines(other)+strings.TrimPrefix(strings.Replace(history("C"), "37800", "1", 1), header+"\n")), nil); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("Import = %v", err)
	}
	if d.events() != before {
		t.Error("something was imported")
	}
}

func TestCasesWorkedOnHereAreLeftAlone(t *testing.T) {
	paid := `{"case":"C","type":"benefit-paid.v1","data":{"day":"2020-02-10","month":"2020-02","amount":37800}}`
	d := newDesk(t)
	d.bring(history("C"))
	d.record("C", &eligibility.ApplicationAccepted{Taken: taken(jan2)})
	_, err := d.Import(t.Context(), read(t, history("C", paid)), nil)
	var faults Faults
	if !errors.As(err, &faults) || faults[0].Line != 9 || !strings.Contains(faults[0].Wrong.String(), "worked on here") {
		t.Errorf("imported, then worked on: %v", err)
	}
	d = opened(t)
	_, err = d.Import(t.Context(), read(t, history("F1")), nil)
	if !errors.As(err, &faults) || faults[0].Line != 5 || !strings.Contains(faults[0].Wrong.String(), "worked on here") {
		t.Errorf("never imported: %v", err)
	}
}

func TestPacksOnRecordCount(t *testing.T) {
	bare := header + "\n" + openedLine + "\n" +
		`{"case":"C","type":"household-surveyed.v1","data":{"day":"2020-01-06","staff":["w1"],"statements":[{"subject":"m1","attribute":"incme","value":{"fen":40000}}]}}` + "\n"
	f := read(t, bare) // names a pack that it does not activate
	d := newDesk(t)
	var faults Faults
	if _, err := d.Import(t.Context(), f, nil); !errors.As(err, &faults) || faults[0].Line != 2 || faults[0].Field != "data.pack" {
		t.Errorf("no pack on record: %v", err)
	}
	d.note(&eligibility.RulesActivated{On: on(jan2), Rules: rules})
	if _, err := d.Import(t.Context(), f, nil); !errors.As(err, &faults) || len(faults) != 1 || faults[0].Line != 3 || faults[0].Field != "data.statements[0].attribute" {
		t.Errorf("pack on record, wrong attribute: %v", err)
	}
	if d.events() != 1 {
		t.Error("something was imported")
	}
	if got := d.bring(strings.Replace(bare, "incme", "income", 1)); got != (Imported{Cases: 1, Events: 2}) {
		t.Errorf("Import = %+v", got)
	}
}

func TestRegistersOfSeveralFilesAreJoined(t *testing.T) {
	d := newDesk(t)
	d.bring(history("C"))
	if got, want := d.bring(history("D", `{"type":"source-connected.v1","data":{"day":"2019-06-01","source":"tax"}}`)), (Imported{Cases: 1, Events: 4, Register: 1}); got != want {
		t.Errorf("Import = %+v, want %+v", got, want)
	}
	twice := `{"type":"source-disconnected.v1","data":{"day":"2019-07-01","source":"tax"}}`
	if got := d.bring(history("C", twice, twice)); got.Register != 1 {
		t.Errorf("two equal lines: %+v, want one event", got)
	}
	if got := d.bring(history("C", twice, twice)); got.Register != 0 {
		t.Errorf("two equal lines again: %+v", got)
	}
	_, err := d.Import(t.Context(), &File{register: []*fileEvent{{event: &eligibility.RulesActivated{On: on(jan2), Rules: domain.PackVersion{Pack: "p", Version: "1", Digest: "other"}},
		actor: w1, claim: domain.Claim{At: domain.At(noon), Grade: "A"}}}}, nil)
	if !errors.Is(err, domain.ErrInvalid) || !strings.Contains(err.Error(), "never edited") {
		t.Errorf("other bytes under the same version: %v", err)
	}
}

func TestCaseAtCountsClaims(t *testing.T) {
	d := newDesk(t)
	d.bring(history("C"))
	for _, tt := range []struct {
		day  domain.Day
		last string // type of the newest event known
		acts int
	}{
		{jan2, "case-opened.v1", 1}, {domain.Date(2020, 1, 6), "household-surveyed.v1", 2}, {jan8, "decision-made.v1", 3},
		{domain.Date(2020, 2, 28), "decision-made.v1", 3}, // the complaint is a mere claim
		{domain.DayOf(noon), "complaint-received.v1", 4},
	} {
		c, err := d.CaseAt(t.Context(), "C", tt.day)
		if err != nil || c.Last.Type != tt.last || len(c.Acts) != tt.acts {
			t.Errorf("on %s: %v, %v; want %s", tt.day, c, err, tt.last)
		}
	}
	if _, err := d.CaseAt(t.Context(), "C", jan2-1); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("before the first day: %v", err)
	}
}

func TestProgress(t *testing.T) {
	d := newDesk(t)
	d.bring(history("C"))
	var got []Progress
	both := history("C") + strings.Replace(openedLine, `"C"`, `"D"`, 1) + "\n"
	if _, err := d.Import(t.Context(), read(t, both), func(p Progress) { got = append(got, p) }); err != nil {
		t.Fatal(err)
	}
	if want := []Progress{{"C", 0, 1, 2}, {"D", 1, 2, 2}}; !slices.Equal(got, want) {
		t.Errorf("progress %+v, want %+v", got, want)
	}
}

// many is a file of n cases.
func many(n int) string {
	var all []string
	for i := range n {
		all = append(all, strings.TrimPrefix(history(fmt.Sprintf("C%03d", i)), header+"\n"+activated+"\n"))
	}
	return lines(strings.Join(all, ""))
}

// wholeCases checks that every case of many is on record whole or not at all,
// and says how many are.
func wholeCases(t *testing.T, s *Service) (n int) {
	t.Helper()
	list, err := s.Cases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.Events != 4 {
			t.Errorf("case %s has %d of 4 events", c.ID, c.Events)
		}
	}
	return len(list)
}

// TestStoppedImport lets the store fail at every batch of an import, before
// it is stored and after: what is there is whole, and importing again ends as
// if nothing had happened.
func TestStoppedImport(t *testing.T) {
	const cases, batches = 3, 6 // three registers
	whole := newDesk(t)
	whole.bring(many(cases))
	gone := errors.New("power cut")
	for at := range batches {
		for _, stored := range []bool{false, true} {
			t.Run(fmt.Sprintf("batch %d, stored %v", at, stored), func(t *testing.T) {
				d := newDesk(t)
				n := 0
				stop := func(eventstore.Batch) error {
					if n++; n > at {
						return gone
					}
					return nil
				}
				if stored {
					d.store.appended = stop
				} else {
					d.store.appending = stop
				}
				done, err := d.Import(t.Context(), read(t, many(cases)), nil)
				if !errors.Is(err, gone) {
					t.Fatalf("Import = %+v, %v", done, err)
				}
				d.store.appending, d.store.appended = nil, nil
				want := max(0, at-3)
				if stored && at >= 3 {
					want++
				}
				if n := wholeCases(t, d.Service); n != want {
					t.Errorf("%d cases on record, want %d", n, want)
				}
				d.bring(many(cases))
				if wholeCases(t, d.Service) != cases || d.events() != whole.events() {
					t.Errorf("%d events in the end, want %d", d.events(), whole.events())
				}
			})
		}
	}
}

// TestTwoImportsAtOnce runs the same import many times at once: every event
// comes once, and nobody fails.
func TestTwoImportsAtOnce(t *testing.T) {
	d := newDesk(t)
	d.Now = func() time.Time { return noon }
	f := read(t, many(8))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := d.Import(t.Context(), f, nil); err != nil {
				t.Errorf("Import = %v", err)
			}
		})
	}
	wg.Wait()
	if n := wholeCases(t, d.Service); n != 8 || d.events() != 8*4+3 {
		t.Errorf("%d cases, %d events", n, d.events())
	}
}

// TestImportOfSpoiledRecords holds that nothing is compared with, or added to,
// a record that cannot be relied on.
func TestImportOfSpoiledRecords(t *testing.T) {
	for _, stream := range []string{"case-C", "register-rules", "register-posts"} {
		d := newDesk(t)
		d.bring(history("C"))
		before := d.events()
		d.store.reading = func(r eventstore.Recorded) []eventstore.Recorded {
			if r.Stream == stream && r.Revision == 0 {
				r.Data = r.Data[1:]
			}
			return []eventstore.Recorded{r}
		}
		if _, err := d.Import(t.Context(), read(t, history("C")), nil); !errors.Is(err, domain.ErrAltered) || !strings.Contains(err.Error(), stream) {
			t.Errorf("Import with %s spoiled = %v", stream, err)
		}
		if d.events() != before {
			t.Error("something was imported")
		}
	}
}

// TestManyCasesAtOnce imports a file that is large enough for several cases to
// be under way at a time, over a store that fails midway: what is there is
// whole, every case comes once, and progress counts each.
func TestManyCasesAtOnce(t *testing.T) {
	const cases = fewCases + 30
	f := read(t, many(cases))
	d := newDesk(t)
	d.Now = func() time.Time { return noon }
	gone := errors.New("power cut")
	var batches atomic.Int64
	d.store.appending = func(eventstore.Batch) error {
		if batches.Add(1) == 40 {
			return gone
		}
		return nil
	}
	done, err := d.Import(t.Context(), f, nil)
	if !errors.Is(err, gone) {
		t.Fatalf("Import = %+v, %v", done, err)
	}
	if n := wholeCases(t, d.Service); n != done.Cases || n < 36 || n == cases {
		t.Errorf("%d cases on record, %d were said to be", n, done.Cases)
	}
	d.store.appending = nil
	was, seen := done.Cases, map[string]bool{}
	done, err = d.Import(t.Context(), f, func(p Progress) {
		seen[p.Case] = true
		if p.Done != len(seen) || p.Total != cases {
			t.Errorf("progress %+v after %d cases", p, len(seen))
		}
	})
	if err != nil || done.Known != was || done.Cases != cases-was || len(seen) != cases || wholeCases(t, d.Service) != cases {
		t.Errorf("again: %+v, %v; %d cases seen", done, err, len(seen))
	}
}
