package review

import (
	"errors"
	"slices"

	"leeway/domain"
)

// Standing is how one guard of a determination stands before anything is
// posted: met, or what is wrong and how to mend it.
type Standing struct {
	Guard  Guard
	What   domain.Text // which of the guard's demands
	Person string      // whose part it is about; none: the whole review
	Matter string
	// Wrong and Mend say what an act would run into now; both are empty where
	// the guard is met.
	Wrong domain.Said
	Mend  domain.Said
}

// Met reports whether nothing speaks against the act.
func (s Standing) Met() bool { return s.Wrong.String() == "" }

// Choice is what determining one outcome of a part would meet: refused by a
// guard, or departing from advice, which takes the collective's reasons.
type Choice struct {
	Outcome Outcome
	Refused *Refusal
	Departs []Guard
}

// Prospect is what a determination of one part would meet, outcome by outcome.
type Prospect struct {
	Pair
	Choices []Choice
}

// An Outlook is what a determination would meet: its guards as they stand, and
// each part outcome by outcome, on the suggestions of the engine.
type Outlook struct {
	Suggestions []Suggestion
	Standings   []Standing
	Parts       []Prospect
}

// Outlook evaluates the guards of a determination as the review stands, with
// the code that will hold the determination itself. The day is that on which it
// would be made, as whoever asks.
func (r *Review) Outlook(cmd Record, list []Suggestion) Outlook {
	cmd.Event = &Determined{By: By{Day: cmd.Today, As: Head}, Suggestions: list}
	d := &desk{r, cmd, cmd.Today, Head}
	o := Outlook{Suggestions: list}
	add := func(g Guard, what domain.Text, p Pair, err error) {
		s := Standing{Guard: g, What: what, Person: p.Person, Matter: p.Matter}
		var refused *Refusal
		if errors.As(err, &refused) {
			s.Guard, s.Wrong, s.Mend = refused.Guard, refused.Why, refused.Mend
		}
		o.Standings = append(o.Standings, s)
	}
	add(GuardOrder, w("已受理，尚未认定", "accepted, and not determined yet"), Pair{}, d.accepted())
	add(GuardTwo, w("已指定两名以上核查人员", "two investigators or more are assigned"), Pair{}, d.twoSigned())
	add(GuardOrder, w("已会商", "the consultation was held"), Pair{}, d.consulted())
	for _, p := range r.Pairs() {
		f, s := d.about(p, list)
		for _, c := range partChecks {
			add(c.guard, c.what, p, c.holds(d, f, s))
		}
		o.Parts = append(o.Parts, Prospect{p, d.choices(f, s)})
	}
	return o
}

// about is the result on a part as it would be posted, with its suggestion.
func (d *desk) about(p Pair, list []Suggestion) (Result, Suggestion) {
	x, _ := d.Replay(p.Matter)
	f := Result{Person: p.Person, Matter: p.Matter, Replay: x.Ref}
	if n, ok := d.Notice(p.Person); ok {
		f.Outcome = n.Proposed[p.Matter] // nothing heavier was notified
	}
	i := slices.IndexFunc(list, func(s Suggestion) bool { return s.Person == p.Person && s.Matter == p.Matter })
	if i < 0 {
		return f, Suggestion{Person: p.Person, Matter: p.Matter, Outcome: Open, Replay: x.Ref.Trace}
	}
	f.Grounds = list[i].Proved
	return f, list[i]
}

// choices are the outcomes with what each meets.
func (d *desk) choices(f Result, s Suggestion) []Choice {
	var all []Choice
	for _, o := range Outcomes {
		f.Outcome = o
		c := Choice{Outcome: o}
		if err := d.lighter(f, s); !errors.As(err, &c.Refused) {
			c.Departs = d.Departed(f, s, d.cmd.History)
		}
		all = append(all, c)
	}
	return all
}

// twoSigned holds that two investigators were assigned. What each of them took
// part in was held when it was recorded.
func (d *desk) twoSigned() error {
	if n := distinct(d.Reviewers); n < 2 {
		return refuse(GuardTwo, "assign a second one (review accept)", "%d investigator took part", n)
	}
	return nil
}

// consulted holds that the joint consultation was held.
func (d *desk) consulted() error {
	if len(d.Consultations) == 0 {
		return refuse(GuardOrder, "hold it first (review consult)", "no joint consultation was held")
	}
	return nil
}

// partChecks are what the result on a part is held to, in this order, each with
// the guard that it belongs to. A determination and the look ahead at one use
// the same.
var partChecks = []struct {
	guard Guard
	what  domain.Text
	holds func(*desk, Result, Suggestion) error
}{
	{GuardReplay, w("有最新的还原复算", "the newest replay is at hand"), (*desk).rests},
	{GuardFindings, w("应查应知的事实已逐项认定", "what should have been known is found, fact by fact"), (*desk).found},
	{GuardNotice, w("已告知拟认定的事实和依据", "facts and basis were notified"), (*desk).told},
	{GuardHearing, w("已听取陈述申辩", "the person was heard"), (*desk).answered},
	{GuardNoHeavier, w("不重于告知的结果", "nothing heavier than what was notified"), (*desk).lighter},
	{GuardHearing, w("陈述申辩已在会商之前", "what was said was before the consultation"), (*desk).weighed},
}
