package review

import (
	"bytes"
	"reflect"
	"slices"
	"strings"

	"leeway/domain"
)

// A Command asks for a change. Decide returns the events it leads to, or why
// it is refused; neither means that the review already says so.
type Command interface {
	Decide(*Review) ([]Event, error)
}

// Record asks that a step of a review be recorded. What the guards need of
// other streams comes in as History; its basis is stored with the event.
type Record struct {
	Event    Event
	Actor    domain.Actor
	Today    domain.Day // of the command's one clock reading
	History  History
	Calendar Calendar
	Limits   Limits
}

// desk is a command at work on a review.
type desk struct {
	*Review
	cmd Record
	day domain.Day
	as  Role
}

// Decide refuses what cannot be true (domain.ErrInvalid) or what a guard does
// not allow (a *Refusal, which wraps domain.ErrRefused).
func (cmd Record) Decide(r *Review) ([]Event, error) {
	if v := reflect.ValueOf(cmd.Event); v.Kind() != reflect.Pointer || v.IsNil() {
		return nil, domain.Deny(domain.ErrInvalid, "the event is a %T", "give a pointer to the event", cmd.Event)
	}
	d := &desk{r, cmd, cmd.Event.by().Day, cmd.Event.by().As}
	switch {
	case d.day == 0:
		return nil, fault("day", "it is missing", "give the civil day on which it happened, such as 2020-01-31")
	case d.day > cmd.Today:
		return nil, fault("day", "%s lies in the future, today is %s", "record it when it has happened", d.day, cmd.Today)
	}
	if r.repeats(cmd) {
		return nil, nil
	}
	// First whether there is a review and who may act at all, then whether it is
	// still open, and only then who must stand aside: a refusal says the first
	// thing that has to change.
	for _, guard := range []func() error{d.exists, d.role, d.organ, d.open, d.recused} {
		if err := guard(); err != nil {
			return nil, err
		}
	}
	if err := cmd.Event.check(d); err != nil {
		return nil, err
	}
	return []Event{cmd.Event}, nil
}

// repeats reports whether the same person already said the same in the present
// round. What is sealed and was not opened cannot be compared, so it counts as
// another thing.
func (r *Review) repeats(cmd Record) bool {
	want, err := domain.Canonical(cmd.Event)
	if err != nil {
		return false
	}
	// In a new round the same words are said anew: an older notice or vote does
	// not stand for the one that is due now.
	for i, l := range r.log {
		if i < r.round || l.at.Actor.Person != cmd.Actor.Person || l.event.EventType() != cmd.Event.EventType() || r.suspended(l.at.ID) {
			continue
		}
		got, err := domain.Canonical(l.event)
		if err == nil && bytes.Equal(got, want) && sameWords(privates(l.event), privates(cmd.Event)) {
			return true
		}
	}
	return false
}

func sameWords(a, b []domain.PrivateField) bool {
	return slices.EqualFunc(a, b, func(x, y domain.PrivateField) bool {
		sealed := x.Data.Present && x.Data.Text == ""
		return !sealed && x.Path == y.Path && x.Data.Text == y.Data.Text
	})
}

func (d *desk) exists() error {
	_, opens := d.cmd.Event.(*Opened)
	switch {
	case opens && d.Exists():
		return refuse(GuardOrder, "record the next step instead", "review %s is open already", d.ID)
	case !opens && !d.Exists():
		return refuse(GuardOrder, "open it first", "there is no review %s", d.ID)
	}
	return nil
}

// role holds the table of who may take which step.
func (d *desk) role() error {
	if may := d.cmd.Event.may(); !slices.Contains(may, d.as) {
		return refuse(GuardRole, "this step is for %[3]s", "%q may not record %s", d.as, d.cmd.Event.EventType(), roleNames(may))
	}
	return nil
}

// roleNames are roles by their names in both languages.
func roleNames(roles []Role) domain.Text {
	var zh, en []string
	for _, r := range roles {
		zh, en = append(zh, r.Title().ZH), append(en, string(r))
	}
	return domain.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
}

// organ holds that reviewers and heads act for the organ of this review, and
// the superior for another one.
func (d *desk) organ() error {
	organ := d.Organ
	if o, ok := d.cmd.Event.(*Opened); ok {
		organ = o.Organ
	}
	own := d.cmd.Actor.Office == organ
	switch {
	case (d.as == Reviewer || d.as == Head) && !own:
		return refuse(GuardOrgan, "leave it to that organ", "office %q does not hold the accountability power here, %q does", d.cmd.Actor.Office, organ)
	case d.as == Superior && own:
		return refuse(GuardOrgan, "act for the organ above it", "office %q is the determining organ itself", organ)
	}
	return nil
}

// open keeps steps from a review that has ended. What follows a filing or
// brings a review back stays possible.
func (d *desk) open() error {
	switch d.cmd.Event.(type) {
	case *Reopened, *GuardBreached, *Appealed, *AppealDecided, *NameCleared, *Served, *RecusalRaised, *RecusalDecided:
		return nil
	case *Transferred, *SanctionRecorded, *CorrectionBacked, *CorrectionDone, *CorrectionReturned, *CorrectionAccepted, *CorrectionExtended:
		if d.FiledAt != nil {
			return nil
		}
	}
	switch s := d.Stage(); s {
	case StageNotAccepted, StageWithdrawn, StageLapsed, StageFiled:
		return refuse(GuardOrder, "open a new review, or reopen this one on a new fact", "review %s has ended: %s", d.ID, s)
	}
	return nil
}

// before refuses a step that says it was taken before another one.
func (d *desk) before(at At, what string) error {
	if d.day < at.Day {
		return refuse(GuardOrder, "give the day on which it happened", "%s lies before %s, %s", d.day, domain.Say(what), at.Day)
	}
	return nil
}

// accepted refuses a step of verification before acceptance or after the
// determination.
func (d *desk) accepted() error {
	if d.AcceptedAt == nil {
		return refuse(GuardOrder, "accept the review first", "review %s has not been accepted", d.ID)
	}
	if d.Determination != nil {
		return refuse(GuardOrder, "reopen the review on new facts", "review %s has been determined", d.ID)
	}
	return d.before(*d.AcceptedAt, "the acceptance")
}

func (d *desk) knowsPair(person, matter string) error {
	p, ok := d.Party(person)
	if !ok {
		return fault("person", "%q is not reviewed here", "name a person of this review by pseudonym", person)
	}
	if !slices.Contains(p.Matters, matter) {
		return fault("matter", "%q is no matter of %s", "name one of the person's matters, such as m1", matter, person)
	}
	return nil
}

func fault(field, wrong, mend string, args ...any) error {
	return domain.NewFault(field, wrong, mend, args...)
}
