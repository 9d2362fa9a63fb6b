// Package replay answers what no other room can: was a decision wrong, given
// what could be known and which rules were held on that day, and if so, whose
// error was it and how much money did it move (domain.md §3). It is pure: no
// clock, no I/O; equal inputs give equal bytes.
//
// For each benefit month it walks the chain P paid → D decided → A = K×Rr →
// Af = K×Rf → A° = K°×Rf → B = T×Rf. Every unequal link is a cause, and the
// signed differences add up to P−B.
package replay

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// Input is what a replay is asked about. Case and Register are read whole, up
// to the index; a reader that could not read them whole must not ask.
type Input struct {
	Case     *eligibility.Case
	Register *eligibility.Register
	Rules    Rules
	AsOf     domain.Day   // index day: rules published by then count as today's
	From, To domain.Month // limits; none: every month of the case
	Rejected []FactRef    // proposed for K° and not confirmed by the reviewers: left out of it
	// Found is what people found and the ledger cannot tell, by the pseudonym of
	// the person whose part it is about; under "" it is about everybody's.
	Found map[string]domain.Findings

	thorough bool // run every reading, also those that cannot differ; for tests
}

// engine holds what one replay computes once.
type engine struct {
	in        Input
	c         *eligibility.Case
	reg       *eligibility.Register
	book      rulebook
	now       domain.PackVersion
	reading   domain.Reading
	schema    *schema
	order     []domain.SourceKind
	first     domain.Month
	nodesOnly bool // of another reading only the nodes are wanted
	omission  struct {
		judged
		looked, found bool
	}
	err error

	versions []domain.PackVersion // by number
	plans    map[planKey]Plan
	views    map[string]*view
	folds    map[foldKey]fold
	outcomes map[outcomeKey]domain.Outcome
	facts    map[factsKey]domain.Outcome
	posts    map[string][]post // by act
	bases    map[string]string // key of K, by act
}

type planKey struct {
	rules int // number of the version
	day   domain.Day
}

type foldKey struct {
	v             *view
	change, death int // segments
}

type outcomeKey struct {
	v     *view
	rules int // number of the version
	month domain.Month
}

type factsKey struct {
	plan                 Plan
	print                string
	roster, rosterAmount domain.Value
}

// Run replays a case. Errors wrap ErrNoRules, or say which input is missing;
// there is no answer from less than everything.
func Run(in Input) (*Report, error) {
	report, primary, err := chains(in)
	if err != nil {
		return nil, err
	}
	if err := primary.weigh(report); err != nil {
		return nil, fmt.Errorf("replay of case %s: %w", in.Case.ID, err)
	}
	return report, nil
}

// Chain is Run without the grounds of liability: whose error and how much, for
// many cases at once. What it leaves out, nobody may take for absent, so it is
// never kept.
func Chain(in Input) (*Report, error) {
	report, _, err := chains(in)
	return report, err
}

// chains walks the chain of every month, under every reading that can differ.
func chains(in Input) (*Report, *engine, error) {
	if !in.Case.Exists() {
		return nil, nil, domain.Deny(domain.ErrNotFound, "case %s has no events", "", in.Case.ID)
	}
	now, p, err := current(in)
	if err != nil {
		return nil, nil, err
	}
	readings := p.Readings()
	primary := newEngine(in, now, readings[0])
	report := &Report{Inputs: inputs(in, now), Programme: in.Case.Programme, Office: in.Case.Office, Reading: readings[0].ID}
	if report.Months, err = primary.months(p); err != nil {
		return nil, nil, err
	}
	if report.Today, err = primary.entitledToday(p); err != nil {
		return nil, nil, err
	}
	for _, reading := range readings[1:] {
		if primary.indifferent(reading) && !in.thorough {
			continue
		}
		other := newEngine(in, now, reading)
		other.nodesOnly = true
		months, err := other.months(p)
		if err != nil {
			return nil, nil, err
		}
		report.Alternatives = append(report.Alternatives, alternatives(report.Months, months, reading.ID)...)
	}
	report.sum(in.Case)
	return report, primary, nil
}

// current is the version that counts as today's, and its plan.
func current(in Input) (domain.PackVersion, Plan, error) {
	book := rulebook{in.Case.Pack, in.Register}
	now, err := book.published(moment{in.AsOf, always})
	if err != nil {
		return now, nil, err
	}
	now = book.corrected(now)
	p, err := in.Rules.Plan(now, in.AsOf)
	return now, p, err
}

func newEngine(in Input, now domain.PackVersion, reading domain.Reading) *engine {
	return &engine{
		in: in, c: in.Case, reg: in.Register, book: rulebook{in.Case.Pack, in.Register}, now: now, reading: reading,
		plans: make(map[planKey]Plan, 64), views: map[string]*view{}, folds: map[foldKey]fold{},
		outcomes: make(map[outcomeKey]domain.Outcome, 128), facts: make(map[factsKey]domain.Outcome, 64),
		posts: map[string][]post{}, bases: map[string]string{},
	}
}

// inputs names everything that the replay rests on.
func inputs(in Input, now domain.PackVersion) Inputs {
	i := Inputs{Format: Format, Case: in.Case.ID, AsOf: in.AsOf, From: in.From, To: in.To, RulesNow: now, Packs: []string{}, Rejected: in.rejected(), Found: in.Found}
	i.Streams = append(i.Streams, domain.Read{Stream: in.Case.Last.Stream, Revision: in.Case.Last.Revision})
	for _, m := range in.Register.Last {
		i.Streams = append(i.Streams, domain.Read{Stream: m.Stream, Revision: m.Revision})
	}
	slices.SortFunc(i.Streams, func(a, b domain.Read) int { return strings.Compare(a.Stream, b.Stream) })
	for _, a := range in.Register.Rules {
		if a.Rules.Pack == in.Case.Pack {
			i.Packs = merge(i.Packs, []string{a.Rules.Pack + "/" + a.Rules.Version + "@" + a.Rules.Digest})
		}
	}
	return i
}

// months replays every month of the span that was asked for.
func (e *engine) months(p Plan) ([]Month, error) {
	e.schema, e.order = newSchema(p.Attributes()), p.Precedence()
	first, last := e.span()
	e.first = first
	months := []Month{}
	for m := first; first != 0 && m <= last; m++ {
		if m < e.in.From || e.in.To != 0 && m > e.in.To {
			continue
		}
		j, ok := e.judge(m)
		if !ok {
			continue
		}
		month, err := e.replayMonth(j)
		if err != nil {
			return nil, fmt.Errorf("replay of case %s, month %s: %w", e.c.ID, m, err)
		}
		months = append(months, month)
	}
	return months, e.err
}

// entitledToday is C: everything known now under today's rules.
func (e *engine) entitledToday(p Plan) (Node, error) {
	n := Node{Name: "C", Rules: e.now}
	m := e.in.AsOf.Month()
	var err error
	n.Outcome, err = e.ask(p, e.truth(), e.now, m)
	if n.Outcome.Determined() {
		n.Taken = n.Outcome.Max()
	}
	return n, err
}

// plan is a version's rules on a day.
func (e *engine) plan(v domain.PackVersion, day domain.Day) (Plan, error) {
	k := planKey{e.number(v), day}
	if p, ok := e.plans[k]; ok {
		return p, nil
	}
	p, err := e.in.Rules.Plan(v, day)
	if err != nil {
		return nil, err
	}
	e.plans[k] = p
	return p, nil
}

// number numbers a version: short keys make the maps of a replay cheap, and a
// case meets only a few versions.
func (e *engine) number(v domain.PackVersion) int {
	for i := range e.versions {
		if e.versions[i] == v {
			return i
		}
	}
	e.versions = append(e.versions, v)
	return len(e.versions) - 1
}

// view builds a view once: views of the same statements are one.
func (e *engine) view(s selection) *view { return e.built(e.key(s), s) }

// key says, bit by bit, which statements, members and closings are in.
func (e *engine) key(s selection) string {
	key := make([]byte, 0, len(e.c.Statements)+16)
	bit := func(on bool) {
		if on {
			key = append(key, '1')
		} else {
			key = append(key, '0')
		}
	}
	for i := range e.c.Statements {
		t := &e.c.Statements[i]
		bit(s.holds(t.At) && s.sees(*t))
	}
	for i := range e.c.Members {
		bit(s.holds(e.c.Members[i].At))
	}
	for i := range e.c.Closings {
		bit(s.holds(e.c.Closings[i].At))
	}
	return string(key)
}

// with is K plus found facts. The key of K is made once for an act.
func (e *engine) with(j judged, found []eligibility.Told) *view {
	s := selection{holds: j.covers, sees: sees(e.handlers(j)), found: found}
	base, ok := e.bases[j.at.ID]
	if !ok {
		base = e.key(s)
		e.bases[j.at.ID] = base
	}
	return e.built(base, s)
}

func (e *engine) built(base string, s selection) *view {
	key := []byte(base)
	for _, t := range s.found {
		key = append(key, '|')
		key = strconv.AppendInt(key, t.At.Revision, 10)
		key = append(key, t.Subject...)
		key = append(key, '.')
		key = append(key, t.Attribute...)
		key = append(key, '.')
		key = append(key, t.Item...)
	}
	if v, ok := e.views[string(key)]; ok {
		return v
	}
	v := newView(e.c, e.order, s)
	e.views[string(key)] = v
	return v
}

func (e *engine) fold(v *view, m domain.Month) fold {
	d := days{e.reading.Change.Day(m), e.reading.Death.Day(m)}
	k := foldKey{v, v.segment(d.change), v.segment(d.death)}
	f, ok := e.folds[k]
	if !ok {
		f = v.fold(e.schema, e.c.Programme, d)
		e.folds[k] = f
	}
	return f
}

// outcome evaluates a view under a version for a month, each thing once.
func (e *engine) outcome(v *view, rules domain.PackVersion, m domain.Month) (domain.Outcome, error) {
	k := outcomeKey{v, e.number(rules), m}
	if o, ok := e.outcomes[k]; ok {
		return o, nil
	}
	p, err := e.plan(rules, m.First())
	if err != nil {
		return domain.Outcome{}, err
	}
	o, err := e.ask(p, v, rules, m)
	if err == nil {
		e.outcomes[k] = o
	}
	return o, err
}

// ask evaluates a view's facts of a month under a plan, each facts once.
func (e *engine) ask(p Plan, v *view, rules domain.PackVersion, m domain.Month) (domain.Outcome, error) {
	f := e.fold(v, m)
	on, amount := e.roster(v, rules, m)
	k := factsKey{p, f.print, on, amount}
	if o, ok := e.facts[k]; ok {
		return o, nil
	}
	o, err := p.Evaluate(withRoster(f.facts, on, amount))
	if err == nil {
		e.facts[k] = o
	}
	return o, err
}

// factsOf are the facts of a view in a month, with the roster.
func (e *engine) factsOf(v *view, rules domain.PackVersion, m domain.Month) domain.Facts {
	on, amount := e.roster(v, rules, m)
	return withRoster(e.fold(v, m).facts, on, amount)
}

// roster is what the same facts and rules gave for the month before: whether
// the household was lawfully on the roster, and with how much. Before the
// first month of the case it was not, and a case without any month never was;
// what is undetermined is unknown.
func (e *engine) roster(v *view, rules domain.PackVersion, m domain.Month) (on, amount domain.Value) {
	if e.first == 0 || m <= e.first {
		return domain.Bool(false), domain.Money(0)
	}
	before, err := e.outcome(v, rules, m-1)
	if err != nil || !before.Determined() {
		return on, amount
	}
	f, single := before.Single()
	if !single {
		f = before.Max()
		if d, ok := e.decision(m - 1); ok {
			f = before.Nearest(d.Amount)
		}
	}
	return domain.Bool(f > 0), domain.Money(f)
}

// withRoster is a copy of facts with the roster, where it is known.
func withRoster(f domain.Facts, on, amount domain.Value) domain.Facts {
	f.Household = maps.Clone(f.Household)
	if on.Kind != domain.NoValue {
		f.Household[domain.RosterOn], f.Household[domain.RosterAmount] = on, amount
	}
	return f
}

// indifferent reports whether another reading cannot change anything: in no
// month do its days fall on another stretch of what the statements say, and
// no month of the case depends on when a grant starts.
func (e *engine) indifferent(other domain.Reading) bool {
	if other.Start != e.reading.Start {
		if _, omitted := e.undecided(); omitted || len(e.c.Refusals) > 0 {
			return false
		}
	}
	t := e.truth()
	same := func(a, b domain.MonthRule, m domain.Month) bool { return t.segment(a.Day(m)) == t.segment(b.Day(m)) }
	_, end := e.span()
	for m := e.first; e.first != 0 && m <= end; m++ {
		if !same(e.reading.Change, other.Change, m) || !same(e.reading.Death, other.Death, m) {
			return false
		}
	}
	return true
}

// alternatives are the months that another reading judges otherwise.
func alternatives(primary, other []Month, reading string) []Alternative {
	var list []Alternative
	for _, m := range other {
		i := slices.IndexFunc(primary, func(p Month) bool { return p.Month == m.Month })
		if i >= 0 && sameNodes(primary[i].Nodes, m.Nodes) {
			continue
		}
		a := Alternative{Reading: reading, Month: m.Month, Nodes: m.Nodes}
		if b, ok := m.Node("B"); ok && !m.Under {
			p, _ := m.Node("P")
			amount := p.Taken - b.Taken
			a.Amount = &amount
		}
		list = append(list, a)
	}
	return list
}

// sameNodes reports whether the chain is the same; what stands beside it, such
// as L, is not asked.
func sameNodes(primary, other []Node) bool {
	return len(primary) >= len(other) && slices.EqualFunc(primary[:len(other)], other, func(a, b Node) bool {
		return a.Name == b.Name && a.Outcome.SameAmounts(b.Outcome)
	})
}

// sum adds up classes and money. Plus and minus are kept apart, always.
func (r *Report) sum(c *eligibility.Case) {
	totals := map[Class]*Total{}
	for _, m := range r.Months {
		p, _ := m.Node("P")
		b, _ := m.Node("B")
		r.Money.Paid += p.Taken
		r.Money.Overpaid += m.Overpaid
		r.Money.Underpaid += m.Underpaid
		r.Money.Incomplete = r.Money.Incomplete || m.Under
		if !m.Under {
			r.Money.Due += b.Taken
		}
		seen := map[Class]bool{}
		for _, l := range m.Links {
			t := totals[l.Class]
			if t == nil {
				t = &Total{Class: l.Class}
				totals[l.Class] = t
			}
			if l.Amount != nil {
				t.Plus += max(0, *l.Amount)
				t.Minus += min(0, *l.Amount)
			}
			if !seen[l.Class] {
				seen[l.Class] = true
				t.Months++
			}
		}
	}
	r.Totals = []Total{}
	for _, class := range Order {
		if t := totals[class]; t != nil {
			r.Totals = append(r.Totals, *t)
		}
	}
	r.rank()
	r.settle(c)
}

// rank names the primary class of the case: the one that moved most money;
// the earlier link of two equal ones (rule 9).
func (r *Report) rank() {
	weight := func(t Total) domain.Fen { return t.Plus - t.Minus }
	var causes []Total
	for _, t := range r.Totals {
		if t.Class != Open {
			causes = append(causes, t)
		}
	}
	slices.SortStableFunc(causes, func(a, b Total) int { return int(weight(b) - weight(a)) })
	for i, t := range causes {
		if i == 0 {
			r.Primary = t.Class
		} else {
			r.Secondary = append(r.Secondary, t.Class)
		}
	}
	if len(causes) > 0 {
		return
	}
	r.Primary = OK
	for _, label := range []Class{OKPol, OKSpec, Unsplit} {
		if slices.ContainsFunc(r.Months, func(m Month) bool { return m.Class == label }) {
			r.Primary = label
		}
	}
}

// settle sets what was recovered and back-paid against each direction.
func (r *Report) settle(c *eligibility.Case) {
	sum := func(list []eligibility.Money) (total domain.Fen) {
		for _, m := range list {
			if m.Month == 0 || (r.Inputs.From == 0 || m.Month >= r.Inputs.From) && (r.Inputs.To == 0 || m.Month <= r.Inputs.To) {
				total += m.Amount
			}
		}
		return total
	}
	r.Money.Recovered, r.Money.BackPaid = sum(c.Recovered), sum(c.BackPaid)
	r.Money.OpenOver = r.Money.Overpaid - r.Money.Recovered
	r.Money.OpenUnder = r.Money.Underpaid - r.Money.BackPaid
}

// Advise is A for a decision that is about to be made: the newest version that
// the office holds, and what it allows for the month on everything that the
// case knows. It advises; a person decides.
func Advise(in Input, m domain.Month) (domain.PackVersion, domain.Outcome, error) {
	book := rulebook{in.Case.Pack, in.Register}
	held, err := book.held(moment{in.AsOf, always}, in.Case.Office)
	if err != nil {
		return held, domain.Outcome{}, err
	}
	p, err := in.Rules.Plan(held, m.First())
	if err != nil {
		return held, domain.Outcome{}, err
	}
	e := newEngine(in, held, p.Readings()[0])
	e.schema, e.order = newSchema(p.Attributes()), p.Precedence()
	if e.first, _ = e.span(); e.first == 0 {
		e.first = m
	}
	o, err := e.outcome(e.truth(), held, m)
	return held, o, err
}
