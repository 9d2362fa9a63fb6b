package projections

import (
	"context"
	"database/sql"
)

// By the primary key.
var qReviewIDs = &question{"review-ids", "reviews", false, `SELECT id FROM reviews
	WHERE gen = (SELECT live FROM projection WHERE name = 'reviews') ORDER BY id`}

// ReviewIDs lists every review, ended ones among them. It is for whoever then
// asks of each whether somebody may know of it, and is shown to nobody.
func (b Bench) ReviewIDs(ctx context.Context) ([]string, error) {
	return all(ctx, b.db, qReviewIDs, func(rows *sql.Rows, id *string) error { return rows.Scan(id) })
}
