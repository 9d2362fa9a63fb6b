package projections

import (
	"context"
	"database/sql"
	"time"

	"leeway/domain"
)

// Step is one event of a case's timeline. It carries no revision and no
// position: their gaps would tell that something is hidden.
type Step struct {
	Event    string       `json:"event"`
	Type     string       `json:"type"`
	Day      domain.Day   `json:"day"`
	Known    domain.Day   `json:"known"`
	Recorded time.Time    `json:"recorded"`
	Late     int          `json:"late,omitempty"`  // days between what happened and its record
	Grade    domain.Grade `json:"grade,omitempty"` // of imported history
	Actor    domain.Actor `json:"actor"`
	Month    domain.Month `json:"month,omitzero"`
	Amount   domain.Fen   `json:"amount,omitempty"`
}

// stepColumns are the columns of a Step, of a table that the query calls t.
const stepColumns = `t.event, t.type, t.day, t.known, t.recorded, t.late, t.grade, t.person, t.office, t.post, t.month, t.amount`

// scanStep reads a step, and what the query reads beside it.
func scanStep(rows *sql.Rows, s *Step, more ...any) error {
	var recorded int64
	err := rows.Scan(append([]any{&s.Event, &s.Type, &s.Day, &s.Known, &recorded, &s.Late, &s.Grade,
		&s.Actor.Person, &s.Actor.Office, &s.Actor.Post, &s.Month, &s.Amount}, more...)...)
	s.Recorded = moment(recorded)
	return err
}

// The order is that of the stream. The cursor is the event shown last, not its
// revision, which would count what is hidden; the revision is read only to
// sort by it.
// The rows of one case lie together under the primary key. A row for a reader
// is met by equality, so no pattern can match too much.
var qDeskTimeline = &question{"desk-timeline", "timeline", true, `SELECT DISTINCT ` + stepColumns + `, t.revision FROM timeline t
	WHERE t.gen = (SELECT live FROM projection WHERE name = 'timeline') AND t.id = $1 AND t.reader IN ('', $2, $3)
	AND EXISTS (SELECT 1 FROM timeline o WHERE o.gen = (SELECT live FROM projection WHERE name = 'timeline') AND o.id = $1 AND o.reader = ''
		AND (o.office = $4 OR o.revision = 0 AND (SELECT c.office FROM cases c WHERE c.gen = (SELECT live FROM projection WHERE name = 'cases') AND c.id = $1) = $5))
	AND t.revision > coalesce((SELECT max(x.revision) FROM timeline x
		WHERE x.gen = (SELECT live FROM projection WHERE name = 'timeline') AND x.id = $1 AND x.event = $6), -1)
	ORDER BY t.revision LIMIT $7`}

// Timeline is what the worker's office and post may see of a case that his
// office handles, in the order of its record.
func (k Desk) Timeline(ctx context.Context, id string, a Ask) (Page[Step], error) {
	walk := listing[Step]{nil, place{""}, func(s Step) place { return place{s.Event} },
		func(rows *sql.Rows, s *Step) error {
			var revision int64
			return scanStep(rows, s, &revision)
		}}
	return pages(ctx, k.db, walk.of(qDeskTimeline), a, id, "office:"+k.actor.Office, "post:"+k.actor.Post, k.actor.Office, k.office)
}

// The text is the one that reviewers ask with; here the person is always the
// worker himself.
var qOwnRecord = &question{"own-record", "officers", true, officerText}

// OwnRecord is what the worker decided himself, post by post. Errors that were
// determined are not in it: he reads them in the determination served on him.
func (k Desk) OwnRecord(ctx context.Context) ([]Tenure, error) {
	return all(ctx, k.db, qOwnRecord, scanTenure, k.actor.Person)
}

// By decisions_person, backwards.
var qOwnDecisions = &question{"own-decisions", "decisions", true, `SELECT ` + decisionColumns + ` FROM decisions
	WHERE gen = (SELECT live FROM projection WHERE name = 'decisions') AND person = $1 AND (day, event) < ($2, $3)
	ORDER BY day DESC, event DESC LIMIT $4`}

// OwnDecisions lists the worker's own decisions, the newest first by the day
// that he gave, whenever they were recorded.
func (k Desk) OwnDecisions(ctx context.Context, a Ask) (Page[DecisionLine], error) {
	return pages(ctx, k.db, newestDecisions.of(qOwnDecisions), a, k.actor.Person)
}
