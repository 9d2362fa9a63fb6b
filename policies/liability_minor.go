package policies

import (
	"slices"

	"leeway/domain"
	"leeway/domain/replay"
)

// minor says which defects of a step of the procedure are minor 程序轻微瑕疵:
// the list on which ground G17 rests is data of the pack, kept beside the step.
type minor struct {
	At     at
	States []string `key:"states,required"`
	Cite   []cite   `key:"cite,required"`
}

var minorStates = []string{replay.StepLate, replay.StepMissing, replay.StepShort}

// compileMinor checks the minor defects of a step. A defect that harms a right
// of the applicant is never minor, whatever a pack says.
func (p *pack) compileMinor(s step, days span, probs *Problems) {
	if s.Minor == nil {
		return
	}
	p.srcs.resolve(s.Minor.At, s.Minor.Cite, days, probs)
	for _, state := range s.Minor.States {
		if !slices.Contains(minorStates, state) {
			probs.add(s.Minor.At, "state %q of a step", "write %[2]s", state, domain.List(minorStates))
		}
		// Late but done has harmed nobody's right; not done, or cut short, has.
		if s.Right && state != replay.StepLate {
			probs.add(s.Minor.At, "step %s %s harms a right, which is never minor", "leave it out of the list", s.ID, state)
		}
	}
}

// minorStates are the states in which a defect of the step is minor.
func (s step) minorStates() []string {
	if s.Minor == nil {
		return nil
	}
	return s.Minor.States
}
