package storetest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"leeway/eventstore"
)

// hostile are names that some database or driver has been known to confuse.
var hostile = []string{
	"case", "CASE", "Case", "case ", " case", // folded, trimmed
	"case-", "case-1", "case-10", "case-1-1", "case_1", "cas", "c", // prefixes, LIKE's _
	"case/1", "case//1", "case/../1", `case\1`, ".", "..", // paths
	"case%", "case%1", "case%2F1", "%", "%s%d", "_", "*", "?", // patterns, escapes
	`case'1`, `case"1`, "case`1", "case'';--", "';DROP TABLE events;--", // quotes
	"case$1", "case:1", "case@1", "case,1", "case;1", "case#1", "a$b$", // separators of protocols
	"案件", "案件-1", "案件/黔江区", "案件-黔江", "容错台账·二〇一九年", "𠮷野家", // Chinese, beyond the BMP
	"é", "e\u0301", "ß", "ss", "ſ", "İ", "i", "ı", "K", "\u212a", // forms and foldings of Unicode
	"ａ", "a", "A", "\u200b", "a\u200b", "🀄", // width, zero width
	"0", "00", "0x0", "1", "1.0", "1e0", "true", "null", "NULL", // numbers, words
	strings.Repeat("长", 200), strings.Repeat("长", 199) + "短", strings.Repeat("x", eventstore.MaxName),
}

// testNames: every name is its own stream and comes back as it was given, as
// the name of a stream, a command and a type.
func testNames(f *fixture) {
	for i, name := range hostile {
		b := batch(name, eventstore.NoStream, fmt.Sprintf("%d", i))
		b.Command, b.Events[0].Type = name, name
		f.append(b)
	}
	for i, name := range hostile {
		rs := f.read(name)
		if len(rs) != 1 || string(rs[0].Data) != fmt.Sprintf("%d", i) {
			f.Errorf("Read(%.40q) = %q, want only its own event", name, data(rs))
			continue
		}
		if r := rs[0]; r.Stream != name || r.Command != name || r.Type != name {
			f.Errorf("%.40q comes back as stream %.40q, command %.40q, type %.40q", name, r.Stream, r.Command, r.Type)
		}
	}
	for i, r := range f.all(eventstore.Start) {
		if r.Stream != hostile[i] {
			f.Errorf("All[%d] is of stream %.40q, want %.40q", i, r.Stream, hostile[i])
		}
	}
}

// testAlike: streams whose names differ in case, or of which one begins the
// other, grow apart.
func testAlike(f *fixture) {
	names := []string{"A", "a", "a-", "a-b", "a-B", "a/b", "a%", "aa"}
	for round := range 3 {
		for _, name := range names {
			f.append(batch(name, int64(round)-1, fmt.Sprint(name, round)))
		}
	}
	for _, name := range names {
		want := []string{name + "0", name + "1", name + "2"}
		if got := data(f.read(name)); !slices.Equal(got, want) {
			f.Errorf("Read(%q) = %q, want %q", name, got, want)
		}
	}
}

// testBytes: data come back bit for bit, whatever they hold and however many.
func testBytes(f *fixture) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	big := bytes.Repeat(every, 4096) // 1 MiB
	big[len(big)-1] = 'z'
	contents := [][]byte{
		nil, {}, {0}, {0, 0}, []byte("a\x00b"), every, big, []byte("\xff\xfe"), []byte("\r\n"), []byte("\n"),
		[]byte(`{"说明":"低保金 198 元"}`), []byte("  "), big[:1<<20-1],
	}
	b := batch("bytes", eventstore.NoStream)
	for _, c := range contents {
		b.Events = append(b.Events, eventstore.Event{ID: newID(), Type: "raw.v1", Data: c})
	}
	f.append(b)
	check := func(from string, rs []eventstore.Recorded) {
		if len(rs) != len(contents) {
			f.Fatalf("%s yields %d events, want %d", from, len(rs), len(contents))
		}
		for i, r := range rs {
			if !bytes.Equal(r.Data, contents[i]) {
				f.Errorf("%s: data %d are %d bytes, changed from %d", from, i, len(r.Data), len(contents[i]))
			}
		}
	}
	check("Read", f.read("bytes"))
	check("All", f.all(eventstore.Start))
}

// testCopies: the store shares no memory with its callers.
func testCopies(f *fixture) {
	given := batch("s", eventstore.NoStream, "given")
	f.append(given)
	copy(given.Events[0].Data, "XXXXX")
	got := f.read("s")
	if string(got[0].Data) != "given" {
		f.Errorf("after the caller changed its bytes the store holds %q", got[0].Data)
	}
	copy(got[0].Data, "YYYYY")
	if again := f.read("s"); string(again[0].Data) != "given" {
		f.Errorf("after a reader changed its bytes the store holds %q", again[0].Data)
	}
}
