package domain

import (
	"fmt"
	"strconv"
	"strings"
)

// Fen is an amount of money in fen, a hundredth of a yuan. Negative amounts
// are differences; no benefit is negative.
type Fen int64

// Yuan writes the amount in yuan, with its fen only where there are any:
// "378", "-0.50", "1134.04".
func (f Fen) Yuan() string {
	sign, n := "", uint64(f)
	if f < 0 {
		sign, n = "-", -n
	}
	if n%100 == 0 {
		return sign + strconv.FormatUint(n/100, 10)
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// Signed writes the amount in yuan with its sign, "+0" never: zero is "0".
func (f Fen) Signed() string {
	if f > 0 {
		return "+" + f.Yuan()
	}
	return f.Yuan()
}

// Abs is the size of the amount without its sign.
func (f Fen) Abs() Fen { return max(f, -f) }

// ParseYuan reads an amount written in yuan with at most two decimals, such
// as "526" or "-0.50". It never rounds.
func ParseYuan(s string) (Fen, error) {
	body, neg := strings.CutPrefix(s, "-")
	whole, frac, point := strings.Cut(body, ".")
	if point && (len(frac) == 0 || len(frac) > 2) {
		return 0, NewFault("", "%q is no amount", "write yuan with at most two decimals, such as 526 or 526.50", s)
	}
	frac = (frac + "00")[:2]
	y, err := strconv.ParseUint(whole, 10, 53)
	if err != nil {
		return 0, NewFault("", "%q is no amount", "write yuan with at most two decimals, such as 526 or 526.50", s)
	}
	c, err := strconv.ParseUint(frac, 10, 8)
	if err != nil {
		return 0, NewFault("", "%q is no amount", "write yuan with at most two decimals, such as 526 or 526.50", s)
	}
	f := Fen(y*100 + c)
	if neg {
		f = -f
	}
	return f, nil
}
