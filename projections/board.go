package projections

import (
	"context"
	"database/sql"

	"leeway/domain"
)

// A Board is the public notice board of an office 公示. Anybody may read it: it
// shows the case by its pseudonym, how many people it is about and the amount.
// Programmes for children are counted and never listed.
type Board struct {
	db     *DB
	office string
}

// Board is the board of an office.
func (d *DB) Board(office string) Board { return Board{d, office} }

// Notice is a proposal before approval.
type Notice struct {
	Event     string     `json:"event"`
	Case      string     `json:"case"`
	Programme string     `json:"programme"`
	Members   int        `json:"members"`
	Outcome   string     `json:"outcome"`
	Amount    domain.Fen `json:"amount"`
	Posted    domain.Day `json:"posted"`
	Until     domain.Day `json:"until"` // last day
}

// Entry is one line of a month's roster.
type Entry struct {
	Case      string       `json:"case"`
	Programme string       `json:"programme"`
	Members   int          `json:"members"`
	Amount    domain.Fen   `json:"amount"`
	From      domain.Month `json:"from"`
}

// Total is what a programme comes to in a month, children's included.
type Total struct {
	Programme string     `json:"programme"`
	Cases     int        `json:"cases"`
	Members   int        `json:"members"`
	Amount    domain.Fen `json:"amount"`
}

var (
	// By cases_office, from one office to the next.
	qOffices = &question{"offices", "cases", true, `WITH RECURSIVE o (office) AS (
		SELECT min(office) FROM cases WHERE gen = (SELECT live FROM projection WHERE name = 'cases')
		UNION ALL SELECT (SELECT min(office) FROM cases WHERE gen = (SELECT live FROM projection WHERE name = 'cases') AND office > o.office) FROM o WHERE o.office IS NOT NULL)
		SELECT office FROM o WHERE office IS NOT NULL`}
	// By notices_office: what ended before the day is not met.
	qNotices = &question{"notices", "notices", true, `SELECT event, id, programme, members, outcome, amount, posted, until FROM notices
		WHERE gen = (SELECT live FROM projection WHERE name = 'notices') AND office = $1 AND until >= $2 AND posted <= $2 AND (closed = 0 OR closed > $2)
		AND programme NOT IN ('orphan', 'unattended') AND (until, event) > ($3, $4) ORDER BY until, event LIMIT $5`}
	// By roster_office in the order of the cases; spans that do not hold the
	// month are passed over, and most do.
	qRoster = &question{"roster", "notices", true, `SELECT id, programme, members, amount, from_month FROM roster
		WHERE gen = (SELECT live FROM projection WHERE name = 'notices') AND office = $1 AND from_month <= $2 AND to_month >= $2
		AND programme NOT IN ('orphan', 'unattended') AND (id, from_month) > ($3, $4) ORDER BY id, from_month LIMIT $5`}
	// Whole office, one month: a few lines out of all its spans.
	qTotals = &question{"roster-totals", "notices", true, `SELECT programme, count(*), sum(members), sum(amount) FROM roster
		WHERE gen = (SELECT live FROM projection WHERE name = 'notices') AND office = $1 AND from_month <= $2 AND to_month >= $2
		GROUP BY programme ORDER BY programme`}
)

// Offices lists the offices that handle cases, in order.
func (d *DB) Offices(ctx context.Context) ([]string, error) {
	return all(ctx, d, qOffices, func(rows *sql.Rows, office *string) error { return rows.Scan(office) })
}

// Notices lists the proposals that hang on a day, also on one long past: a
// notice that was taken down early hung until then.
func (b Board) Notices(ctx context.Context, on domain.Day, a Ask) (Page[Notice], error) {
	walk := listing[Notice]{nil, place{int64(0), ""}, func(n Notice) place { return place{int64(n.Until), n.Event} },
		func(rows *sql.Rows, n *Notice) error {
			return rows.Scan(&n.Event, &n.Case, &n.Programme, &n.Members, &n.Outcome, &n.Amount, &n.Posted, &n.Until)
		}}
	return pages(ctx, b.db, walk.of(qNotices), a, b.office, int64(on))
}

// Roster lists who receives what in a month, as decided 按月公示. What was paid may
// differ, and is not for the board. A later decision about a past month shows
// from then on.
func (b Board) Roster(ctx context.Context, m domain.Month, a Ask) (Page[Entry], error) {
	walk := listing[Entry]{nil, place{"", int64(0)}, func(e Entry) place { return place{e.Case, int64(e.From)} },
		func(rows *sql.Rows, e *Entry) error {
			return rows.Scan(&e.Case, &e.Programme, &e.Members, &e.Amount, &e.From)
		}}
	return pages(ctx, b.db, walk.of(qRoster), a, b.office, int64(m))
}

// Totals is the month by programme. It is the only place at which programmes
// for children appear.
func (b Board) Totals(ctx context.Context, m domain.Month) ([]Total, error) {
	return all(ctx, b.db, qTotals, func(rows *sql.Rows, t *Total) error {
		return rows.Scan(&t.Programme, &t.Cases, &t.Members, &t.Amount)
	}, b.office, int64(m))
}
