package casework

import (
	"context"
	"fmt"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// ShownTo reports whether somebody who handles cases, at an office and a post,
// may see an entry. A complaint is for those whom it names alone, and for
// nobody where it names none: a worker is not tipped off (domain.md §3.6 rule
// 16).
func (e Entry) ShownTo(who domain.Actor) bool {
	if _, complaint := e.Event.(*eligibility.ComplaintReceived); complaint && len(e.Visible) == 0 {
		return false
	}
	return e.Visible.Allows(who.Office, who.Post)
}

// StateOf is the state that some entries of a case come to, in their order. It
// is how a case looks to somebody who may not see all of them.
func StateOf(id string, entries []Entry) *eligibility.Case { return fold(id, entries) }

// Changed says that a case was changed since the caller saw it. It wraps
// eventstore.ErrConflict; the caller looks at what happened and decides again.
type Changed struct {
	Case  string
	Since []Entry // as the caller may see them
}

// Error tells who did what.
func (c *Changed) Error() string {
	what := ""
	for _, e := range c.Since {
		what += fmt.Sprintf("; %s by %s on %s", e.Type, e.Actor.Person, eligibility.DayOf(e.Event))
	}
	return fmt.Sprintf("case %s has changed%s", c.Case, what)
}

// Unwrap makes every Changed an eventstore.ErrConflict.
func (c *Changed) Unwrap() error { return eventstore.ErrConflict }

// Barred says why somebody of the discipline organs may take no part in a
// review, by the record of its cases and by what was declared; barred is false
// where nothing bars him. The error is as of Review.
func (v *Reviews) Barred(ctx context.Context, as Identity, id string) (cause string, why domain.Said, barred bool, err error) {
	r, err := v.Review(ctx, as, id)
	if err != nil {
		return "", domain.Said{}, false, err
	}
	p, err := v.history(ctx, r.Cases(), seen{as.Role, domain.DayOf(v.Desk.Now()), nil})
	if err != nil {
		return "", domain.Said{}, false, err
	}
	c, why, barred := r.Barred(p.history, as.Person)
	return string(c), why, barred, nil
}
