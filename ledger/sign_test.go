package ledger

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

func TestSignText(t *testing.T) {
	key := func(name string) Key {
		k, err := CreateKey(filepath.Join(t.TempDir(), "key"), name)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	a, b := key("a1"), key("a1")
	const text = "leeway approval v1\npack p/1\ndigest 00\nperson a1\nrole reviewer\n"
	line, err := SignText(a.Signer, text)
	if err != nil {
		t.Fatal(err)
	}
	if name, err := VerifyText(a.Public, text, line); err != nil || name != "a1" {
		t.Fatalf("VerifyText = %q, %v", name, err)
	}
	for what, tt := range map[string]struct{ key, text, line string }{
		"another key of that name": {b.Public, text, line},
		"another text":             {a.Public, strings.Replace(text, "p/1", "p/2", 1), line},
		"no key":                   {"a1", text, line},
		"no line":                  {a.Public, text, ""},
		"two lines":                {a.Public, text, line + "\n" + line},
		"a note inside the line":   {a.Public, text, "x\n\n" + line},
		"no end of line":           {a.Public, text[:len(text)-1], line},
	} {
		if _, err := VerifyText(tt.key, tt.text, tt.line); !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUntrusted) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// Every byte of the line counts, padding bits of its base64 too.
	for i := range line {
		for _, c := range []byte{'A', 'B', line[i] ^ 1} {
			if changed := line[:i] + string(c) + line[i+1:]; changed != line {
				if _, err := VerifyText(a.Public, text, changed); err == nil {
					t.Fatalf("byte %d of the line changed to %q is accepted", i, c)
				}
			}
		}
	}
	checkpoint := Checkpoint{"a1", 3, tlog.RecordHash([]byte("x"))}.text()
	if _, err := SignText(a.Signer, checkpoint); !errors.Is(err, ErrMalformed) {
		t.Errorf("a checkpoint was signed as a text: %v", err)
	}
}
