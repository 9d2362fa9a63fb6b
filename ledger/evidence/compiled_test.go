package evidence

import (
	"bytes"
	"errors"
	"testing"
)

// TestCompiledPacks holds that packs which were compiled for one package serve
// the next with the same bytes alone: a changed byte is found all the same.
func TestCompiledPacks(t *testing.T) {
	x := exported()
	kept := new(Compiled)
	for range 2 {
		if _, err := Verify(t.Context(), x.b, Options{Policy: x.policy, Engine: engine, Compiled: kept}); err != nil {
			t.Fatal(err)
		}
	}
	if len(kept.kept) != 1 {
		t.Errorf("%d libraries are kept", len(kept.kept))
	}
	c, _, err := disassemble(x.b)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range c.packs[0].files {
		bad := bytes.Clone(x.b)
		bad[bytes.Index(x.b, data)+len(data)/2] ^= 1
		if _, err := Verify(t.Context(), bad, Options{Policy: x.policy, Engine: engine, Compiled: kept}); !errors.Is(err, ErrAltered) {
			t.Fatalf("%s changed: %v", name, err)
		}
	}
}
