package replay

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// A view is a set of statements that somebody held or should have held: K,
// K° or T. Folding it on a day gives facts; nothing is ever merged twice.
type view struct {
	keys    []keyed
	members []string
	closed  map[domain.Key]bool // Item "*": the list is complete
	bounds  []domain.Day        // on which some statement begins or ceases to hold, ascending
}

// segment numbers the stretches of days on which the view says the same.
func (v *view) segment(d domain.Day) int {
	i, at := slices.BinarySearch(v.bounds, d)
	if at {
		i++
	}
	return i
}

type keyed struct {
	domain.Key
	told []candidate // the strongest first
}

type candidate struct {
	*eligibility.Told
	rank int
}

// selection says which statements of a case make a view.
type selection struct {
	holds func(eligibility.At) bool
	sees  func(eligibility.Told) bool
	found []eligibility.Told // K° and the steps to T: these outrank everything
}

// newView builds the view of a case under a selection.
func newView(c *eligibility.Case, precedence []domain.SourceKind, s selection) *view {
	v := &view{closed: map[domain.Key]bool{}}
	byKey := map[domain.Key][]candidate{}
	joined := map[string]bool{}
	add := func(t *eligibility.Told, rank int) {
		k := t.Key()
		byKey[k] = append(byKey[k], candidate{t, rank})
		joined[t.Subject] = true
	}
	for i := range c.Statements {
		if t := &c.Statements[i]; s.holds(t.At) && s.sees(*t) {
			add(t, slices.Index(precedence, t.Source))
		}
	}
	for i := range s.found {
		add(&s.found[i], -1)
	}
	for _, m := range c.Members {
		if s.holds(m.At) || joined[m.ID] {
			v.members = append(v.members, m.ID)
		}
	}
	for _, cl := range c.Closings {
		if !s.holds(cl.At) {
			continue
		}
		v.closed[domain.Key{Subject: domain.Household, Attribute: cl.Attribute, Item: "*"}] = true
		for _, m := range c.Members {
			if m.At.Revision <= cl.At.Revision {
				v.closed[domain.Key{Subject: m.ID, Attribute: cl.Attribute, Item: "*"}] = true
			}
		}
	}
	for k, told := range byKey {
		slices.SortStableFunc(told, stronger)
		v.keys = append(v.keys, keyed{k, told})
		for _, t := range told {
			v.bounds = append(v.bounds, t.ValidFrom, t.ValidTo)
		}
	}
	slices.Sort(v.bounds)
	v.bounds = slices.Compact(v.bounds)
	slices.SortFunc(v.keys, func(a, b keyed) int { return compareKeys(a.Key, b.Key) })
	return v
}

func compareKeys(a, b domain.Key) int {
	return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Attribute, b.Attribute), cmp.Compare(a.Item, b.Item))
}

// stronger orders by precedence, then the later observation (rule 18).
func stronger(a, b candidate) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.Observed, a.Observed))
}

// pick is the statement that wins on a day: the strongest, unless a weaker
// one speaks of a change after the strongest was observed, for nobody can
// have observed what had not happened yet. Two equally strong statements
// that differ make the fact unknown.
func (k keyed) pick(day domain.Day) (winner *eligibility.Told, state pickState) {
	best := -1
	for i := range k.told {
		t := &k.told[i]
		if !t.ValidOn(day) {
			continue
		}
		switch {
		case best < 0 || t.ValidFrom > k.told[best].Observed && k.told[best].rank >= 0:
			best, state = i, picked
		case t.rank == k.told[best].rank && t.Observed == k.told[best].Observed && t.Value != k.told[best].Value:
			state = tied
		}
	}
	if best < 0 {
		return nil, silent
	}
	return k.told[best].Told, state
}

type pickState uint8

const (
	silent pickState = iota // no statement speaks of the day
	picked
	tied // two equally strong statements differ
)

// A fold is a view on one day: the facts for the rules, the statement that
// won for each key, and a fingerprint under which equal facts meet.
type fold struct {
	facts   domain.Facts
	winners map[domain.Key]*eligibility.Told
	print   string
}

// days are the days of a benefit month that a reading looks at.
type days struct{ change, death domain.Day }

// fold folds the view. Attributes without a statement take what the schema
// presumes, or stay unknown.
func (v *view) fold(schema *schema, programme string, d days) fold {
	f := fold{winners: map[domain.Key]*eligibility.Told{}}
	f.facts = domain.Facts{Programme: programme, Household: map[string]domain.Value{}}
	sums := map[domain.Key]*sum{}
	at := map[string]map[string]domain.Value{domain.Household: f.facts.Household}
	for _, id := range v.members {
		m := domain.MemberFacts{ID: id, Facts: map[string]domain.Value{}}
		f.facts.Members = append(f.facts.Members, m)
		at[id] = m.Facts
	}
	for _, k := range v.keys {
		a, ok := schema.byName[k.Attribute]
		if !ok || at[k.Subject] == nil {
			continue
		}
		day := d.change
		if a.Death {
			day = d.death
		}
		t, state := k.pick(day)
		if state == silent {
			continue
		}
		if state == picked {
			f.winners[k.Key] = t
		}
		if !a.Sum {
			if state == picked {
				at[k.Subject][k.Attribute] = t.Value
			} else {
				at[k.Subject][k.Attribute] = domain.Value{}
			}
			continue
		}
		total := domain.Key{Subject: k.Subject, Attribute: k.Attribute}
		if sums[total] == nil {
			sums[total] = &sum{}
		}
		sums[total].add(k.Item, t.Value, state)
	}
	v.total(schema, sums, at)
	f.print = fingerprint(schema, f.facts)
	return f
}

// sum adds the items of an attribute.
type sum struct {
	total    int64
	tied     bool
	complete bool // an amount without item states the whole of what is not itemised
}

func (s *sum) add(item string, v domain.Value, state pickState) {
	s.tied = s.tied || state == tied
	s.complete = s.complete || item == ""
	s.total += v.N
}

// total fills in sums, presumptions, and unknowns.
func (v *view) total(schema *schema, sums map[domain.Key]*sum, at map[string]map[string]domain.Value) {
	for subject, facts := range at {
		for _, a := range schema.list {
			if a.Member == (subject == domain.Household) {
				continue
			}
			k := domain.Key{Subject: subject, Attribute: a.Name}
			s, stated := sums[k]
			closed := v.closed[domain.Key{Subject: subject, Attribute: a.Name, Item: "*"}]
			switch {
			case a.Sum && stated && !s.tied && (s.complete || closed):
				facts[a.Name] = domain.Value{Kind: a.Kind, N: s.total}
			case a.Sum && !stated && closed:
				facts[a.Name] = domain.Value{Kind: a.Kind}
			case a.Sum:
			default:
				v.presume(a, closed, facts)
			}
		}
	}
}

// presume fills in a single value that nobody stated: none where the list was
// closed, else what the schema presumes. A tie stays unknown.
func (v *view) presume(a domain.Attribute, closed bool, facts map[string]domain.Value) {
	val, stated := facts[a.Name]
	switch {
	case stated && val.Kind == domain.NoValue:
		delete(facts, a.Name)
	case stated:
	case a.Presumed.Kind != domain.NoValue:
		facts[a.Name] = a.Presumed
	case closed && a.Kind != domain.CodeValue && a.Kind != domain.DayValue:
		facts[a.Name] = domain.Value{Kind: a.Kind}
	}
}

// schema is a pack's attributes in one fixed order.
type schema struct {
	list   []domain.Attribute
	byName map[string]domain.Attribute
}

func newSchema(attributes map[string]domain.Attribute) *schema {
	s := &schema{byName: attributes}
	for _, a := range attributes {
		s.list = append(s.list, a)
	}
	slices.SortFunc(s.list, func(a, b domain.Attribute) int { return cmp.Compare(a.Name, b.Name) })
	return s
}

// fingerprint writes the facts in schema order.
func fingerprint(schema *schema, f domain.Facts) string {
	var b strings.Builder
	write := func(facts map[string]domain.Value, member bool) {
		for _, a := range schema.list {
			if v, ok := facts[a.Name]; ok && a.Member == member {
				b.WriteString(a.Name)
				b.WriteByte('=')
				b.WriteString(v.Code)
				b.WriteString(strconv.FormatInt(v.N, 36))
				b.WriteByte(';')
			}
		}
	}
	write(f.Household, false)
	for _, m := range f.Members {
		b.WriteString("|" + m.ID + ":")
		write(m.Facts, true)
	}
	return b.String()
}
