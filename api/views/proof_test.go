package views

import (
	"context"
	"strings"
	"testing"

	"leeway/ledger"
)

// known is a ledger that says what it is told to.
type known struct {
	size int64
	err  error
}

func (k known) KnownOn(context.Context, string) (ledger.Sealed, ledger.Verified, error) {
	return ledger.Sealed{Seq: 1}, ledger.Verified{Checkpoint: ledger.Checkpoint{Origin: "test", Size: k.size}}, k.err
}

func (k known) Covered(context.Context, ledger.Checkpoint, string) (int, int, error) {
	return 5, 7, nil
}

// TestProofOfADay: the state of a day says which checkpoint it rests on, or
// that there is none.
func TestProofOfADay(t *testing.T) {
	s := demo(t)
	for want, k := range map[string]known{"含 42 个事件": {size: 42}, "本案现有 7 个事件，其中 5 个": {size: 42}, "该日没有检查点": {err: ledger.ErrNoCheckpoint}} {
		s.Known = k
		v := built(t, s, Case, ask(PathCase, "case", "F2", "as_of", "2020-12-31"))
		said := ""
		for _, p := range v.Facts {
			said += p.Value
		}
		if !strings.Contains(said, want) {
			t.Errorf("the proof says %q, want %q", said, want)
		}
	}
	s.Known = known{err: context.DeadlineExceeded}
	if _, err := Case(t.Context(), s, ask(PathCase, "case", "F2", "as_of", "2020-12-31")); err == nil {
		t.Error("a ledger that cannot answer is passed over")
	}
}
