package replay

import "leeway/domain"

// Diligence is the due-diligence record of a case 尽职档案: for each month the
// procedure check of the act that it is judged at, and for everybody who took
// part every liability rule of that day, those that fail too. It shows what a
// ground would still need while it can still be brought. It advises.
type Diligence struct {
	Case   string           `json:"case"`
	AsOf   domain.Day       `json:"as_of"`
	Digest string           `json:"digest"` // of the inputs of the replay that it rests on
	Months []DiligenceMonth `json:"months"`
}

// DiligenceMonth is the record of one benefit month.
type DiligenceMonth struct {
	Month     domain.Month    `json:"month"`
	By        string          `json:"judged_by"`
	On        domain.Day      `json:"judged_on"`
	Act       string          `json:"act,omitempty"`
	Procedure []StepCheck     `json:"procedure"`
	Actors    []DiligencePart `json:"actors"`
}

// DiligencePart is one actor's part in the act of a month.
type DiligencePart struct {
	Actor   domain.Actor    `json:"actor"`
	Role    string          `json:"role"`
	Verdict string          `json:"verdict"`
	Grounds []domain.Ground `json:"grounds"`
}

// DiligenceOf asks every liability rule anew for each part of a report that
// came of the input; the report itself keeps only those that say something.
// The error is that of reading a rule pack.
func DiligenceOf(in Input, r *Report, digest string) (Diligence, error) {
	out := Diligence{Case: r.Inputs.Case, AsOf: r.Inputs.AsOf, Digest: digest, Months: []DiligenceMonth{}}
	for _, m := range r.Months {
		month := DiligenceMonth{m.Month, m.By, m.On, m.Act, append([]StepCheck{}, m.Procedure...), []DiligencePart{}}
		for _, a := range m.Actors {
			grounds, err := GroundsOf(in, r, m, a)
			if err != nil {
				return Diligence{}, err
			}
			month.Actors = append(month.Actors, DiligencePart{a.Actor, a.Role, a.Verdict, grounds})
		}
		out.Months = append(out.Months, month)
	}
	return out, nil
}
