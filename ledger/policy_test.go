package ledger

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"
)

// lines makes keys and writes policy lines for them: L a log, A to F witnesses.
func keyLines(t testing.TB) map[string]string {
	t.Helper()
	made := make(map[string]string)
	for _, name := range []string{"L", "A", "B", "C", "D", "E", "F"} {
		_, public, err := note.GenerateKey(rand.Reader, "example/"+name)
		if err != nil {
			t.Fatal(err)
		}
		made[name] = public
	}
	return made
}

func TestPolicyQuorum(t *testing.T) {
	keys := keyLines(t)
	head := "log " + keys["L"] + "\n"
	for _, w := range []string{"A", "B", "C", "D", "E", "F"} {
		head += "  witness\t" + w + " " + keys[w] + " http://127.0.0.1/" + w + "\r\n"
	}
	for _, c := range []struct{ rest, yes, no string }{
		{"quorum none", ",A,A B C D E F", ""},
		{"quorum A", "A,A B", ",B,B C D E F"},
		{"group g any A B\nquorum g", "A,B,A B", ",C"},
		{"group g all A B\nquorum g", "A B,A B C", ",A,B,A C D E F"},
		{"# 纪委与审计局\n\ngroup g 2 A B C\nquorum g", "A B,B C,A C,A B C", ",A,B,C,A D,D E F"},
		{"group g 2 A B C\ngroup h any D E\ngroup both all g h\nquorum both", "A B D,B C E,A B C D E F", "A B,D E,A D,A B F"},
		{"group g 2 A B C\nquorum D", "D", "A B C"},
	} {
		p := policy(t, head+c.rest)
		for want, sets := range map[bool]string{true: c.yes, false: c.no} {
			for set := range strings.SplitSeq(sets, ",") {
				have := make(map[string]bool)
				for _, w := range strings.Fields(set) {
					have[w] = true
				}
				if c.no == "" && !want {
					continue
				}
				if got := p.satisfied(have); got != want {
					t.Errorf("%q with %q: %t, want %t", c.rest, set, got, want)
				}
			}
		}
	}
	if need := policy(t, head+"group g 2 A B C\nquorum g").need(); need != "2 of 3: A, B, C" {
		t.Errorf("the quorum in words is %q", need)
	}
}

func TestPolicyRefuses(t *testing.T) {
	keys := keyLines(t)
	log, a, b := "log "+keys["L"]+"\n", "witness A "+keys["A"]+"\n", "witness B "+keys["B"]+"\n"
	named := func(key, name string) string { return "witness " + name + " " + key + "\n" }
	for text, says := range map[string]string{
		"":                                     "quorum",
		log:                                    "quorum",
		log + "quorum none\nquorum none":       "line 3",
		log + "quorum A":                       "line 2",
		log + "quorum A\n" + a:                 "line 2",
		log + "Log x\nquorum none":             "line 2",
		log + log + "quorum none":              "twice",
		log + a + named(keys["A"], "B"):        "twice",
		log + named(keys["L"], "A"):            "twice",
		log + a + named(keys["B"], "A"):        "taken",
		log + named(keys["A"], "none"):         "taken",
		log + "group none any A":               "line 2",
		log + a + "group A any A\nquorum none": "taken",
		log + a + "group g 0 A\nquorum g":      "needs",
		log + a + "group g 2 A\nquorum g":      "needs",
		log + a + "group g -1 A\nquorum g":     "needs",
		log + a + "group g some A\nquorum g":   "needs",
		log + a + "group g 2 A A\nquorum g":    "member",
		log + a + b + "group g any A B\ngroup h all g A\nquorum h": "member",
		log + a + "group g any g\nquorum g":                        "member",
		log + a + "group g any\nquorum g":                          "line 3",
		log + "witness A\nquorum none":                             "line 2",
		"log nonsense\nquorum none":                                "line 1",
		"log a+00000000+AAAA\nquorum none":                         "line 1",
		log + "witness A nonsense\nquorum none":                    "line 2",
		log + "quorum\x00none":                                     "control",
		log + "quorum none\x1b[0m":                                 "control",
	} {
		p, err := ParsePolicy([]byte(text))
		wantErr(t, err, ErrMalformed)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q gave %v, %v; want an error that says %q", text, p, err, says)
		}
	}
}

// TestQuorumIsMonotonic draws policies: one more cosignature never spoils a
// quorum, and every witness together make it.
func TestQuorumIsMonotonic(t *testing.T) {
	keys := keyLines(t)
	names := []string{"A", "B", "C", "D", "E", "F"}
	rapid.Check(t, func(t *rapid.T) {
		text := "log " + keys["L"] + "\n"
		for _, w := range names {
			text += "witness " + w + " " + keys[w] + "\n"
		}
		free, top := slices.Clone(names), "A"
		for i := range rapid.IntRange(1, 3).Draw(t, "groups") {
			if len(free) == 0 {
				break
			}
			n := rapid.IntRange(1, len(free)).Draw(t, "members")
			need := rapid.IntRange(1, n).Draw(t, "need")
			top = fmt.Sprint("g", i)
			text += fmt.Sprintf("group %s %d %s\n", top, need, strings.Join(free[:n], " "))
			free = append(free[n:], top)
		}
		p, err := ParsePolicy([]byte(text + "quorum " + top))
		if err != nil {
			t.Fatal(err)
		}
		have := make(map[string]bool)
		before := false
		for _, w := range rapid.Permutation(names).Draw(t, "order") {
			have[w] = true
			now := p.satisfied(have)
			if before && !now {
				t.Fatalf("%s spoils the quorum of %q", w, text)
			}
			before = now
		}
		if !before || p.satisfied(nil) {
			t.Fatalf("all: %t, none: %t for %q", before, p.satisfied(nil), text)
		}
	})
}
