package main

import (
	"slices"
	"strings"

	"leeway/domain"
)

// A telling is one ground as it came out alike for some persons in some
// months.
type telling struct {
	ground domain.Ground
	who    []string
	months []domain.Month
}

// tellings gathers the grounds of a report. What came out alike, condition by
// condition, stands together, whoever's part it is and in whichever month.
func (sh *sheet) tellings() []*telling {
	var list []*telling
	byKey := map[string]*telling{}
	for _, m := range sh.r.Months {
		for _, a := range m.Actors {
			grounds, _ := sh.r.GroundsFor(a)
			for _, g := range grounds {
				// The words are the key: what reads the same on the sheet is one row.
				key := g.ID + sh.standing(g) + strings.Join(sh.conditions(g, false), "|")
				t := byKey[key]
				if t == nil {
					t = &telling{ground: g}
					byKey[key] = t
					list = append(list, t)
				}
				t.who = add(t.who, a.Actor.Person)
				t.months = add(t.months, m.Month)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b *telling) int { return rank(a.ground) - rank(b.ground) })
	return list
}

// rank orders what stands before what is only possible, kind by kind.
func rank(g domain.Ground) int {
	kinds := []domain.GroundKind{domain.Exemption, domain.Exclusion, domain.Mitigation, domain.Aggravation}
	// Ten for each kind leave room for how firmly it stands.
	n := 10 * slices.Index(kinds, g.Kind)
	switch {
	case g.Verdict == domain.Holds && !g.Partial:
		return n
	case g.Partial || g.Suspected:
		return n + 1
	case g.Verdict == domain.Unknown:
		return n + 2
	}
	return n + 3
}

func add[T comparable](list []T, x T) []T {
	if slices.Contains(list, x) {
		return list
	}
	return append(list, x)
}

// printGrounds lists the grounds. In full each is followed by its conditions
// and counter-checks, with what shows them or what is missing.
func (sh *sheet) printGrounds(full bool) {
	list := sh.tellings()
	if !full {
		// Circumstances that only weigh stand in the full sheet.
		list = slices.DeleteFunc(list, func(t *telling) bool { return t.ground.Kind == domain.Mitigation })
	}
	if len(list) == 0 {
		return
	}
	sh.heading(sh.catalogue(list))
	var rows [][]string
	for _, t := range list {
		rows = append(rows, []string{t.ground.ID, sh.named(t.ground), sh.t("kind " + string(t.ground.Kind)), sh.standing(t.ground),
			strings.Join(t.who, sh.t("list separator")), sh.spans(t.months)})
	}
	sh.grid([]column{{head: ""}, {head: sh.t("ground"), max: 30}, {head: sh.t("kind of ground")}, {head: sh.t("standing")},
		{head: sh.t("who"), max: 14}, {head: sh.t("month"), max: 18}}, rows)
	if full {
		for _, t := range list {
			sh.printf("\n")
			sh.hang("", t.ground.ID+" "+sh.named(t.ground)+sh.t("in brackets", sh.standing(t.ground)))
			for _, line := range sh.conditions(t.ground, true) {
				sh.hang("  ", line)
			}
		}
	}
	sh.printLq()
	sh.hang("", sh.t("grounds note"))
}

// catalogue is the heading: a list for reference, unless the office has filled
// in an article of its own.
func (sh *sheet) catalogue(list []*telling) string {
	if slices.ContainsFunc(list, func(t *telling) bool { return t.ground.LocalArticle != "" }) {
		return "grounds local"
	}
	return "grounds reference"
}

// named is the title of a ground, with the office's article where there is one.
func (sh *sheet) named(g domain.Ground) string {
	title := g.Title.In(sh.lang)
	if g.LocalArticle != "" {
		title += sh.t("local article", g.LocalArticle)
	}
	return title
}

// standing is how a ground came out, in words.
func (sh *sheet) standing(g domain.Ground) string {
	switch {
	case g.Partial:
		return sh.t("standing partial")
	case g.Suspected:
		return sh.t("standing suspected")
	case g.Kind == domain.Exclusion && g.Verdict == domain.Holds:
		return sh.t("standing confirmed")
	case g.Verdict == domain.Fails && slices.ContainsFunc(g.Counters, func(c domain.Condition) bool { return c.Verdict == domain.Holds }):
		return sh.t("standing defeated")
	}
	return sh.t("standing " + string(g.Verdict))
}

// conditions are the conditions and counter-checks of a ground, a line each.
// With proof, the number of events behind each is told.
func (sh *sheet) conditions(g domain.Ground, proof bool) []string {
	var lines []string
	for _, c := range g.Conditions {
		lines = append(lines, sh.condition(c, "condition ", proof))
	}
	for _, c := range g.Counters {
		key := "counter "
		if c.Lowers {
			key = "lowering "
		}
		lines = append(lines, sh.condition(c, key, proof))
	}
	return lines
}

func (sh *sheet) condition(c domain.Condition, key string, proof bool) string {
	// A counter-check that does not hold is good news, and is marked so.
	line := sh.t(key+string(c.Verdict)) + c.Text.In(sh.lang)
	if len(c.Missing) > 0 {
		line += sh.t("missing", sh.findingNames(c.Missing))
	}
	if !proof || c.Verdict == domain.Unknown {
		return line
	}
	if n := len(c.Events); n > 0 {
		line += sh.t("shown by events", n)
	}
	if len(c.Persons) > 0 {
		line += sh.t("found by", strings.Join(c.Persons, sh.t("list separator")))
	}
	return line
}

// findingNames writes what is missing in words.
func (sh *sheet) findingNames(names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = name
		// A standard is named as it is written; the office knows it by that name.
		if f, ok := sh.findings[name]; ok {
			out[i] = sh.t("quoted", f.Title.In(sh.lang))
		}
	}
	return strings.Join(out, sh.t("list separator"))
}

// printLq says where the liability rules of today come out otherwise, and
// which are lighter. Reasons that repeat are told once.
func (sh *sheet) printLq() {
	var seen []string
	for _, m := range sh.r.Months {
		for _, a := range m.Actors {
			_, lq := sh.r.GroundsFor(a)
			if lq == nil {
				continue
			}
			var reasons []string
			for _, s := range lq.Shifts {
				reasons = append(reasons, sh.t("shift", s.Ground, sh.word(s.Then, s.ThenLaw), sh.word(s.Now, s.NowLaw), sh.t("favours "+s.Favours)))
			}
			// The advice names the person: two parts in one act may differ.
			text := sh.t("lighter "+lq.Lighter, a.Actor.Person, strings.Join(reasons, sh.t("list separator")))
			if !slices.Contains(seen, text) {
				seen = append(seen, text)
				sh.hang("- ", text)
			}
		}
	}
}

// word is how a ground came out under one regime, marked where a statute says
// so.
func (sh *sheet) word(said string, law bool) string {
	text := sh.t("word " + said)
	if law {
		text += sh.t("by statute")
	}
	return text
}

// spans writes months as stretches.
func (sh *sheet) spans(months []domain.Month) string {
	slices.Sort(months)
	var parts []string
	for i := 0; i < len(months); {
		j := i
		for j+1 < len(months) && months[j+1] == months[j]+1 {
			j++
		}
		parts = append(parts, sh.months(months[i], months[j]))
		i = j + 1
	}
	return strings.Join(parts, sh.t("list separator"))
}
