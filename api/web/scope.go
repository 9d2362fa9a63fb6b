package web

import (
	"context"
	"slices"

	"leeway/api"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/review"
)

// entries are the steps of a case that the caller may see, for a case within
// his scope; another office's case is not there.
func (w *front) entries(ctx context.Context, caller api.Caller, id string) ([]casework.Entry, error) {
	return w.server.Entries(ctx, caller, id)
}

// reaches reports whether an office is within the caller's scope.
func reaches(caller api.Caller, office string) bool {
	return office == caller.Office || slices.Contains(caller.Serves, office) || slices.Contains(caller.Serves, wholeCity)
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
