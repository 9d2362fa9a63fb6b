package policies

import (
	"math/bits"
	"reflect"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"leeway/domain"
)

// Money and civil days are opaque to expressions: they can be added and
// compared as money and days are, and nothing else. There is no division, no
// product of two amounts, no floating point and no clock.
var (
	// The traits are the operators that CEL dispatches to the methods below.
	moneyType = types.NewOpaqueType("money").WithTraits(traits.AdderType | traits.SubtractorType | traits.MultiplierType | traits.ComparerType)
	civilType = types.NewOpaqueType("day").WithTraits(traits.ComparerType)
)

// Comparison results, boxed once.
var less, same, more ref.Val = types.IntNegOne, types.IntZero, types.IntOne

// money is an amount in fen inside an expression.
type money struct{ fen domain.Fen }

// ConvertToNative, ConvertToType, Equal, Type and Value are what CEL asks of any
// value. Money turns into no other type.
func (m *money) ConvertToNative(reflect.Type) (any, error) { return m.fen, nil }
func (m *money) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("money is not converted to %s", t.TypeName())
}

func (m *money) Equal(other ref.Val) ref.Val {
	o, ok := other.(*money)
	return types.Bool(ok && o.fen == m.fen)
}
func (m *money) Type() ref.Type { return moneyType }
func (m *money) Value() any     { return m.fen }

// Add is the sum of two amounts; an overflow is an error, never a wrong sum.
func (m *money) Add(other ref.Val) ref.Val {
	o, ok := other.(*money)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return addFen(m.fen, o.fen)
}

// Subtract is the difference of two amounts.
func (m *money) Subtract(other ref.Val) ref.Val {
	o, ok := other.(*money)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return addFen(m.fen, -o.fen)
}

// Multiply is the amount taken a whole number of times.
func (m *money) Multiply(other ref.Val) ref.Val {
	n, ok := other.(types.Int)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	// The product is taken of the sizes and must fit with room to spare.
	hi, lo := bits.Mul64(uint64(m.fen.Abs()), uint64(domain.Fen(n).Abs()))
	if hi != 0 || lo > 1<<62 {
		return types.NewErr("amount out of range")
	}
	return &money{m.fen * domain.Fen(n)}
}

// Compare orders two amounts.
func (m *money) Compare(other ref.Val) ref.Val {
	o, ok := other.(*money)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return order(m.fen, o.fen)
}

// addFen adds and refuses to wrap around: the sum of two amounts of one sign has
// that sign.
func addFen(a, b domain.Fen) ref.Val {
	sum := a + b
	if (a > 0) == (b > 0) && (sum > 0) != (a > 0) && a != 0 && b != 0 {
		return types.NewErr("amount out of range")
	}
	return &money{sum}
}

// order compares two amounts or two days.
func order[T domain.Fen | domain.Day](a, b T) ref.Val {
	switch {
	case a < b:
		return less
	case a > b:
		return more
	}
	return same
}

// civil is a civil day inside an expression.
type civil struct{ day domain.Day }

// ConvertToNative and the others below are what CEL asks of any value. A day
// turns into no other type, and nothing is added to it.
func (c *civil) ConvertToNative(reflect.Type) (any, error) { return c.day, nil }
func (c *civil) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("a day is not converted to %s", t.TypeName())
}

func (c *civil) Equal(other ref.Val) ref.Val {
	o, ok := other.(*civil)
	return types.Bool(ok && o.day == c.day)
}
func (c *civil) Type() ref.Type { return civilType }
func (c *civil) Value() any     { return c.day }

// Compare orders two days.
func (c *civil) Compare(other ref.Val) ref.Val {
	o, ok := other.(*civil)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return order(c.day, o.day)
}

// kinds maps the kinds of the schema to the types of expressions.
var kinds = map[string]struct {
	kind domain.Kind
	typ  *types.Type
}{
	"money": {domain.MoneyValue, moneyType},
	"int":   {domain.IntValue, types.IntType},
	"bool":  {domain.BoolValue, types.BoolType},
	"day":   {domain.DayValue, civilType},
	"code":  {domain.CodeValue, types.StringType},
}

// boxed is a value as expressions see it; nil for no value. Codes are boxed
// by their attribute, which knows them.
func boxed(v domain.Value) ref.Val {
	switch v.Kind {
	case domain.MoneyValue:
		return &money{v.Fen()}
	case domain.IntValue:
		return types.Int(v.N)
	case domain.BoolValue:
		return types.Bool(v.N == 1)
	case domain.DayValue:
		return &civil{domain.Day(v.N)}
	case domain.CodeValue:
		return types.String(v.Code)
	}
	return nil
}

// shown writes a value of an expression for people.
func shown(v ref.Val) string {
	switch v := v.(type) {
	case *money:
		return v.fen.Yuan()
	case *civil:
		return v.day.String()
	case types.Bool:
		return domain.Bool(bool(v)).String()
	case types.Int:
		return domain.Int(int64(v)).String()
	case types.String:
		return string(v)
	}
	return "unknown"
}
