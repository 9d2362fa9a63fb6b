package policies

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/env"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"go.yaml.in/yaml/v3"

	"leeway/domain"
)

// maxExpression bounds the length of one expression.
const maxExpression = 2000

// A language compiles the expressions of one pack: the subset of CEL that its
// env.yaml lists, the facts of its schema, and money and civil days.
type language struct {
	env *cel.Env
	// Shared by all expressions of the pack.
	types    map[string]*types.Type // every name an expression may use
	codes    map[string][]string    // the codes of those that are codes
	programs map[string]*program
	probs    *Problems
	slots    map[string]slot // where each of them stands
}

// A program is one compiled expression.
type program struct {
	src  string
	prg  cel.Program
	tree *cel.Ast
	out  *types.Type
	refs []string // names it reads, sorted
}

// readEnv reads env.yaml, the language subset.
func readEnv(file string, data []byte, probs *Problems) *env.Config {
	// Unknown keys are refused here as everywhere.
	cfg := new(env.Config)
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	place := at{file, 1}
	if err := dec.Decode(cfg); err != nil {
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			place.line, _ = strconv.Atoi(m[1])
		}
		probs.add(place, "not a CEL environment: %s", "write name and stdlib with include_functions", strings.ReplaceAll(err.Error(), "\n", " "))
		return nil
	}
	if err := cfg.Validate(); err != nil {
		probs.add(place, "not a CEL environment: %s", "write name and stdlib with include_functions", err.Error())
		return nil
	}
	// Without a list CEL takes everything, doubles and timestamps included.
	if cfg.StdLib == nil || len(cfg.StdLib.IncludeFunctions) == 0 {
		probs.add(place, "the language subset is not listed", "write stdlib: {include_functions: […]} with each operator that rules may use")
		return nil
	}
	if len(cfg.Extensions)+len(cfg.Variables)+len(cfg.Functions) > 0 || cfg.ContextVariable != nil {
		probs.add(place, "extensions, variables and functions do not belong here", "declare facts in schema.yaml; the engine adds money and days")
		return nil
	}
	for _, f := range cfg.StdLib.IncludeFunctions {
		for _, o := range f.Overloads {
			if strings.Contains(o.ID, "double") || strings.Contains(o.ID, "timestamp") {
				line := 1 + strings.Count(string(data[:max(bytes.Index(data, []byte(o.ID)), 0)]), "\n")
				probs.add(at{file, line}, "overload %s is not for rules: amounts are whole fen and days are civil days", "leave it out", o.ID)
			}
		}
	}
	return cfg
}

// newLanguage makes the environment in which all expressions of a pack are
// checked.
func newLanguage(cfg *env.Config, names map[string]*types.Type, codes map[string][]string, probs *Problems) (*language, error) {
	// The types must be there before the configuration that may name them.
	opts := []cel.EnvOption{cel.Types(moneyType, civilType), cel.FromConfig(cfg), cel.EagerlyValidateDeclarations(true)}
	opts = append(opts, builtins()...)
	for _, name := range sortedKeys(names) {
		opts = append(opts, cel.Variable(name, names[name]))
	}
	e, err := cel.NewCustomEnv(opts...)
	if err != nil {
		return nil, err
	}
	return &language{env: e, types: names, codes: codes, programs: map[string]*program{}, probs: probs}, nil
}

// builtins are what the engine adds to CEL. The operators carry no binding of
// their own: the standard ones dispatch on the traits of money and day.
func builtins() []cel.EnvOption {
	m, d, i, b := moneyType, civilType, types.IntType, types.BoolType
	// Left out on purpose: money with anything but money and whole numbers,
	// division, and a product of two amounts.
	two := func(id string, x, y, out *types.Type) cel.FunctionOpt {
		return cel.Overload(id, []*types.Type{x, y}, out)
	}
	opts := []cel.EnvOption{
		cel.Function(operators.Add, two("add_money", m, m, m)),
		cel.Function(operators.Subtract, two("subtract_money", m, m, m)),
		cel.Function(operators.Multiply, two("multiply_money_int", m, i, m)),
		cel.Function("max", cel.Overload("max_money", []*types.Type{m, m}, m, cel.BinaryBinding(func(x, y ref.Val) ref.Val { return pick(x, y, more) }))),
		cel.Function("min", cel.Overload("min_money", []*types.Type{m, m}, m, cel.BinaryBinding(func(x, y ref.Val) ref.Val { return pick(x, y, less) }))),
		cel.Function("yuan", cel.Overload("yuan_string", []*types.Type{types.StringType}, m, cel.UnaryBinding(toMoney))),
		cel.Function("date", cel.Overload("date_string", []*types.Type{types.StringType}, d, cel.UnaryBinding(toDay))),
	}
	for op, id := range map[string]string{operators.Less: "less", operators.LessEquals: "less_equals", operators.Greater: "greater", operators.GreaterEquals: "greater_equals"} {
		opts = append(opts, cel.Function(op, two(id+"_money", m, m, b), two(id+"_day", d, d, b)))
	}
	return opts
}

// pick is the greater or the lesser of two amounts. Arguments are known amounts:
// CEL calls no function with an unknown.
func pick(x, y, want ref.Val) ref.Val {
	if x.(*money).Compare(y) == want {
		return x
	}
	return y
}

// toMoney reads yuan('526'). Literals are checked when the pack is loaded, so an
// error here cannot happen in a sound pack.
func toMoney(v ref.Val) ref.Val {
	f, err := domain.ParseYuan(string(v.(types.String)))
	if err != nil {
		return types.WrapErr(err)
	}
	return &money{f}
}

// toDay reads date('2020-01-31'), checked when the pack is loaded as well: the
// type checker would let date('2020-13-01') pass.
func toDay(v ref.Val) ref.Val {
	d, err := domain.ParseDay(string(v.(types.String)))
	if err != nil || d == 0 {
		return types.NewErr("no civil day: %v", v)
	}
	return &civil{d}
}

// compile checks an expression and fills in its program. The result must have
// one of the wanted types; nil wants any. It reports problems and leaves the
// program nil where there are some.
func (l *language) compile(e *expr, want ...*types.Type) {
	if e.src == "" {
		return
	}
	// The same text has the same program, in whatever rule and epoch it stands.
	p, seen := l.programs[e.src]
	if !seen {
		p = l.check(e)
		l.programs[e.src] = p
	}
	if p == nil {
		return
	}
	if len(want) > 0 && !slices.ContainsFunc(want, p.out.IsExactType) {
		l.probs.add(e.at, "%s gives %s, %s is wanted", "write an expression that gives %[3]s", e.src, p.out.String(), want[0].String())
		return
	}
	e.program = p
}

// check compiles an expression for the first time. Only the first error of the
// checker is reported: the others mostly follow from it.
func (l *language) check(e *expr) *program {
	// CEL's own limits are far above what a person can read.
	if len(e.src) > maxExpression {
		l.probs.add(e.at, "the expression has %d characters", "write at most %[2]d; move parts into derived facts", len(e.src), maxExpression)
		return nil
	}
	// Parsing and type checking; nothing is evaluated here.
	tree, iss := l.env.Compile(e.src)
	if iss.Err() != nil {
		what, instead := l.explainIssue(e.src, iss.Errors()[0].Message)
		l.probs.note(e.at, domain.Say("does not type-check: %s", what), instead)
		return nil
	}
	// The names that the expression reads, for scopes, dependencies and
	// assumptions.
	p := &program{src: e.src, tree: tree, out: tree.OutputType()}
	// Functions stand in the same map; names of facts are those declared.
	for _, r := range tree.NativeRep().ReferenceMap() {
		if _, ok := l.types[r.Name]; ok {
			p.refs = append(p.refs, r.Name)
		}
	}
	slices.Sort(p.refs)
	p.refs = slices.Compact(p.refs)
	if !l.literals(e, tree) {
		return nil
	}
	// Optimizing folds list literals for `in`, nothing else: an evaluation
	// has no limits and no tracking, which would cost more than the rule.
	prg, err := l.env.Program(tree, cel.EvalOptions(cel.OptOptimize), cel.CustomDecoratorV2(readColumns(l.slots)))
	if err != nil {
		l.probs.add(e.at, "cannot be planned: %s", "use only the operators that env.yaml lists", err.Error())
		return nil
	}
	p.prg = prg
	return p
}

var (
	undeclared = regexp.MustCompile(`undeclared reference to '([^']+)'`)
	dotted     = regexp.MustCompile(`[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)+`)
	noOverload = regexp.MustCompile(`found no matching overload for '([^']+)' applied to '([^']+)'`)
)

// explainIssue puts the checker's words into those of a policy author.
func (l *language) explainIssue(src, msg string) (what, instead domain.Said) {
	// CEL names an operator as "_+_" and what it was applied to in brackets.
	if m := noOverload.FindStringSubmatch(msg); m != nil {
		op := strings.Trim(m[1], "_@")
		return domain.Say("%s cannot be used on %s", op, m[2]), domain.Say("money adds to money, is taken int times and compares with money: write yuan('526') for an amount")
	}
	m := undeclared.FindStringSubmatch(msg)
	if m == nil {
		return domain.Say("%s", msg), domain.Say("write a CEL expression over household.*, member.*, std.* and month")
	}
	name := l.unknownName(src, m[1])
	if strings.HasPrefix(name, "_") || strings.HasPrefix(name, "@") {
		return domain.Say("operator %s is not in the language of this pack", strings.Trim(name, "_@")), domain.Say("write it without: money is never divided, and env.yaml lists the operators")
	}
	return domain.Say("%s is not known", name), domain.Say("%sdeclare it in schema.yaml, facts or standards", meant(name, sortedKeys(l.types)))
}

// unknownName is the whole dotted name of which the checker names the start.
func (l *language) unknownName(src, start string) string {
	for _, name := range dotted.FindAllString(src, -1) {
		if first, _, _ := strings.Cut(name, "."); first == start && l.types[name] == nil {
			return name
		}
	}
	return start
}

// literals checks what the type checker lets pass: days and amounts that are
// no days and amounts, and codes that the schema does not list.
func (l *language) literals(e *expr, tree *cel.Ast) bool {
	before := len(*l.probs)
	// Only calls matter: a literal by itself means nothing here.
	ast.PostOrderVisit(tree.NativeRep().Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() != ast.CallKind {
			return
		}
		call := x.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case "date", "yuan":
			l.literal(e, call.FunctionName(), args[0])
		case operators.Equals, operators.NotEquals, operators.In:
			l.codeLiterals(e, args[0], args[1])
			l.codeLiterals(e, args[1], args[0])
		}
	}))
	return len(*l.probs) == before
}

// literal checks the argument of date and yuan. It must be a literal, so that no
// fact can turn into a day or an amount by way of its text.
func (l *language) literal(e *expr, fn string, arg ast.Expr) {
	hint := map[string]domain.Said{"date": domain.Say("write date('2020-01-31')"), "yuan": domain.Say("write yuan('526') or yuan('526.50')")}[fn]
	s, ok := "", arg.Kind() == ast.LiteralKind
	if ok {
		s, ok = arg.AsLiteral().Value().(string)
	}
	if !ok {
		l.probs.note(e.at, domain.Say("%s takes a literal only", fn), hint)
		return
	}
	day, err := domain.ParseDay(s)
	if fn == "yuan" {
		_, err = domain.ParseYuan(s)
	} else if err == nil && day == 0 {
		err = fmt.Errorf("day %q is empty", s)
	}
	if err != nil {
		l.probs.note(e.at, domain.Say("%s('%s') is not one", fn, s), hint)
	}
}

// codeLiterals checks the texts that a code is compared with.
func (l *language) codeLiterals(e *expr, code, with ast.Expr) {
	// Comparing with anything but a literal is compared at run time.
	known := l.codes[qualified(code)]
	if known == nil {
		return
	}
	// One literal for == and !=, a list of them for in.
	list := []ast.Expr{with}
	if with.Kind() == ast.ListKind {
		list = with.AsList().Elements()
	}
	for _, x := range list {
		if x.Kind() != ast.LiteralKind {
			continue
		}
		if s, ok := x.AsLiteral().Value().(string); ok && !slices.Contains(known, s) {
			l.probs.add(e.at, "%s has no code %q", "write one of %[3]s", qualified(code), s, domain.List(known))
		}
	}
}

// qualified is the dotted name that an expression node stands for.
func qualified(x ast.Expr) string {
	switch x.Kind() {
	case ast.IdentKind:
		return x.AsIdent()
	case ast.SelectKind:
		return qualified(x.AsSelect().Operand()) + "." + x.AsSelect().FieldName()
	}
	return ""
}

// cost is the greatest cost that the program can have by CEL's estimate.
func (l *language) cost(p *program) uint64 {
	est, err := l.env.EstimateCost(p.tree, shortCodes{})
	if err != nil {
		return 1 << 63
	}
	return est.Max
}

// shortCodes tells the cost estimate that texts are codes, which are short.
type shortCodes struct{}

// EstimateSize bounds texts by the length of a code.
func (shortCodes) EstimateSize(n checker.AstNode) *checker.SizeEstimate {
	if n.Type().Kind() == types.StringKind {
		return &checker.SizeEstimate{Min: 1, Max: 32}
	}
	return nil
}

// EstimateCallCost leaves functions to the estimate that CEL makes itself.
func (shortCodes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}
