package web

import (
	"context"
	"errors"
	"slices"

	"leeway/api"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/review"
)

// entries are the steps of a case that the caller may see, for a case within
// his scope; another office's case is not there. Who works for a discipline
// organ and took part in the case himself is refused.
func (w *front) entries(ctx context.Context, caller api.Caller, id string) ([]casework.Entry, error) {
	all, err := w.d.Cases.Events(ctx, id)
	if errors.Is(err, domain.ErrNotFound) {
		return nil, casework.NoCase(id)
	}
	if err != nil || caller.Has(watching...) && !tookPart(caller, all) {
		return all, err
	}
	if caller.Has(watching...) {
		return nil, domain.Deny(domain.ErrRefused, "%s took part in case %s", "leave it to somebody who did not", caller.Actor.Person, id)
	}
	office := ""
	for _, e := range all {
		if o, ok := e.Event.(*eligibility.CaseOpened); ok {
			office = o.Office
		}
	}
	worked := slices.ContainsFunc(all, func(e casework.Entry) bool { return e.Actor.Office == caller.Office && len(e.Visible) == 0 })
	if !reaches(caller, office) && !worked {
		return nil, casework.NoCase(id)
	}
	return slices.DeleteFunc(slices.Clone(all), func(e casework.Entry) bool { return !shownTo(e, caller.Actor) }), nil
}

func tookPart(caller api.Caller, all []casework.Entry) bool {
	return caller.Has(organs...) && slices.ContainsFunc(all, func(e casework.Entry) bool { return e.Actor.Person == caller.Actor.Person })
}

// reaches reports whether an office is within the caller's scope.
func reaches(caller api.Caller, office string) bool {
	return office == caller.Office || slices.Contains(caller.Serves, office) || slices.Contains(caller.Serves, wholeCity)
}

// shownTo: a complaint is for those whom it names alone, and for nobody where
// it names none.
func shownTo(e casework.Entry, who domain.Actor) bool {
	if _, complaint := e.Event.(*eligibility.ComplaintReceived); complaint && len(e.Visible) == 0 {
		return false
	}
	return e.Visible.Allows(who.Office, who.Post)
}

// stateOf is the case that some entries come to.
func stateOf(id string, list []casework.Entry) *eligibility.Case {
	c := &eligibility.Case{ID: id}
	for _, e := range list {
		c.Apply(e.Event, e.Meta)
	}
	return c
}

// inRole is the caller as somebody who may record an event of a review: in the
// first of his roles that may.
func inRole(caller api.Caller, may []review.Role) (casework.Identity, bool) {
	for _, role := range may {
		if as, err := caller.As(role); err == nil {
			return as, true
		}
	}
	return casework.Identity{}, false
}

// openedIn are the paths of personal data that entries show.
func openedIn(list []casework.Entry) []string {
	var paths []string
	for _, e := range list {
		for _, f := range eligibility.Private(e.Event) {
			if p := e.Type + ":" + f.Path; f.Data.Text != "" && !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
	}
	return paths
}
