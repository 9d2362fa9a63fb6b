package policies

import (
	"fmt"
	"slices"
	"strings"

	"leeway/domain"
)

// syntheticMark must stand in the title of made-up values, which is on every
// screen and print.
const syntheticMark = "仿真数据，不得作为依据"

// apply puts the overlay into the decoded files of its base. Everything that
// it brings keeps its own place and its own origin, so that explanations and
// assumptions name the office and not the base.
func (o *overlay) apply(src *sourceFiles, probs *Problems) {
	m := &o.man
	// What the base says of the whole stays: programmes, month rule, precedence,
	// calendar and regimes are law that an office does not set.
	src.man.At = m.At
	src.man.Pack, src.man.Version, src.man.Title = m.Pack, m.Version, m.Title
	src.man.Authority, src.man.Reason = m.Authority, m.Reason
	src.man.Supersedes, src.man.Corrects = m.Supersedes, m.Corrects
	if m.Approval != nil {
		// The base's author may have asked for more than two persons for a reason.
		if m.Approval.Require < src.man.Approval.Require {
			probs.add(m.Approval.At, "%d approvals, the base asks for %d", "ask for as many, or leave approval out", m.Approval.Require, src.man.Approval.Require)
		}
		src.man.Approval = *m.Approval
	}
	// The name of the base with another version is allowed: then the overlay is
	// the next version for the cases that the base has.
	if key := m.Pack + "/" + m.Version; key == m.Extends.Pack+"/"+m.Extends.Version {
		probs.add(m.At, "the overlay has the name and version of its base", "give it a version of its own")
	}
	if m.Synthetic && !strings.Contains(m.Title.ZH, syntheticMark) {
		probs.add(m.At, "made-up values without the mark in the title", "write %[1]s into title: {zh: …}", syntheticMark)
	}
	if len(o.standards)+len(o.limits)+len(o.articles) == 0 {
		probs.add(m.At, "the overlay changes nothing", "give a value, a limit or an article, or use the base itself")
	}
	// Its sources join those of the base, so that it may cite both. Its tests
	// replace the base's: those want the base's own values.
	src.sources = append(src.sources, o.sources...)
	src.tests = o.tests
	o.applyStandards(src, probs)
	o.applyLimits(src, probs)
	o.applyArticles(src, probs)
}

// own refuses a citation list that names no document of the overlay itself:
// a value that is the office's is the office's to prove.
func (o *overlay) own(where at, list []cite, probs *Problems) {
	for _, c := range list {
		for _, s := range o.sources {
			if s.ID != c.Source {
				continue
			}
			// Made up and called a source would be the one lie that no screen
			// could show.
			if o.man.Synthetic && s.Status != string(domain.ToVerify) && c.Origin != string(domain.ToVerify) {
				probs.add(c.At, "a made-up value is cited as %s", "give the source status: to_verify", s.Status)
			}
			return
		}
	}
	probs.add(where, "no document of the office is cited", "declare it in the overlay's sources.yaml, and cite it: cite: [{source: …}]")
}

// applyStandards merges values by their first days. A value ends where the
// next one begins, whether that is the base's or the overlay's.
func (o *overlay) applyStandards(src *sourceFiles, probs *Problems) {
	// A standard is copied before it gets a value, and its list of values too:
	// the base keeps its own, for its tests and for everybody else.
	seen := map[string]bool{}
	for _, s := range o.standards {
		i := slices.IndexFunc(src.standards, func(b *standard) bool { return b.ID == s.ID })
		if i < 0 || seen[s.ID] {
			ids := make([]string, len(src.standards))
			for j, b := range src.standards {
				ids[j] = b.ID
			}
			o.unknown(s.At, domain.Say("standard"), s.ID, ids, probs)
			continue
		}
		seen[s.ID] = true
		merged := *src.standards[i]
		merged.Values = slices.Clone(merged.Values)
		for j, v := range s.Values {
			o.own(v.At, v.Cite, probs)
			if j > 0 && v.From <= s.Values[j-1].From {
				probs.add(v.At, "%s does not follow %s", "write the values in order of from, each day once", v.From, s.Values[j-1].From)
				continue
			}
			// The base's values are in order, or it would not have compiled.
			k, found := slices.BinarySearchFunc(merged.Values, v.From, func(b stdValue, d domain.Day) int { return int(b.From - d) })
			if found {
				merged.Values[k] = v
			} else {
				merged.Values = slices.Insert(merged.Values, k, v)
			}
		}
		src.standards[i] = &merged
	}
}

// unknown reports a name that the base does not have, or that stands twice.
func (o *overlay) unknown(where at, what domain.Said, name string, known []string, probs *Problems) {
	if slices.Contains(known, name) {
		probs.add(where, "%s %s stands twice", "merge the two", what, name)
		return
	}
	base := o.man.Extends.Pack + "/" + o.man.Extends.Version
	if near := nearest(name, known); near != "" {
		probs.add(where, "%s %s is not one of the base", "write %[3]s, or one of %[4]s; a new one needs a new version of that pack", what, name, near, base)
		return
	}
	probs.add(where, "%s %s is not one of the base", "write one of %[3]s; a new one needs a new version of that pack", what, name, base)
}

// applyLimits splits the version of a procedure that is in force on the first
// day of a limit, and gives the step its days from there on.
func (o *overlay) applyLimits(src *sourceFiles, probs *Problems) {
	// In order of days, so that a later limit finds the version that an earlier
	// one has begun, and takes over its days.
	slices.SortStableFunc(o.limits, func(a, b *limit) int { return int(a.From - b.From) })
	seen := map[string]bool{}
	for _, l := range o.limits {
		o.own(l.At, l.Cite, probs)
		if l.Days < 1 {
			probs.add(l.At, "a limit of %d days", "write days: N above 0", l.Days)
		}
		if key := fmt.Sprint(l.Procedure, l.Step, l.From); seen[key] {
			probs.add(l.At, "limit of %s stands twice from one day", "keep one", l.Step)
		} else {
			seen[key] = true
		}
		i := slices.IndexFunc(src.procedures, func(p *procedure) bool { return p.Programme == l.Procedure })
		if i < 0 {
			var ids []string
			for _, p := range src.procedures {
				ids = append(ids, p.Programme)
			}
			o.unknown(l.At, domain.Say("procedure"), l.Procedure, ids, probs)
			continue
		}
		o.applyLimit(src.procedures[i], l, probs)
	}
}

// applyLimit changes one step from one day on, and splits the version in two
// where the day lies inside of it.
func (o *overlay) applyLimit(pr *procedure, l *limit, probs *Problems) {
	// The version in force on the day is the one that the office knew. A day
	// before the first or after the last has none to change.
	i := slices.IndexFunc(pr.Versions, func(v procedureVersion) bool { return (span{v.From, v.To}).holds(l.From) })
	if i < 0 {
		probs.add(l.At, "procedure %s is not in force on %s", "write a day from %[3]s on", l.Procedure, l.From, pr.Versions[0].From)
		return
	}
	// Steps are copied before one is changed: the part before keeps its own.
	v := pr.Versions[i]
	v.Steps = slices.Clone(v.Steps)
	j := slices.IndexFunc(v.Steps, func(s step) bool { return s.ID == l.Step })
	if j < 0 {
		var ids []string
		for _, s := range v.Steps {
			ids = append(ids, s.ID)
		}
		o.unknown(l.At, domain.Say("step"), l.Step, ids, probs)
		return
	}
	// The limit brings its own citation: an assumption of the base about its
	// number of days is none about the office's.
	v.Steps[j].At, v.Steps[j].Days, v.Steps[j].Working, v.Steps[j].Cite = l.At, l.Days, l.Working, l.Cite
	if v.From == l.From {
		pr.Versions[i] = v
		return
	}
	pr.Versions[i].To = l.From
	v.From = l.From
	pr.Versions = slices.Insert(pr.Versions, i+1, v)
}

// applyArticles writes the office's own articles beside the liability rules.
func (o *overlay) applyArticles(src *sourceFiles, probs *Problems) {
	seen := map[string]bool{}
	for _, a := range o.articles {
		i := slices.IndexFunc(src.grounds, func(g *ground) bool { return g.ID == a.Ground })
		if i < 0 || seen[a.Ground] {
			var ids []string
			for _, g := range src.grounds {
				ids = append(ids, g.ID)
			}
			o.unknown(a.At, domain.Say("ground"), a.Ground, ids, probs)
			continue
		}
		seen[a.Ground] = true
		// The article of a national law is what the base cites; here only a
		// measure of the office itself makes sense.
		k := slices.IndexFunc(o.sources, func(s *source) bool { return s.ID == a.Source })
		if k < 0 {
			probs.add(a.At, "source %s is no document of the office", "declare the measure in the overlay's sources.yaml", a.Source)
			continue
		}
		// The title goes with the number: 第七条 alone would be of nothing.
		g := *src.grounds[i]
		g.LocalArticle = strings.TrimSpace(o.sources[k].Title.ZH + " " + a.LocalArticle)
		src.grounds[i] = &g
	}
}

// test runs the tests of the base, and then those of the overlay. Leaves are
// covered by either: an overlay brings none of its own.
func (o *overlay) test(p *pack) Report {
	// Tests of the base are run on the base as it is, for its values are what
	// they want; they are listed first, under its name.
	base := o.plain.test()
	r := p.test()
	for i := range r.Cases {
		r.Cases[i].File = o.file(r.Cases[i].File)
	}
	for i := range base.Cases {
		base.Cases[i].File = o.file(base.Cases[i].File)
	}
	// An overlay without tests of its own does not pass by those of its base.
	if len(r.Cases) > 0 {
		r.Cases = append(base.Cases, r.Cases...)
	}
	for i := range r.Leaves {
		l := &r.Leaves[i]
		for _, b := range base.Leaves {
			if b.Leaf == l.Leaf {
				l.Holds, l.Fails, l.Unknown = l.Holds+b.Holds, l.Fails+b.Fails, l.Unknown+b.Unknown
			}
		}
	}
	r.Problems = append(o.named(base.Problems), o.named(r.Problems)...)
	return r
}
