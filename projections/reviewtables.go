package projections

import "strings"

func newReviewFiles() reviewFiles {
	return reviewFiles{appended: appended[reviewEventRow]{
		table: table{"review_events", []string{"id", "revision", "envelope"}, 2, 0},
		order: func(a, b reviewEventRow) int {
			return byKey(strings.Compare(a.ID, b.ID), int(a.Revision-b.Revision))
		},
		fields: func(r *reviewEventRow) []any {
			return []any{&r.ID, &r.Revision, &r.Envelope}
		},
	}}
}

func reviewRows() appended[reviewRow] {
	return appended[reviewRow]{
		table: table{"reviews", []string{"id", "organ", "route", "stage", "open", "opened", "due", "step", "persons", "matters",
			"recusals", "departed", "over", "under"}, 1, 0},
		order: func(a, b reviewRow) int { return strings.Compare(a.ID, b.ID) },
		fields: func(r *reviewRow) []any {
			return []any{&r.ID, &r.Organ, &r.Route, &r.Stage, &r.Open, &r.Opened, &r.Due, &r.Step, &r.Persons, &r.Matters, &r.Recusals, &r.Departed, &r.Over, &r.Under}
		},
	}
}

func reviewCaseRows() appended[reviewCaseRow] {
	return appended[reviewCaseRow]{
		table: table{"review_cases", []string{"id", "case_id"}, 2, 0},
		order: func(a, b reviewCaseRow) int {
			return byKey(strings.Compare(a.ID, b.ID), strings.Compare(a.Case, b.Case))
		},
		fields: func(r *reviewCaseRow) []any {
			return []any{&r.ID, &r.Case}
		},
	}
}

func resultRows() appended[resultRow] {
	return appended[resultRow]{
		table: table{"review_results", []string{"id", "person", "matter", "office", "post", "case_id", "act", "acted", "outcome", "error",
			"class", "grounds", "decided", "served", "departed"}, 3, 0},
		order: func(a, b resultRow) int {
			return byKey(strings.Compare(a.ID, b.ID), strings.Compare(a.Person, b.Person), strings.Compare(a.Matter, b.Matter))
		},
		fields: func(r *resultRow) []any {
			return []any{&r.ID, &r.Person, &r.Matter, &r.Office, &r.Post, &r.Case, &r.Act, &r.Acted, &r.Outcome, &r.Error, &r.Class, &r.Grounds, &r.Decided, &r.Served, &r.Departed}
		},
	}
}

func groundRows() appended[groundRow] {
	return appended[groundRow]{
		table: table{"review_grounds", []string{"id", "person", "matter", "ground", "office", "cited", "proved", "accepted"}, 4, 0},
		order: func(a, b groundRow) int {
			return byKey(strings.Compare(a.ID, b.ID), strings.Compare(a.Person, b.Person), strings.Compare(a.Matter, b.Matter), strings.Compare(a.Ground, b.Ground))
		},
		fields: func(r *groundRow) []any {
			return []any{&r.ID, &r.Person, &r.Matter, &r.Ground, &r.Office, &r.Cited, &r.Proved, &r.Accepted}
		},
	}
}

func correctionRows() appended[correctionRow] {
	return appended[correctionRow]{
		table: table{"corrections", []string{"id", "correction", "case_id", "measure", "owner", "office", "amount", "ordered", "due", "state",
			"open", "wants", "returned"}, 2, 0},
		order: func(a, b correctionRow) int {
			return byKey(strings.Compare(a.ID, b.ID), strings.Compare(a.Correction, b.Correction))
		},
		fields: func(r *correctionRow) []any {
			return []any{&r.ID, &r.Correction, &r.Case, &r.Measure, &r.Owner, &r.Office, &r.Amount, &r.Ordered, &r.Due, &r.State, &r.Open, &r.Wants, &r.Returned}
		},
	}
}
