package review

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leeway/domain"
	"leeway/domain/replay"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sameAsFile compares text with a golden file.
func sameAsFile(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

func paper(f *file) Paper {
	amount := domain.Fen(18000)
	node := func(name string, fen domain.Fen) replay.Node {
		return replay.Node{Name: name, Outcome: domain.Exactly(fen), Taken: fen}
	}
	report := &replay.Report{
		Inputs: replay.Inputs{Packs: []string{"p/1@d"}},
		Months: []replay.Month{
			{Month: feb, Nodes: []replay.Node{node("P", 37800), node("D", 37800), node("A", 37800), {Name: "Af"}, {Name: "D", None: true}, node("B", 19800), node("L", 1)},
				Links: []replay.Link{{Class: replay.EAppl, Amount: &amount}, {Class: replay.Unsplit}}, Overpaid: 18000, Assumed: []string{"std.rural.date"}},
			{Month: feb + 5},
		},
	}
	return Paper{Review: f.Review, Decision: f.Determination, Reports: map[string]*replay.Report{"tr1": report}, Calendar: weekdays{}, Limits: DefaultLimits(), Today: day("2020-12-31")}
}

func withGrounds() *Determined {
	e := determined()
	e.Suggestions[0].ActedBefore, e.Suggestions[0].Pack = true, "p/1@d"
	e.Suggestions[0].Regimes = []replay.Regime{{ID: "r", Title: w("当时的规定", "the rules of the time")}}
	e.Suggestions[0].Grounds = []domain.Ground{{
		ID: "G01", Kind: domain.Exemption, Title: w("申请人隐瞒", "the applicant hid it"), Verdict: domain.Holds, LocalArticle: "local 3",
		Conditions: []domain.Condition{{Text: w("入户调查由二人以上进行", "two surveyed"), Verdict: domain.Holds, Events: []string{"e3"}}},
		Counters:   []domain.Condition{{Text: w("事前有线索", "a clue before"), Verdict: domain.Unknown, Missing: []string{"clue_before"}}},
		Cites: []domain.Cite{{Source: l649, Article: "第58条", Origin: domain.FromStatute},
			{Source: "pack", Title: "参考情形", Origin: domain.ToVerify, Assumed: w("阈值为假定", "the threshold is assumed")}},
	}}
	return e
}

// TestDocument holds the whole document to the letter, Chinese first.
func TestDocument(t *testing.T) {
	f := upTo(t, "consulted").must("r1", withGrounds()).must("r1", served("w1"))
	got, err := Document(paper(f))
	if err != nil {
		t.Fatal(err)
	}
	sameAsFile(t, "document.txt", got)
	if again, _ := Document(paper(f)); again != got {
		t.Error("the same review gives two documents")
	}
	for _, part := range []string{"容错核查认定书", "免责", "尽职无过错", "[to_verify]", "G01 申请人隐瞒：成立", "缺 clue_before", "参考情形，非《实施办法》条文", "截至 2021-01-01"} {
		if !strings.Contains(got, part) {
			t.Errorf("the document lacks %q", part)
		}
	}
}

// TestOldDocumentStaysReadable: after a reopening the old determination gives
// the same document, marked as replaced.
func TestOldDocumentStaysReadable(t *testing.T) {
	f := upTo(t, "served 2")
	before, err := Document(paper(f))
	if err != nil {
		t.Fatal(err)
	}
	f.must("h1", reopened())
	if _, err := Document(paper(f)); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("without a determination that counts: %v", err)
	}
	p := paper(f)
	p.Decision = f.Past[0]
	after, err := Document(p)
	if err != nil || !strings.Contains(after, "已被后来的决定取代") {
		t.Fatalf("%v\n%s", err, after)
	}
	for _, part := range []string{"六、认定\n  免责（G01）", "2020-10-20 听取：I did the checks"} {
		if !strings.Contains(before, part) || !strings.Contains(after, part) {
			t.Errorf("%q is lost", part)
		}
	}
}

// TestPaperTellsWhatSaysSomething: a ground that is cited, relied on, suspected or
// holds is told condition by condition; the others by their ids alone.
func TestPaperTellsWhatSaysSomething(t *testing.T) {
	f := upTo(t, "consulted")
	f.hist.Complete = true
	e := determined()
	e.Suggestions[0].Grounds = []domain.Ground{
		{ID: "G01", Kind: domain.Exemption, Verdict: domain.Fails}, {ID: "G02", Kind: domain.Exemption, Verdict: domain.Unknown},
		{ID: "X03", Kind: domain.Exclusion, Verdict: domain.Unknown, Suspected: true}, {ID: "M01", Kind: domain.Mitigation, Verdict: domain.Holds}}
	f.must("r1", e)
	part := Paper{Review: f.Review, Decision: f.Determination, Calendar: weekdays{}, Limits: DefaultLimits(), Today: f.today}.part(f.Determination.Findings[0], &page{})
	var told []string
	for _, g := range part.Told {
		told = append(told, g.ID)
	}
	if d := cmp.Diff([][]string{{"G01", "X03", "M01"}, {"G02"}}, [][]string{told, part.Rest}); d != "" {
		t.Error(d)
	}
}
