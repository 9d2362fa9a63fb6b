package review

import (
	"fmt"
	"slices"

	"leeway/domain"
)

// Opened initiates a review 启动: on application of the worker or his unit, ex
// officio, or in step with the liability inquiry.
type Opened struct {
	By
	Route   Route    `json:"route"`
	Organ   string   `json:"organ"` // office that holds the accountability power
	Matters []Matter `json:"matters"`
	Parties []Party  `json:"parties"`
	// Report is the event of the case by which the worker reported the error
	// himself, before anybody asked.
	Report string `json:"report,omitempty"`
}

// EventType is the stored name.
func (Opened) EventType() string { return "review-opened.v1" }

func (*Opened) may() []Role { return []Role{Worker, Unit, Reviewer, Head} }

// routes says as what each route is opened.
var routes = map[Route][]Role{ByWorker: {Worker}, ByUnit: {Unit}, ExOfficio: {Reviewer, Head}, WithInquiry: {Reviewer, Head}}

func (e *Opened) check(d *desk) error {
	may, ok := routes[e.Route]
	switch {
	case !ok:
		return fault("route", "there is no route %q", "write worker, unit, ex_officio or inquiry", e.Route)
	case !slices.Contains(may, d.as):
		return refuse(GuardRole, "this route is for %[3]s", "%q may not open by route %s", d.as, e.Route, roleNames(may))
	case e.Organ == "":
		return fault("organ", "it is missing", "name the office that holds the accountability power")
	case len(e.Matters) == 0 || len(e.Parties) == 0:
		return fault("matters, parties", "one is empty", "name at least one decision and one person")
	}
	if err := checkMatters(e.Matters); err != nil {
		return err
	}
	own := false
	for i, p := range e.Parties {
		if p.Person == "" || len(p.Matters) == 0 {
			return fault(fmt.Sprintf("parties[%d]", i), "the person or his matters are missing", "name both")
		}
		for _, m := range p.Matters {
			if !slices.ContainsFunc(e.Matters, func(x Matter) bool { return x.ID == m }) {
				return fault(fmt.Sprintf("parties[%d].matters", i), "there is no matter %q", "use the ids of matters", m)
			}
		}
		if slices.ContainsFunc(e.Parties[:i], func(x Party) bool { return x.Person == p.Person }) {
			return fault(fmt.Sprintf("parties[%d]", i), "%s is named twice", "name each person once", p.Person)
		}
		own = own || p.Person == d.cmd.Actor.Person
	}
	if e.Route == ByWorker && !own {
		return refuse(GuardRole, "apply for yourself, or let the unit apply", "%s is not among the persons named", d.cmd.Actor.Person)
	}
	return nil
}

func checkMatters(matters []Matter) error {
	for i, m := range matters {
		switch {
		case m.ID == "" || m.Case == "" || m.Day == 0:
			return fault(fmt.Sprintf("matters[%d]", i), "its id, case or day is missing", "name the decision by its case and event, with its day")
		case m.From == 0 || m.To < m.From:
			return fault(fmt.Sprintf("matters[%d].from", i), "the months are missing or not a span", "give the first and last benefit month that it governs")
		case slices.ContainsFunc(matters[:i], func(x Matter) bool { return x.ID == m.ID }):
			return fault(fmt.Sprintf("matters[%d].id", i), "%s is used twice", "give each matter its own id", m.ID)
		}
	}
	return nil
}

func (e *Opened) evolve(r *Review, at At) {
	r.Route, r.Organ, r.Matters, r.Report, r.Started = e.Route, e.Organ, e.Matters, e.Report, at
	r.Parties = slices.Clone(e.Parties)
	if e.Route == ByWorker {
		r.Applicant = at.Actor.Person
	}
	if e.Route == ByUnit {
		r.Applicant = at.Actor.Person
	}
}

// Citation is a ground that somebody invokes for a part.
type Citation struct {
	At     At
	Person string
	Matter string
	Ground string
	Late   bool // after the local time to apply
}

// Cited invokes a ground 申请容错 in plain words, with the events of the ledger
// that bear it out.
type Cited struct {
	By
	Person   string         `json:"person"`
	Matter   string         `json:"matter"`
	Ground   string         `json:"ground"` // id of the reference catalogue
	Words    domain.Private `json:"words,omitzero"`
	Evidence []string       `json:"evidence,omitempty"`
	Late     bool           `json:"late,omitempty"`
}

// EventType is the stored name.
func (Cited) EventType() string { return "review-cited.v1" }

func (*Cited) may() []Role { return []Role{Worker, Unit, Reviewer} }

func (e *Cited) check(d *desk) error {
	switch {
	case d.Determination != nil:
		return refuse(GuardOrder, "seek the remedy that the determination names", "review %s has been determined", d.ID)
	case e.Ground == "":
		return fault("ground", "it is missing", "name a ground, such as G01; G21 is any other")
	case d.as == Worker && e.Person != d.cmd.Actor.Person:
		return refuse(GuardRole, "cite for yourself", "%s may not cite for %s", d.cmd.Actor.Person, e.Person)
	}
	// Being late refuses nobody: the organ could act ex officio all the same.
	p, _ := d.Party(e.Person)
	if late := p.Informed != 0 && d.day > AfterWorkdays(d.cmd.Calendar, p.Informed, d.cmd.Limits.Apply); late != e.Late {
		return fault("late", "it was given as %v", "the local time to apply decides it: leave it to the program", e.Late)
	}
	return d.knowsPair(e.Person, e.Matter)
}

func (e *Cited) evolve(r *Review, at At) {
	r.Citations = append(r.Citations, Citation{at, e.Person, e.Matter, e.Ground, e.Late})
}

// Private is what the person says.
func (e *Cited) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "words", Data: &e.Words}}
}

// SupplementAsked returns an application once, with all that is missing 补正.
type SupplementAsked struct {
	By
	Missing []string   `json:"missing"`
	Until   domain.Day `json:"until"`
}

// EventType is the stored name.
func (SupplementAsked) EventType() string { return "review-supplement-asked.v1" }

func (*SupplementAsked) may() []Role { return []Role{Reviewer, Head} }

func (e *SupplementAsked) check(d *desk) error {
	switch {
	case d.AcceptedAt != nil:
		return refuse(GuardOrder, "ask in the verification", "review %s has been accepted", d.ID)
	case d.Asked != nil:
		return refuse(GuardOrder, "accept it or refuse it", "the review has been returned once already")
	case len(e.Missing) == 0 || e.Until <= d.day:
		return fault("missing, until", "nothing is named, or no time is left", "name all that is missing and a later day")
	}
	return nil
}

func (e *SupplementAsked) evolve(r *Review, at At) { r.Asked, r.AskedAt = e, at }

// SupplementGiven brings what was missing.
type SupplementGiven struct {
	By
	Evidence []string       `json:"evidence,omitempty"`
	Words    domain.Private `json:"words,omitzero"`
}

// EventType is the stored name.
func (SupplementGiven) EventType() string { return "review-supplement-given.v1" }

func (*SupplementGiven) may() []Role { return []Role{Worker, Unit, Bureau} }

func (e *SupplementGiven) check(d *desk) error {
	switch {
	case d.Asked == nil:
		return refuse(GuardOrder, "cite a ground instead", "nothing was asked for")
	case d.AcceptedAt != nil:
		return refuse(GuardOrder, "hand it to the investigators", "review %s has been accepted", d.ID)
	}
	return d.before(d.AskedAt, "the request")
}

func (e *SupplementGiven) evolve(r *Review, at At) { r.Answered = append(r.Answered, at) }

// Private is what was said with it.
func (e *SupplementGiven) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "words", Data: &e.Words}}
}

// Accepted takes the review up and assigns the investigators 受理.
type Accepted struct {
	By
	Reviewers []string `json:"reviewers"`
}

// EventType is the stored name.
func (Accepted) EventType() string { return "review-accepted.v1" }

func (*Accepted) may() []Role { return []Role{Reviewer, Head} }

func (e *Accepted) judges() []string { return e.Reviewers }

func (e *Accepted) check(d *desk) error {
	if d.Determination != nil {
		return refuse(GuardOrder, "reopen it on new facts", "review %s has been determined", d.ID)
	}
	if n := distinct(e.Reviewers); n < 2 {
		return refuse(GuardTwo, "assign two or more", "%d investigators are assigned", n)
	}
	return d.before(d.Started, "the opening")
}

func (e *Accepted) evolve(r *Review, at At) {
	// A later acceptance changes who investigates; the clock of the first runs on.
	r.Reviewers = slices.Clone(e.Reviewers)
	if r.AcceptedAt == nil {
		r.AcceptedAt = &at
	}
}

func distinct(people []string) int {
	seen := map[string]bool{}
	for _, p := range people {
		if p != "" {
			seen[p] = true
		}
	}
	return len(seen)
}

// NotAccepted refuses to take the review up 不予受理.
type NotAccepted struct {
	By
	Reason domain.Private `json:"reason"`
}

// EventType is the stored name.
func (NotAccepted) EventType() string { return "review-not-accepted.v1" }

func (*NotAccepted) may() []Role { return []Role{Reviewer, Head} }

func (e *NotAccepted) check(d *desk) error {
	switch {
	case d.AcceptedAt != nil:
		return refuse(GuardOrder, "determine it", "review %s has been accepted", d.ID)
	case d.Route != ByWorker && d.Route != ByUnit:
		return refuse(GuardOrder, "determine it", "review %s was opened by the organ itself", d.ID)
	case !e.Reason.Present:
		return fault("reason", "it is missing", "say why, in writing")
	}
	return nil
}

func (e *NotAccepted) evolve(r *Review, at At) { r.ended = StageNotAccepted }

// Private is the reason.
func (e *NotAccepted) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "reason", Data: &e.Reason}}
}

// Only what somebody applied for can be withdrawn. A review that the organ opened
// itself ends with a determination.

// Withdrawn takes an application back 撤回. The organ may still open a review of
// its own.
type Withdrawn struct{ By }

// EventType is the stored name.
func (Withdrawn) EventType() string { return "review-withdrawn.v1" }

func (*Withdrawn) may() []Role { return []Role{Worker, Unit} }

func (e *Withdrawn) check(d *desk) error {
	switch {
	case d.Applicant == "" || d.Applicant != d.cmd.Actor.Person:
		return refuse(GuardRole, "only who applied may withdraw", "%s did not apply", d.cmd.Actor.Person)
	case d.Determination != nil:
		return refuse(GuardOrder, "seek the remedy that the determination names", "review %s has been determined", d.ID)
	}
	return nil
}

func (e *Withdrawn) evolve(r *Review, at At) { r.ended = StageWithdrawn }

// Lapsed ends an application whose supplement did not come in time 失效.
type Lapsed struct{ By }

// EventType is the stored name.
func (Lapsed) EventType() string { return "review-lapsed.v1" }

func (*Lapsed) may() []Role { return []Role{Reviewer, Head} }

func (e *Lapsed) check(d *desk) error {
	switch {
	case d.Stage() != StageSupplement:
		return refuse(GuardOrder, "accept it or refuse it", "nothing that was asked for is missing")
	case d.day <= d.Asked.Until:
		return refuse(GuardOrder, "wait for that day to pass", "the supplement may come until %s", d.Asked.Until)
	}
	return nil
}

func (e *Lapsed) evolve(r *Review, at At) { r.ended = StageLapsed }
