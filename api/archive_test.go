package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
)

// TestReviewPackage: a package leaves for a purpose that is on record first, as
// an export of each case; not before the newest step is in it, not for who is
// barred, and not at all where the export could not be recorded.
func TestReviewPackage(t *testing.T) {
	sealed := int64(-1)
	wo := newWorld(t, func(d *Deps) {
		d.Archive = func(_ context.Context, id string) ([]byte, int64, error) { return []byte("PK " + id), sealed, nil }
	})
	wo.load("F02*")
	ctx := t.Context()
	opened, err := wo.deps.Reviews.Opening(ctx, casework.Opening{Route: review.ExOfficio, Organ: "commission", Cases: []string{"F2"}, Persons: []string{"b1"}})
	if err != nil {
		t.Fatal(err)
	}
	as := casework.Identity{Actor: people[5].Actor, Role: review.Reviewer}
	review.Act(opened, review.Reviewer, domain.DayOf(wo.clock()))
	if _, err := wo.deps.Reviews.Record(ctx, casework.ReviewRequest{As: as}, "R1", opened); err != nil {
		t.Fatal(err)
	}
	exports := func() (list []domain.Access) {
		return slices.DeleteFunc(wo.accesses(), func(a domain.Access) bool { return a.Kind != "export" })
	}
	path := Base + "/exports/reviews/R1?purpose="
	wants(t, wo.as("r1").get(path+"review"), http.StatusNotFound, "not-found")
	sealed = 0
	wants(t, wo.as("r1").get(path+"curiosity"), http.StatusBadRequest, "invalid")
	wants(t, wo.as("r1").get(Base+"/exports/reviews/R1"), http.StatusBadRequest, "invalid")
	wants(t, wo.as("r1").get(Base+"/exports/reviews/R9?purpose=review"), http.StatusNotFound, "not-found")
	wants(t, wo.as("b1").get(path+"review"), http.StatusForbidden, "denied")
	if len(exports()) != 0 {
		t.Errorf("exports that were not given are on record: %+v", exports())
	}
	got := wo.as("u1").get(path + "audit")
	if got.Code != http.StatusOK || got.Body.String() != "PK R1" || got.Header().Get("Content-Type") != "application/zip" || !strings.Contains(got.Header().Get("Content-Disposition"), `"review-R1.zip"`) {
		t.Errorf("package: %d %v %s", got.Code, got.Header(), got.Body)
	}
	if list := exports(); len(list) != 1 || list[0].Case != "F2" || list[0].Purpose != "audit" || list[0].Request == "" || !slices.Equal(list[0].Fields, []string{"package of review R1"}) {
		t.Errorf("on record: %+v", list)
	}
	raised := &review.RecusalRaised{Person: "r1", Cause: review.NearRelative}
	review.Act(raised, review.Reviewer, domain.DayOf(wo.clock()))
	if _, err := wo.deps.Reviews.Record(ctx, casework.ReviewRequest{As: as}, "R1", raised); err != nil {
		t.Fatal(err)
	}
	sealed = 1
	wants(t, wo.as("r1").get(path+"review"), http.StatusForbidden, "recused")
	wo.store.fail(errors.New("disk full"))
	if got := wo.as("u1").get(path + "audit"); got.Code < 500 || strings.Contains(got.Body.String(), "PK") {
		t.Errorf("where nothing can be recorded: %d %s", got.Code, got.Body)
	}
}
