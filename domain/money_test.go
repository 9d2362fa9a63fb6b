package domain

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFenIsWrittenInYuan(t *testing.T) {
	for _, tt := range []struct {
		fen          Fen
		yuan, signed string
	}{
		{0, "0", "0"}, {37800, "378", "+378"}, {113404, "1134.04", "+1134.04"}, {5, "0.05", "+0.05"},
		{-50, "-0.50", "-0.50"}, {-100, "-1", "-1"}, {math.MaxInt64, "92233720368547758.07", "+92233720368547758.07"},
		{math.MinInt64, "-92233720368547758.08", "-92233720368547758.08"},
	} {
		if got := tt.fen.Yuan(); got != tt.yuan {
			t.Errorf("%d fen: %s, want %s", int64(tt.fen), got, tt.yuan)
		}
		if got := tt.fen.Signed(); got != tt.signed {
			t.Errorf("%d fen signed: %s, want %s", int64(tt.fen), got, tt.signed)
		}
	}
	if Fen(-7).Abs() != 7 || Fen(7).Abs() != 7 || Fen(0).Abs() != 0 {
		t.Error("Abs keeps a sign")
	}
}

func TestParseYuan(t *testing.T) {
	for text, want := range map[string]Fen{
		"526": 52600, "526.5": 52650, "526.50": 52650, "0": 0, "-0": 0, "-0.50": -50, "007": 700, "0.05": 5,
	} {
		if got, err := ParseYuan(text); err != nil || got != want {
			t.Errorf("ParseYuan(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "-", ".", "5.", ".5", "1.234", "1,5", "1 000", "1_000", "+5", "--5", "1.+5", "1.-5", "5元", "五", "1e3", "0x10",
		"99999999999999999999", "nan",
	} {
		if got, err := ParseYuan(text); err == nil || !strings.Contains(err.Error(), "526.50") {
			t.Errorf("ParseYuan(%q) = %d, %v; want an error that shows how", text, got, err)
		}
	}
}

func TestYuanReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Fen(rapid.Int64Range(-(1<<53-1)*100, (1<<53-1)*100).Draw(t, "fen"))
		if got, err := ParseYuan(f.Yuan()); err != nil || got != f {
			t.Fatalf("%d is written %q and read as %d, %v", int64(f), f.Yuan(), int64(got), err)
		}
	})
}
