package policies

import (
	"maps"
	"slices"
	"strings"

	"leeway/domain"
)

// sortedKeys lists the keys of a map in order. Nothing in this package may
// depend on the order of a map.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// origins are the words that say where something comes from.
var origins = []string{string(domain.FromSeed), string(domain.FromStatute), string(domain.ToVerify)}

// sources are the instruments that a pack cites.
type sources map[string]*source

// newSources indexes the instruments and checks each by itself.
func newSources(list []*source, probs *Problems) sources {
	byID := sources{}
	for _, s := range list {
		if first, dup := byID[s.ID]; dup {
			probs.add(s.At, "source %s is declared twice", "rename it; the first is at %[2]s", s.ID, first.At)
			continue
		}
		byID[s.ID] = s
		if !slices.Contains(origins, s.Status) {
			probs.add(s.At, "source %s has status %q", "write status: %[3]s", s.ID, s.Status, domain.List(origins))
		}
		if s.Repealed != 0 && s.Repealed < s.Effective {
			probs.add(s.At, "source %s is repealed before it takes effect", "correct effective or repealed", s.ID)
		}
	}
	return byID
}

// span is a stretch of days, to not included; 0 means open.
type span struct{ from, to domain.Day }

// holds reports whether a day lies in the span.
func (s span) holds(d domain.Day) bool { return s.from <= d && (s.to == 0 || d < s.to) }

// resolve turns citations into those of the domain and checks each: a real
// source, an origin, an assumption in words where it is to be verified, and
// days on which the source is in force.
func (ss sources) resolve(where at, list []cite, days span, probs *Problems) []domain.Cite {
	if len(list) == 0 {
		probs.add(where, "no origin is cited", "write cite: [{source: …}] or cite: [{origin: to_verify, assumed: {zh: …, en: …}}]")
	}
	out := make([]domain.Cite, 0, len(list))
	for _, c := range list {
		out = append(out, ss.one(c, days, probs))
	}
	return out
}

// one resolves one citation. Its origin is that of the source; a citation may
// say that it is weaker, never that it is stronger.
func (ss sources) one(c cite, days span, probs *Problems) domain.Cite {
	dc := domain.Cite{Source: c.Source, Article: c.Article, Origin: domain.Origin(c.Origin), Assumed: c.Assumed.Text}
	switch {
	// No source at all is allowed for an assumption only.
	case c.Source == "" && c.Origin == "":
		probs.add(c.At, "the citation has no source and no origin", "write source: ID, or origin: to_verify with assumed: {zh: …, en: …}")
	case c.Source == "" && c.Origin != string(domain.ToVerify):
		probs.add(c.At, "origin %s needs a source", "write source: ID, or origin: to_verify", c.Origin)
	case c.Source != "":
		ss.fill(&dc, c, days, probs)
	}
	if dc.Origin == domain.ToVerify && dc.Assumed.ZH == "" {
		probs.add(c.At, "to_verify without the assumption in words", "write assumed: {zh: …, en: …}")
	}
	if dc.Origin == domain.FromStatute && dc.Article == "" {
		probs.add(c.At, "a statute is cited without its article", "write article: 第…条")
	}
	return dc
}

// fill completes a citation from its source.
func (ss sources) fill(dc *domain.Cite, c cite, days span, probs *Problems) {
	s := ss[c.Source]
	if s == nil {
		probs.add(c.At, "source %s is not known", "%[2]sdeclare it in sources.yaml", c.Source, meant(c.Source, sortedKeys(ss)))
		return
	}
	// People see the number and the title; the id is for files.
	dc.Title = strings.TrimSpace(s.Number + " " + s.Title.ZH)
	if c.Origin != "" && c.Origin != s.Status && c.Origin != string(domain.ToVerify) {
		probs.add(c.At, "origin %s, but source %s is %s", "leave origin out, or write to_verify", c.Origin, s.ID, s.Status)
	}
	if dc.Origin == "" {
		dc.Origin = domain.Origin(s.Status)
	}
	if dc.Assumed.ZH == "" && dc.Origin == domain.ToVerify {
		dc.Assumed = s.Assumed.Text
	}
	// Derived facts and readings have no days of their own; the rules that use
	// them have, and are checked there.
	if days.from == 0 && days.to == 0 {
		return
	}
	// Something in force cannot rest on what is not, at either end.
	if days.from < s.Effective {
		probs.add(c.At, "%s takes effect on %s, but is cited from %s", "start the version on that day or later, or cite what was in force before", s.ID, s.Effective, days.from)
	}
	if s.Repealed != 0 && (days.to == 0 || days.to > s.Repealed) {
		probs.add(c.At, "%s is repealed on %s, but cited beyond it", "end the version on that day and cite what replaced it", s.ID, s.Repealed)
	}
}

// assumed reports whether citations rest on an assumption.
func assumed(cites []domain.Cite) bool {
	return slices.ContainsFunc(cites, func(c domain.Cite) bool { return c.Origin == domain.ToVerify })
}
