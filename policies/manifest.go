package policies

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"leeway/domain"
)

// workdays is the pack's calendar of working days.
type workdays struct {
	// Weekends, holidays with both ends included, and days made up for.
	weekend  [7]bool
	holidays []span // to included
	made     map[domain.Day]bool
}

// is reports whether a day is a working day.
func (w *workdays) is(d domain.Day) bool {
	if w.made[d] {
		return true
	}
	// A handful of holidays a year: a search would not be faster.
	for _, h := range w.holidays {
		if h.from <= d && d <= h.to {
			return false
		}
	}
	return !w.weekend[d.Weekday()]
}

var sourceKinds = []domain.SourceKind{domain.Discovery, domain.Document, domain.Check, domain.Survey, domain.Declaration}

var divisionCode = regexp.MustCompile(`^\d{6}$`)

// compileManifest checks what pack.yaml says of the pack as a whole.
func (p *pack) compileManifest(probs *Problems) {
	m := &p.man
	// The code, the zone and the approvals are checked here and not left to
	// Check: a pack without them is not to be used even by mistake.
	if !divisionCode.MatchString(m.Jurisdiction) {
		probs.add(m.At, "jurisdiction %q is no code of GB/T 2260", `write six digits in quotes, such as "429005"`, m.Jurisdiction)
	}
	if m.Timezone != "Asia/Shanghai" {
		probs.add(m.At, "the timezone is %q", "write Asia/Shanghai: days are civil days there", m.Timezone)
	}
	if m.Approval.Require < 2 {
		probs.add(m.Approval.At, "fewer than two approvals", "write require: 2 or more: nobody activates rules alone")
	}
	// A correction of something else would leave two versions that both claim
	// to put the law right.
	if m.Corrects != "" && m.Corrects != m.Supersedes {
		probs.add(m.At, "corrects names another version than supersedes", "a correction supersedes what it corrects")
	}
	p.compileReadings(probs)
	p.compilePrecedence(probs)
	p.compileCalendar(probs)
	p.compileLiability(probs)
	// A programme answers with an amount in every version of its rule.
	seen := map[string]bool{}
	for _, pr := range m.Programmes {
		r := p.rules[pr.Rule]
		switch {
		case seen[pr.ID] || !isName(pr.ID):
			probs.add(pr.At, "programme %q is declared twice or is no name", "rename it", pr.ID)
		case r == nil:
			probs.add(pr.At, "rule %s is not known", "write the amount rule of the programme", pr.Rule)
		case slices.ContainsFunc(r.Versions, func(v *ruleVersion) bool { return v.Then == nil }):
			probs.add(pr.At, "rule %s gives no amount", "name a rule with then and else", pr.Rule)
		}
		seen[pr.ID] = true
	}
}

// compileReadings takes over the ways to date changes; the first is primary.
func (p *pack) compileReadings(probs *Problems) {
	for _, r := range p.man.MonthRule {
		for _, day := range []string{r.Start, r.Change, r.Death} {
			if day != string(domain.FirstDay) && day != string(domain.LastDay) {
				probs.add(r.At, "month rule %q is not known", "write first_day or last_day", day)
			}
		}
		p.readings = append(p.readings, domain.Reading{
			ID: r.ID, Start: domain.MonthRule(r.Start), Change: domain.MonthRule(r.Change), Death: domain.MonthRule(r.Death),
			Cites: p.srcs.resolve(r.At, r.Cite, span{}, probs),
		})
	}
	if len(p.readings) == 0 {
		probs.add(p.man.At, "month_rule has no reading", "write one at least")
	}
}

// compilePrecedence wants every kind of source once: a kind left out would
// make statements vanish.
func (p *pack) compilePrecedence(probs *Problems) {
	for _, s := range p.man.Precedence {
		p.precedence = append(p.precedence, domain.SourceKind(s))
	}
	// Each kind once: a kind that is missing would never win, and a kind that
	// stands twice leaves open where.
	sorted := slices.Sorted(slices.Values(p.precedence))
	if !slices.Equal(sorted, slices.Sorted(slices.Values(sourceKinds))) {
		probs.add(p.man.At, "precedence does not list every kind of source once", "write discovery, document, check, survey and declaration, the strongest first")
	}
}

// compileCalendar takes over weekends, holidays and days made up for. A day made
// up for is a working day even if it lies in a holiday or at a weekend.
func (p *pack) compileCalendar(probs *Problems) {
	c := &p.man.Calendar
	p.srcs.resolve(c.At, c.Cite, span{}, probs)
	p.calendar.made = map[domain.Day]bool{}
	for _, name := range c.Weekend {
		found := false
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.EqualFold(name, d.String()) {
				p.calendar.weekend[d], found = true, true
			}
		}
		if !found {
			probs.add(c.At, "%q is no day of the week", "write saturday, sunday, …", name)
		}
	}
	for _, h := range c.Holidays {
		if h.To < h.From {
			probs.add(h.At, "a holiday ends before it starts", "to is its last day")
		}
		p.calendar.holidays = append(p.calendar.holidays, span{h.From, h.To})
	}
	for _, w := range c.Workdays {
		p.calendar.made[w.Day] = true
	}
}

// compileLiability checks that at most one regime is in force on any day.
func (p *pack) compileLiability(probs *Problems) {
	var spans []placed
	for _, r := range p.man.Liability {
		p.srcs.resolve(r.At, r.Cite, span{r.From, r.To}, probs)
		spans = append(spans, placed{span{r.From, r.To}, r.At})
	}
	checkSpans(domain.Say("liability regime"), spans, probs)
}

// regimeOn is the liability regime in force on a day.
func (p *pack) regimeOn(d domain.Day) *regime {
	for i, r := range p.man.Liability {
		if (span{r.From, r.To}).holds(d) {
			return &p.man.Liability[i]
		}
	}
	return nil
}

// compileProcedures checks steps and their order.
func (p *pack) compileProcedures(probs *Problems) {
	for _, pr := range p.src.procedures {
		if p.procedures[pr.Programme] != nil {
			probs.add(pr.At, "procedure %s is declared twice", "merge the two", pr.Programme)
			continue
		}
		// Steps without rules would be asked of nobody.
		if !slices.ContainsFunc(p.man.Programmes, func(x programme) bool { return x.ID == pr.Programme }) {
			probs.add(pr.At, "programme %s is not known", "write a programme of pack.yaml", pr.Programme)
		}
		p.procedures[pr.Programme] = pr
		var spans []placed
		for _, v := range pr.Versions {
			spans = append(spans, placed{span{v.From, v.To}, v.At})
			p.compileSteps(&v, probs)
		}
		checkSpans(domain.Say("procedure %s", pr.Programme), spans, probs)
	}
}

// compileSteps checks one version of a procedure: names, order and limits. The
// step from which days run must stand above, so that limits add up along the
// procedure and cannot run in a circle.
func (p *pack) compileSteps(v *procedureVersion, probs *Problems) {
	days := span{v.From, v.To}
	p.srcs.resolve(v.At, v.Cite, days, probs)
	// Only steps above count as seen, so the order of the file is the order of
	// the handling.
	seen, decides := map[string]bool{}, 0
	for _, s := range v.Steps {
		if seen[s.ID] || !isName(s.ID) {
			probs.add(s.At, "step %q stands twice or is no name", "rename it", s.ID)
		}
		if s.After != "" && !seen[s.After] {
			probs.add(s.At, "step %s runs from %s, which is no earlier step", "name a step above, or leave after out for the application", s.ID, s.After)
		}
		if s.Working && s.Days == 0 || s.Days < 0 || s.Every < 0 || s.Staff < 0 || s.Runs < 0 {
			probs.add(s.At, "step %s has a limit that is none", "write days: N above 0, with working: true for working days", s.ID)
		}
		classes := map[string]bool{}
		for _, t := range s.Classes {
			if s.Every == 0 || t.Every < 1 || t.Class == "" || classes[t.Class] {
				probs.add(t.At, "class %q of step %s has no term of its own", "write every: N for the step, and each class once with every: N above 0", t.Class, s.ID)
			}
			classes[t.Class] = true
		}
		seen[s.ID] = true
		if s.Decides {
			decides++
		}
		p.srcs.resolve(s.At, s.Cite, days, probs)
		p.compileMinor(s, days, probs)
	}
	// The replay takes the decision of a case from the step that decides.
	if decides != 1 {
		probs.add(v.At, "%d steps decide", "mark exactly one with decides: true", decides)
	}
}
