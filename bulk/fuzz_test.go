package bulk

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"leeway/domain"
)

// FuzzKept: a file of kept results is opened or refused, whatever stands in it.
// Of one that is opened only what was cut behind its last line break is lost,
// and what it answers is of the case that was asked for.
func FuzzKept(f *testing.F) {
	for _, s := range []string{
		"", "\n", `{"case":"F1","key":"k","as_of":"2020-12-31"}` + "\n", `{"case":"F1","key":"k"}` + "\n" + `{"case":"F1","key":"l"`,
		`{"case":"","key":"k"}` + "\n", "null\n", "{}\n", `{"case":"F1","key":"k","months":[{"month":"2020-13"}]}` + "\n", "\xff\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		name := filepath.Join(t.TempDir(), "kept")
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := OpenKept(name)
		if err != nil {
			if !errors.Is(err, domain.ErrAltered) {
				t.Fatalf("%q: %v, want %v", text, err, domain.ErrAltered)
			}
			return
		}
		day := domain.Date(2020, 12, 31)
		for id, at := range k.lines {
			if r, ok := k.get(id, at.key, day); ok && (r.Case != id || r.AsOf != day) {
				t.Errorf("%q: asked for %s of %s, got %s of %s", text, id, day, r.Case, r.AsOf)
			}
		}
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
		left, err := os.ReadFile(name)
		if whole := text[:bytes.LastIndexByte(text, '\n')+1]; err != nil || !bytes.Equal(left, whole) {
			t.Errorf("%q: %q is left, want %q, %v", text, left, whole, err)
		}
	})
}

// FuzzFacts: kept facts are understood as a whole or hold nothing, and every
// case that they hold has a history within them.
func FuzzFacts(f *testing.F) {
	head := `{"form":"` + factsForm + `"}` + "\n"
	for _, s := range []string{
		"", head, head + `{"facts":{}}` + "\n" + `{"history":[{"m":"2020-07","n":1,"f":0}]}` + "\n" + `{"case":"F1","history":0}` + "\n",
		head + `{"facts":null}` + "\n" + `{"history":[{"m":"2020-07","n":1,"f":1}]}` + "\n", head + `{"case":"F1","history":3}` + "\n", head + "null\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		kept := understood(bytes.Split(text, []byte("\n")))
		if kept == nil {
			return
		}
		for id, c := range kept.kept {
			if c.Case != id || c.history == nil {
				t.Errorf("%q: case %q is kept under %q, with history %v", text, c.Case, id, c.history)
			}
		}
	})
}
