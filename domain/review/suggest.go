package review

import (
	"slices"

	"leeway/domain"
	"leeway/domain/replay"
)

// Outcome is what is determined of one person's part in one matter.
type Outcome string

// The outcomes (domain.md §2.4, §3.6 rules 9 and 14), the lightest first.
const (
	NoError    Outcome = "no_error"    // 未见差错: not an exemption
	Diligent   Outcome = "diligent"    // 尽职无过错: neither 免责 nor 无错
	Exempt     Outcome = "exempt"      // 免责
	NotImposed Outcome = "not_imposed" // 不予政务处分
	Waived     Outcome = "waived"      // 免予政务处分
	Reduced    Outcome = "reduced"     // 减轻
	Lighter    Outcome = "lighter"     // 从轻
	NotExempt  Outcome = "not_exempt"  // 不予免责
	// Open is a suggestion only: what is unknown would decide.
	Open Outcome = "open"
)

// Outcomes lists what can be determined, the lightest first.
var Outcomes = []Outcome{NoError, Diligent, Exempt, NotImposed, Waived, Reduced, Lighter, NotExempt}

func (o Outcome) known() bool { return slices.Contains(Outcomes, o) }

// weight orders outcomes by what they mean for the person. No error and
// diligence weigh the same.
func (o Outcome) weight() int {
	if o == Diligent {
		return 0
	}
	return slices.Index(Outcomes, o)
}

// Heavier reports whether o is worse for the person than p.
func (o Outcome) Heavier(p Outcome) bool { return o.weight() > p.weight() }

// Suggestion is what the engine makes of one part: which grounds are proved,
// which exclusions are suspected or confirmed, what mitigates, which regime is
// lighter. It advises and is stored beside what was determined.
type Suggestion struct {
	Person  string          `json:"person"`
	Matter  string          `json:"matter"`
	Verdict string          `json:"verdict"` // of the replay on the conduct
	Outcome Outcome         `json:"outcome"`
	Replay  string          `json:"replay"`            // digest of the trace that it rests on
	Grounds []domain.Ground `json:"grounds,omitempty"` // all that were evaluated
	// Proved, Partly, Suspected, Confirmed and Mitigating sort their ids.
	Proved     []string        `json:"proved,omitempty"`
	Partly     []string        `json:"partly,omitempty"`
	Suspected  []string        `json:"suspected,omitempty"`
	Confirmed  []string        `json:"confirmed,omitempty"`
	Mitigating []string        `json:"mitigating,omitempty"`
	Aggravates []string        `json:"aggravates,omitempty"` // to be weighed by the liability procedure
	Missing    []string        `json:"missing,omitempty"`    // facts that would decide
	Regimes    []replay.Regime `json:"regimes,omitempty"`    // liability then and now, where they differ
	// LawfulToday says that today's rules would not call the decision wrong.
	LawfulToday bool `json:"lawful_today,omitempty"`
	// ActedBefore says that the act came before the 政务处分法 was in force, so
	// that the rule of the time applies unless that law is lighter.
	ActedBefore bool   `json:"acted_before,omitempty"`
	Money       bool   `json:"money,omitempty"` // something was paid too much or too little
	Corrected   bool   `json:"corrected,omitempty"`
	Pack        string `json:"pack,omitempty"` // of the liability rules, pack/version@digest
	// Under is the day whose liability rules were applied: that of the act, or
	// of the determination where they are lighter.
	Under domain.Day `json:"under,omitzero"`
}

// SanctionsAct is the day on which the 政务处分法 came into force (Art 67, 68: its
// transition is 从旧兼从轻).
var SanctionsAct = domain.Date(2020, 7, 1)

// Assessment is what a suggestion is made from. Grounds are the pack's
// liability rules as they came out; Months are those of the matter.
type Assessment struct {
	Pair    Pair
	Matter  Matter
	Replay  string
	Months  []replay.Month
	Grounds []domain.Ground
	Pack    string
	Under   domain.Day
}

// LighterOf picks the suggestion under which the person fares better 从旧兼从轻, the
// first where neither is lighter. An open one yields to one that decides in
// the person's favour only.
func LighterOf(then, now Suggestion) Suggestion {
	switch {
	case now.Outcome == Open:
		return then
	case then.Outcome == Open:
		if now.Outcome.Heavier(Exempt) {
			return then
		}
		return now
	case then.Outcome.Heavier(now.Outcome):
		return now
	}
	return then
}

// worst orders the verdicts on conduct, the worst last.
var worst = []string{replay.ConductRight, replay.ConductDiligent, replay.ConductUndetermined, replay.ConductProcedure, replay.ConductDuty, replay.ConductWork}

// Suggest advises on one part. What is unknown never counts against the
// person: it leaves the suggestion open.
func (r *Review) Suggest(a Assessment) Suggestion {
	s := Suggestion{
		Person: a.Pair.Person, Matter: a.Pair.Matter, Replay: a.Replay, Grounds: a.Grounds, Pack: a.Pack, Under: a.Under,
		Verdict: verdictOf(a.Pair.Person, a.Months), ActedBefore: a.Matter.Day < SanctionsAct,
	}
	s.LawfulToday = len(a.Months) > 0
	for _, m := range a.Months {
		s.Money = s.Money || m.Overpaid != 0 || m.Underpaid != 0
		s.LawfulToday = s.LawfulToday && lawfulToday(m)
		for _, g := range m.Regimes {
			if !slices.ContainsFunc(s.Regimes, func(x replay.Regime) bool { return x.ID == g.ID }) {
				s.Regimes = append(s.Regimes, g)
			}
		}
	}
	s.Corrected = r.correcting(a.Pair.Matter)
	for _, g := range a.Grounds {
		r.sort(a.Pair, g, &s)
	}
	for _, j := range r.Judged { // also what no rule suspected
		if confirmed, _ := r.JudgedAs(a.Pair, j.Exclusion); j.Pair == a.Pair && confirmed && !slices.Contains(s.Confirmed, j.Exclusion) {
			s.Confirmed = append(s.Confirmed, j.Exclusion)
		}
	}
	if sheet, ok := r.Appraisal(a.Pair); ok { // and what investigators ticked
		s.Mitigating = with(s.Mitigating, sheet.Mitigating)
		s.Aggravates = with(s.Aggravates, sheet.Aggravating)
	}
	s.Outcome = s.outcome()
	return s
}

// with adds to a list what it does not have.
func with(list, more []string) []string {
	for _, id := range more {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// verdictOf is the worst verdict on a person over the months; none on record
// is undetermined.
func verdictOf(person string, months []replay.Month) string {
	found := -1
	for _, m := range months {
		for _, c := range m.Actors {
			if c.Actor.Person == person {
				found = max(found, slices.Index(worst, c.Verdict))
			}
		}
	}
	if found < 0 {
		// Nothing on record of him is unknown, and unknown is no charge.
		return replay.ConductUndetermined
	}
	return worst[found]
}

func lawfulToday(m replay.Month) bool {
	d, okD := m.Node("D")
	l, okL := m.Node("L")
	return okD && okL && l.Outcome.Determined() && l.Outcome.Allows(d.Taken)
}

// sort puts one evaluated rule under its heading.
func (r *Review) sort(p Pair, g domain.Ground, s *Suggestion) {
	if g.Verdict == domain.Unknown {
		for _, c := range slices.Concat(g.Conditions, g.Counters) {
			for _, m := range c.Missing {
				if !slices.Contains(s.Missing, m) {
					s.Missing = append(s.Missing, m)
				}
			}
		}
	}
	switch g.Kind {
	case domain.Exemption:
		switch {
		case g.Verdict == domain.Holds && g.Partial:
			s.Partly = append(s.Partly, g.ID)
		case g.Verdict == domain.Holds:
			s.Proved = append(s.Proved, g.ID)
		}
	case domain.Mitigation:
		if g.Verdict == domain.Holds {
			s.Mitigating = append(s.Mitigating, g.ID)
		}
	case domain.Aggravation:
		if g.Verdict == domain.Holds {
			s.Aggravates = append(s.Aggravates, g.ID)
		}
	case domain.Exclusion:
		// A rule holds only by a finding of named investigators with evidence;
		// what a reviewer judged since stands over it.
		confirmed, judged := r.JudgedAs(p, g.ID)
		switch {
		case confirmed || !judged && !g.Suspected && g.Verdict == domain.Holds:
			s.Confirmed = append(s.Confirmed, g.ID)
		case !judged && g.Suspected:
			s.Suspected = append(s.Suspected, g.ID)
		}
	}
}

// unknownExemption reports whether a ground may yet exempt. What is unknown of
// an exclusion leaves nothing open: it closes exemption only, and no ground is
// proved.
func unknownExemption(g domain.Ground) bool {
	return g.Kind == domain.Exemption && g.Verdict == domain.Unknown
}

// outcome draws the conclusion. A confirmed exclusion closes exemption only.
func (s *Suggestion) outcome() Outcome {
	switch s.Verdict {
	case replay.ConductRight:
		return NoError
	case replay.ConductDiligent:
		return Diligent
	case replay.ConductUndetermined:
		return Open
	}
	// From here on there was an error of the person's own.
	lighter := len(s.Partly) > 0 || len(s.Mitigating) > 0 || s.LawfulToday
	switch {
	case len(s.Confirmed) == 0 && len(s.Proved) > 0:
		return Exempt
	case lighter || len(s.Proved) > 0:
		return Lighter
	case len(s.Confirmed) == 0 && slices.ContainsFunc(s.Grounds, unknownExemption):
		return Open
	}
	return NotExempt
}
