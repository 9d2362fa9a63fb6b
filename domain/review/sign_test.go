package review

import (
	"slices"
	"strings"
	"testing"
)

// signed is a signature under the determination of a file, by one of its
// members.
func signed(f *file, key string) *Signed {
	return &Signed{By: by("2020-12-01"), Decision: f.Determination.At.ID, Digest: "d1", Key: key, Signature: "— line"}
}

// TestSigning: given a determination, who took it signs it, once with each key;
// nobody else does, no other determination is signed, and a new one has no
// signature yet.
func TestSigning(t *testing.T) {
	if got := refusedBy(upTo(t, "consulted").try("r1", &Signed{By: by("2020-12-01"), Decision: "v14", Digest: "d", Key: "k", Signature: "s"})); got != "order" {
		t.Errorf("before the determination: %q", got)
	}
	for name, x := range map[string]struct {
		who string
		how func(*Signed)
	}{
		"who-may-act":           {"w1", nil},
		"competent-organ":       {"x1", nil},
		"fault:key, signature":  {"r1", func(e *Signed) { e.Signature = "" }},
		"signature":             {"r2", nil}, // investigated, and took no part in the decision
		"signature ":            {"r1", func(e *Signed) { e.Decision = "v1" }},
		"signature  ":           {"s1", nil},
		"order":                 {"r1", func(e *Signed) { e.Day = day("2020-10-27") }},
		"fault:key, signature ": {"r1", func(e *Signed) { e.Key = "" }},
	} {
		f := upTo(t, "determined")
		e := signed(f, "r1+a1+AAA")
		if x.how != nil {
			x.how(e)
		}
		if got := refusedBy(f.try(x.who, e)); got != strings.TrimSpace(name) {
			t.Errorf("%s by %s: %q", name, x.who, got)
		}
	}
	f := upTo(t, "determined")
	f.must("r1", signed(f, "r1+a1+AAA")).must("h1", signed(f, "h1+b2+BBB")).must("r1", signed(f, "r1+c3+CCC"))
	again := signed(f, "r1+a1+AAA")
	again.Signature = "— another line"
	if got := refusedBy(f.try("r1", again)); got != "signature" {
		t.Errorf("again with the same key: %q", got)
	}
	of := f.SignaturesOf(f.Determination.At.ID)
	if len(of) != 3 || of[1].At.Actor.Person != "h1" || of[1].KeyID() != "h1+b2" {
		t.Fatalf("signatures are %+v", of)
	}
	for _, who := range []Who{{"w1", "township", Worker}, {"u1", "township", Unit}} {
		if slices.ContainsFunc(f.Shown(who), func(e Entry) bool { _, is := e.Event.(*Signed); return is }) {
			t.Errorf("%s sees who signed, though not who voted", who.Person)
		}
	}
	old := f.Determination
	f.must("r1", served("w1")).must("r1", served("w2")).must("h1", reopened())
	if f.Determination != nil || len(f.SignaturesOf(old.At.ID)) != 3 || len(f.Decisions()) != 1 {
		t.Errorf("reopened: %d signatures of %d determinations", len(f.SignaturesOf(old.At.ID)), len(f.Decisions()))
	}
	if got := refusedBy(f.try("r1", &Signed{By: by("2020-12-01"), Decision: old.At.ID, Digest: "d1", Key: "r1+d4+D", Signature: "s"})); got != "order" {
		t.Errorf("the determination that was replaced is signed: %q", got)
	}
	// What a race slipped past a guard has no effect: neither has its signature.
	g := upTo(t, "determined")
	g.must("r1", signed(g, "r1+a1+AAA"))
	g.must("machine", &GuardBreached{By: by("2020-12-02"), Act: g.Signatures[0].At.ID, Guard: "recusal", Why: "w", Found: history().Basis})
	if len(g.Signatures) != 0 {
		t.Error("a suspended signature still counts")
	}
}

// TestStatement: what is signed says who decided what, and reads back to the
// byte; anything else is no statement.
func TestStatement(t *testing.T) {
	f := upTo(t, "determined")
	s := f.Statement(f.Determination, strings.Repeat("ab", 32), "h1", Head)
	text, err := s.Text()
	if err != nil {
		t.Fatal(err)
	}
	want := "leeway determination v1\nreview R1\nevent v14\ndigest " + strings.Repeat("ab", 32) + "\ndecided exempt m1 w1\ndecided diligent m1 w2\nperson h1\nrole head\n"
	if text != want {
		t.Errorf("the text is\n%s", text)
	}
	back, err := ParseStatement(text)
	if err != nil || back.Person != "h1" || len(back.Decided) != 2 || back.Decided[1].Person != "w2" {
		t.Errorf("read back: %+v, %v", back, err)
	}
	for _, bad := range []string{"", text + "\n", strings.TrimSuffix(text, "\n"), strings.Replace(text, "v1", "v2", 1), strings.Replace(text, "decided exempt m1 w1\n", "decided exempt\n", 1),
		text + "role head\n", strings.Replace(text, "review R1", "review R1 ", 1) + "x", "leeway approval v1\n" + text} {
		if _, err := ParseStatement(bad); err == nil {
			t.Errorf("taken for a statement:\n%s", bad)
		}
	}
	s.Person = "h1\nrole worker"
	if _, err := s.Text(); err == nil {
		t.Error("a person with a line break is signed for")
	}
}
