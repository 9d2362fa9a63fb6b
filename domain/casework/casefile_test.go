package casework

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

const (
	header     = `{"leeway":"case-file.v1","title":{"zh":"案","en":"case"},"grade":"A","actor":{"person":"w1","office":"town","post":"intake"}}`
	activated  = `{"type":"rules-activated.v1","data":{"day":"2020-01-01","rules":{"pack":"p","version":"1"}}}`
	openedLine = `{"case":"C","type":"case-opened.v1","data":{"day":"2020-01-02","programme":"dibao","pack":"p","office":"town","applicant":"m1","members":[{"id":"m1","relation":"self"}]}}`
)

// lines is a case file with a header and an activated pack.
func lines(more ...string) string {
	return strings.Join(append([]string{header, activated}, more...), "\n") + "\n"
}

// read reads a case file that must be sound.
func read(t testing.TB, text string) *File {
	t.Helper()
	f, err := ReadCaseFile(strings.NewReader(text), library{}, domain.DayOf(noon))
	if err != nil {
		t.Fatalf("ReadCaseFile:\n%v", err)
	}
	return f
}

// faults reads a case file that must not be sound.
func faults(t *testing.T, text string) Faults {
	t.Helper()
	f, err := ReadCaseFile(strings.NewReader(text), library{}, domain.DayOf(noon))
	var faults Faults
	if !errors.As(err, &faults) || !errors.Is(err, domain.ErrInvalid) || len(faults) == 0 {
		t.Fatalf("ReadCaseFile = %v, %v; want Faults", f, err)
	}
	return faults
}

func TestReadCaseFile(t *testing.T) {
	text := "\ufeff" + strings.ReplaceAll(lines("", openedLine,
		`{"case":"C","type":"household-surveyed.v1","claimed":{"at":"2020-01-08T10:00:00+08:00","grade":"B"},"actor":{"person":"w2","office":"county","post":"clerk"},"visible":["office:county"],"data":{"day":"2020-01-06","staff":["w1","w2"],"signed":true,"statements":[{"subject":"m1","attribute":"income","value":{"fen":40000}}]}}`,
		`  {"case":"D","type":"case-opened.v1","claimed":{"grade":"C"},"data":{"day":"2020-01-02","programme":"dibao","pack":"p","office":"town","applicant":"m1","members":[{"id":"m1","relation":"self"}]}}  `,
		`{"type":"source-connected.v1","data":{"day":"2019-01-01","source":"bank"}}`), "\n", "\r\n")
	f := read(t, text)
	if f.Header.Title.ZH != "案" || f.Events() != 5 || strings.Join(f.Cases(), " ") != "C D" {
		t.Fatalf("read %+v, %d events, cases %v", f.Header, f.Events(), f.Cases())
	}
	at := func(s string) domain.Instant {
		var i domain.Instant
		if err := i.UnmarshalJSON([]byte(`"` + s + `"`)); err != nil {
			t.Fatal(err)
		}
		return i
	}
	first, survey := f.cases[0].lines[0], f.cases[0].lines[1]
	if first.claim != (domain.Claim{At: at("2020-01-02T12:00:00+08:00"), Grade: "A"}) || first.actor != w1 || first.visible != nil {
		t.Errorf("defaults: %+v by %+v", first.claim, first.actor)
	}
	if survey.claim != (domain.Claim{At: at("2020-01-08T10:00:00+08:00"), Grade: "B"}) || survey.actor.Person != "w2" || survey.visible[0] != "office:county" {
		t.Errorf("given: %+v by %+v for %v", survey.claim, survey.actor, survey.visible)
	}
	if g := f.cases[1].lines[0].claim.Grade; g != "C" {
		t.Errorf("grade of a line: %s", g)
	}
	if s := f.register[0].event.EventType(); s != "source-connected.v1" {
		t.Errorf("registers are not in the order of what they claim: %s first", s)
	}
	if r := f.register[1].event.(*eligibility.RulesActivated).Rules; r != rules {
		t.Errorf("digest of the library: %+v", r)
	}
}

func TestReadWithoutHeader(t *testing.T) {
	who := `"actor":{"person":"w1","office":"town","post":"intake"},`
	f := read(t, strings.Replace(activated, `"data"`, who+`"data"`, 1)+"\n"+strings.Replace(openedLine, `"data"`, who+`"data"`, 1))
	if g := f.cases[0].lines[0].claim.Grade; g != "C" || f.Header != (FileHeader{}) {
		t.Errorf("without a header the grade is %s, want C: a mere claim", g)
	}
}

// TestFaults is a line that is wrong in every way a line can be.
func TestFaults(t *testing.T) {
	line := func(eventType, data string) string {
		return `{"case":"C","type":"` + eventType + `","data":` + data + `}`
	}
	survey := func(statement string) string {
		return line("household-surveyed.v1", `{"day":"2020-01-08","staff":["w1"],"statements":[`+statement+`]}`)
	}
	deep := strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1)
	for _, tt := range []struct {
		name, line  string
		field, says string
		column      bool
	}{
		{"no JSON", `{"case":"C",`, "", "no JSON", true},
		{"two objects", openedLine + openedLine, "", "no JSON", true},
		{"no object", `["case"]`, "", "no object", true},
		{"too deep", line("application-accepted.v1", deep), "", "inside each other", true},
		{"no UTF-8", "{\"case\":\"\xff\"}", "", "UTF-8", true},
		{"an unknown field", `{"case":"C","typ":"x","data":{}}`, "typ", "did you mean type?", true},
		{"a field in capitals", `{"Case":"C","type":"case-closed.v1","data":{}}`, "Case", "did you mean case?", true},
		{"a field twice", `{"case":"C","case":"D","type":"case-closed.v1","data":{}}`, "case", "twice", true},
		{"a number as case", `{"case":5,"type":"case-closed.v1","data":{}}`, "case", "text in quotes", true},
		{"no type", `{"case":"C","data":{}}`, "type", "no event type", true},
		{"an unknown type", line("household-surveyed.v2", `{}`), "type", "did you mean household-surveyed.v1?", true},
		{"a register's type in a case", line("post-held.v1", `{}`), "case", "leave the case out", true},
		{"a case's type without case", `{"type":"case-closed.v1","data":{}}`, "case", "name the case", true},
		{"no data", `{"case":"C","type":"case-closed.v1"}`, "data", "missing", true},
		{"data null", line("case-closed.v1", `null`), "data", "missing", true},
		{"data is a list", line("case-closed.v1", `[]`), "data", "object in braces", true},
		{"an unknown data field", line("case-closed.v1", `{"day":"2020-01-08","reazon":"x"}`), "data.reazon", "did you mean reason?", true},
		{"a header in the middle", `{"leeway":"case-file.v1"}`, "leeway", "no such field", true},
		{"a day that is none", line("case-closed.v1", `{"day":"2020-02-30","reason":"x"}`), "data.day", "YYYY-MM-DD", true},
		{"a day as number", line("case-closed.v1", `{"day":20200108}`), "data.day", "", true},
		{"a month that is none", line("benefit-paid.v1", `{"day":"2020-01-08","month":"2020-13","amount":1}`), "data.month", "YYYY-MM", true},
		{"yuan with a point", line("benefit-paid.v1", `{"day":"2020-01-08","month":"2020-01","amount":3.78}`), "data.amount", "whole number of fen", true},
		{"an amount in quotes", line("benefit-paid.v1", `{"day":"2020-01-08","month":"2020-01","amount":"378"}`), "data.amount", "whole number of fen", true},
		{"text for a list", line("household-surveyed.v1", `{"day":"2020-01-08","staff":"w1"}`), "data.staff", "list in brackets", true},
		{"a word for yes", line("household-surveyed.v1", `{"day":"2020-01-08","signed":"yes"}`), "data.signed", "true or false", true},
		{"a value that is none", survey(`{"subject":"m1","attribute":"income","value":400}`), "data.statements[0].value", `{"fen":40000}`, true},
		{"two values in one", survey(`{"subject":"m1","attribute":"income","value":{"fen":1,"int":1}}`), "data.statements[0].value", "exactly one", true},
		{"no value", survey(`{"subject":"m1","attribute":"income"}`), "data.statements[0].value", "missing", false},
		{"text for personal data", line("complaint-received.v1", `{"day":"2020-01-08","text":"秘密"}`), "data.text", `"subject"`, true},
		{"a mark without text", line("complaint-received.v1", `{"day":"2020-01-08","text":{"sealed":true,"subject":"x"}}`), "data.text", "no text", false},
		{"personal data of nobody", line("complaint-received.v1", `{"day":"2020-01-08","text":{"text":"x"}}`), "data.text.subject", "missing", false},
		{"no day", line("case-closed.v1", `{"reason":"x"}`), "data.day", "missing", false},
		{"a day to come", line("case-closed.v1", `{"day":"2020-03-02","reason":"x"}`), "data.day", "future", false},
		{"known in time to come", `{"case":"C","type":"case-closed.v1","claimed":{"at":"2020-03-02T00:00:00+08:00"},"data":{"day":"2020-01-08","reason":"x"}}`, "claimed.at", "future", false},
		{"known before it happened", `{"case":"C","type":"case-closed.v1","claimed":{"at":"2020-01-07T10:00:00+08:00"},"data":{"day":"2020-01-08","reason":"x"}}`, "claimed.at", "before 2020-01-08", false},
		{"known before the line above", `{"case":"C","type":"case-closed.v1","claimed":{"at":"2020-01-02T11:59:00+08:00"},"data":{"day":"2020-01-02","reason":"x"}}`, "claimed.at", "before that of line 3", false},
		{"no time of knowledge", `{"case":"C","type":"case-closed.v1","claimed":{"at":"yesterday"},"data":{"day":"2020-01-08","reason":"x"}}`, "claimed.at", "2020-01-31T09:30:00+08:00", true},
		{"a grade that is none", `{"case":"C","type":"case-closed.v1","claimed":{"grade":"D"},"data":{"day":"2020-01-08","reason":"x"}}`, "claimed.grade", "grade", false},
		{"half an actor", `{"case":"C","type":"case-closed.v1","actor":{"person":"w1"},"data":{"day":"2020-01-08","reason":"x"}}`, "actor", "missing", false},
		{"visible to nobody", `{"case":"C","type":"case-closed.v1","visible":["town"],"data":{"day":"2020-01-08","reason":"x"}}`, "visible[0]", "office:ID", false},
		{"a stranger", survey(`{"subject":"m9","attribute":"income","value":{"fen":1}}`), "data.statements[0].subject", "member", false},
		{"an unknown attribute", survey(`{"subject":"m1","attribute":"incme","value":{"fen":1}}`), "data.statements[0].attribute", "did you mean income?", false},
		{"another kind of value", survey(`{"subject":"m1","attribute":"income","value":{"int":1}}`), "data.statements[0].value", `{"fen":40000}`, false},
		{"an unknown code", survey(`{"subject":"household","attribute":"area","value":{"code":"rurall"}}`), "data.statements[0].value.code", "did you mean rural?", false},
		{"advice of another engine", line("decision-made.v1", `{"day":"2020-01-08","outcome":"granted","amount":1,"from":"2020-02","advice":{"rules":{"pack":"p","version":"1","digest":"d"},"engine":"e","known":"2020-01-08","outcome":{}}}`), "data.advice", "leave it out", false},
		{"a decision for no month", line("decision-made.v1", `{"day":"2020-01-08","outcome":"granted","amount":1}`), "data.from", "month", false},
		{"a case twice", openedLine, "", "open already", false},
		{"rules that are not at hand", `{"type":"rules-activated.v1","data":{"day":"2020-01-01","rules":{"pack":"p","version":"9"}}}`, "data.rules", "not at hand", false},
		{"rules of other bytes", `{"type":"rules-received.v1","data":{"day":"2020-01-01","office":"o","rules":{"pack":"p","version":"1","digest":"x"}}}`, "data.rules.digest", "leave the digest out", false},
		{"a post of nobody", `{"type":"post-held.v1","data":{"day":"2020-01-01","office":"o","post":"p"}}`, "data.office, post, person", "empty", false},
		{"a step of no case", `{"case":"E","type":"case-closed.v1","data":{"day":"2020-01-08","reason":"x"}}`, "", "case-opened.v1 first", false},
		{"a case without a usable name", strings.Replace(openedLine, `"C"`, `"C\n"`, 1), "case", "cannot name", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := faults(t, lines(openedLine, tt.line))
			f := all[0]
			if len(all) != 1 || f.Line != 4 || f.Field != tt.field || !strings.Contains(f.Wrong.String()+"; "+f.Mend.String(), tt.says) || f.Mend.Format == "" {
				t.Errorf("faults:\n%v\nwant one of %q on line 4 that says %q", all, tt.field, tt.says)
			}
			if tt.column != (f.Column > 0) && tt.column && f.Field != "type" && f.Field != "case" && f.Field != "data" {
				t.Errorf("column %d", f.Column)
			}
			if strings.Contains(all.Error(), "秘密") {
				t.Error("the message repeats personal data")
			}
		})
	}
}

// TestFaultsPointAtTheirColumn counts characters, not bytes.
func TestFaultsPointAtTheirColumn(t *testing.T) {
	bad := `{"case":"案","type":"case-closed.v1","data":{"reason":"搬走","day":"2020-02-30"}}`
	f := faults(t, lines(openedLine, bad))[0]
	if got := string([]rune(bad)[f.Column-1:]); !strings.HasPrefix(got, `"2020-02-30"`) {
		t.Errorf("column %d is at %s", f.Column, got)
	}
	bad = `{"case":"案","type":"case-closed.v1","data":{"reason":"搬走" "day":1}}`
	f = faults(t, lines(openedLine, bad))[0]
	if got := string([]rune(bad)[f.Column-1:]); !strings.HasPrefix(got, `"day":1`) {
		t.Errorf("column %d is at %s", f.Column, got)
	}
	bad = `{"case":"案","type":"case-closed.v1","data":{"reason":"搬走","dai":1}}`
	f = faults(t, lines(openedLine, bad))[0]
	if got := string([]rune(bad)[f.Column-1:]); !strings.HasPrefix(got, `dai":1`) {
		t.Errorf("column %d is at %s", f.Column, got)
	}
	if want := "line 4, column "; !strings.HasPrefix(f.String(), want) || !strings.Contains(f.String(), ": 案: data.dai: no such field; use one of day, reason") {
		t.Errorf("written %s", f)
	}
}

func TestAllFaultsAreListed(t *testing.T) {
	all := faults(t, lines(
		`{"case":"C","type":"case-opened.v1","data":{"day":"2020-13-01","programme":"dibao","pak":"p","members":[{"id":5}]}}`, // three, and C cannot be judged
		`{"case":"C","type":"household-surveyed.v1","data":{"day":"2020-01-08","staff":1}}`,
		`{`,
		openedLine[:len(openedLine)-1],
		`{"case":"D","type":"case-closed.v1","actor":{},"data":{}}`, // no actor, no case
	))
	var got []string
	for _, f := range all {
		got = append(got, fmt.Sprintf("%d %s", f.Line, f.Field))
	}
	want := []string{"3 data.day", "3 data.pak", "3 data.members[0].id", "4 data.staff", "5 ", "6 ", "7 actor", "7 "}
	if !slices.Equal(got, want) {
		t.Errorf("faults\n%v\nat %q, want %q", all, got, want)
	}
}

func TestHeaderFaults(t *testing.T) {
	for bad, field := range map[string]string{
		`{"leeway":"case-file.v2"}`:             "leeway",
		`{"leeway":5}`:                          "leeway",
		`{"leeway":"case-file.v1","grade":"D"}`: "grade",
		`{"leeway":"case-file.v1","author":{}}`: "author",
		`{"leeway":"case-file.v1","title":"x"}`: "title",
	} {
		all := faults(t, bad+"\n"+strings.Join([]string{activated, openedLine}, "\n"))
		if all[0].Line != 1 || all[0].Field != field {
			t.Errorf("%s: %v", bad, all)
		}
	}
}

func TestLimits(t *testing.T) {
	long := `{"case":"C","type":"case-closed.v1","data":{"day":"2020-01-08","reason":"` + strings.Repeat("x", MaxLine) + `"}}`
	all := faults(t, lines(openedLine, long, `{`))
	if len(all) != 2 || all[0].Line != 4 || !strings.Contains(all[0].Wrong.String(), "longer") || all[1].Line != 5 {
		t.Errorf("a long line: %.300v", all)
	}
	if all := faults(t, strings.Repeat("x", MaxLine+1)); len(all) != 1 || all[0].Line != 1 {
		t.Errorf("a file of one long line: %.300v", all)
	}
	big := `{"case":"C","type":"supplement-requested.v1","data":{"day":"2020-01-08","missing":["` + strings.Repeat("x", MaxLine-200) + `"]}}`
	if all := faults(t, lines(openedLine, strings.Repeat(big+"\n", 9))); len(all) != 1 || all[0].Field != "case" {
		t.Errorf("a big case: %.300v", all)
	}
	if all := faults(t, strings.Repeat("{\n", 3*maxFaults)); len(all) != maxFaults {
		t.Errorf("%d faults listed, want %d", len(all), maxFaults)
	}
	for _, empty := range []string{"", "\n\n", header + "\n", "\ufeff"} {
		if all := faults(t, empty); len(all) != 1 || !strings.Contains(all[0].Wrong.String(), "no events") {
			t.Errorf("%q: %v", empty, all)
		}
	}
}

func TestReadErrorsAreNotFaults(t *testing.T) {
	broken := errors.New("disk gone")
	for _, text := range []string{"", lines(openedLine), lines(openedLine)[:50]} {
		f, err := ReadCaseFile(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), library{}, domain.DayOf(noon))
		if f != nil || !errors.Is(err, broken) {
			t.Errorf("ReadCaseFile = %v, %v", f, err)
		}
	}
	state := `{"case":"C","type":"household-surveyed.v1","data":{"day":"2020-01-08","statements":[{"subject":"m1","attribute":"income","value":{"fen":1}}]}}`
	if _, err := ReadCaseFile(strings.NewReader(lines(openedLine, state)), library{missing: true}, domain.DayOf(noon)); !errors.Is(err, replay.ErrNoRules) {
		t.Errorf("rules gone: %v, want ErrNoRules", err)
	}
}

// TestLastLineNeedsNoBreak reads a file at every size of buffer.
func TestLastLineNeedsNoBreak(t *testing.T) {
	text := strings.TrimSuffix(lines(openedLine), "\n")
	if f := read(t, text); f.Events() != 2 {
		t.Errorf("%d events", f.Events())
	}
	f, err := ReadCaseFile(iotest.OneByteReader(strings.NewReader(text)), library{}, domain.DayOf(noon))
	if err != nil || f.Events() != 2 {
		t.Errorf("byte by byte: %v, %v", f, err)
	}
}

func FuzzReadCaseFile(f *testing.F) {
	f.Add(lines(openedLine))
	f.Add(lines(openedLine, `{"case":"C","type":"household-surveyed.v1","claimed":{"at":"2020-01-08T10:00:00+08:00","grade":"B"},"data":{"day":"2020-01-06","statements":[{"subject":"m1","attribute":"income","value":{"fen":40000}}]}}`))
	f.Add("{\"leeway\":null}\n[]\n\x00")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := ReadCaseFile(strings.NewReader(text), library{}, domain.DayOf(noon))
		var faults Faults
		if err != nil {
			if !errors.As(err, &faults) || len(faults) == 0 || file == nil {
				t.Fatalf("error %v", err)
			}
			for _, f := range faults {
				if f.Line < 1 || f.Wrong.Format == "" || f.Mend.Format == "" {
					t.Fatalf("fault %+v", f)
				}
			}
			return
		}
		// What was read can be imported, and again with nothing added.
		d := newDesk(&testing.T{})
		first, err := d.Import(t.Context(), file, nil)
		if errors.As(err, &faults) {
			return // needs packs that nobody has activated
		}
		if err != nil {
			t.Fatalf("Import = %v", err)
		}
		again, err := d.Import(t.Context(), file, nil)
		if err != nil || again.Events+again.Register != 0 {
			t.Fatalf("Import = %+v, then %+v, %v", first, again, err)
		}
	})
}
