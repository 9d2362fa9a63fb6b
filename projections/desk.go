package projections

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// A Desk is what a case worker can ask: the cases of his own office, what he
// decided himself, and the events that his office and post may see. No method
// reaches reviews or clues, and no answer depends on whether there are any.
type Desk struct {
	db     *DB
	actor  domain.Actor
	office string // whose cases lie on it
	serves []string
}

// Desk is the desk of a worker with the cases of his own office on it. Who he
// is, and which other offices his post serves, come from his identity and the
// register, never from what he asks.
func (d *DB) Desk(actor domain.Actor, serves ...string) Desk {
	return Desk{d, actor, actor.Office, serves}
}

// For is the same worker's desk with the cases of an office that his post
// serves. The error wraps domain.ErrRefused where it does not.
func (k Desk) For(office string) (Desk, error) {
	if office != k.actor.Office && !slices.Contains(k.serves, office) && !slices.Contains(k.serves, eligibility.Everywhere) {
		return Desk{}, fmt.Errorf("%w: the post does not serve office %q", domain.ErrRefused, office)
	}
	k.office = office
	return k, nil
}

// CaseLine is one line of the case register. Amount, From and To are those of
// the newest decision; what was paid is another matter, and stands in the
// timeline.
type CaseLine struct {
	ID        string       `json:"id"`
	Programme string       `json:"programme"`
	Pack      string       `json:"pack"`
	Office    string       `json:"office"`
	Opened    domain.Day   `json:"opened"`
	Stage     string       `json:"stage"`
	Amount    domain.Fen   `json:"amount"`
	From      domain.Month `json:"from,omitzero"`
	To        domain.Month `json:"to,omitzero"`
	Decided   domain.Day   `json:"decided,omitzero"`
	Touched   domain.Day   `json:"touched"`
	Unsigned  bool         `json:"unsigned,omitempty"` // gap: the survey was not signed
	NoData    int          `json:"no_data,omitempty"`  // gap: answers of sources that hold nothing
	Imported  bool         `json:"imported,omitempty"`
}

// caseColumns are the columns of a CaseLine, of a table that the query calls c.
const caseColumns = `c.id, c.programme, c.pack, c.office, c.opened, c.stage, c.amount, c.from_month, c.to_month, c.decided, c.touched, c.unsigned, c.no_data, c.imported`

// fields are where to scan them to.
func (c *CaseLine) fields() []any {
	return []any{&c.ID, &c.Programme, &c.Pack, &c.Office, &c.Opened, &c.Stage, &c.Amount, &c.From, &c.To, &c.Decided, &c.Touched, &c.Unsigned, &c.NoData, &c.Imported}
}

// scanCase reads a line.
func scanCase(rows *sql.Rows, c *CaseLine) error { return rows.Scan(c.fields()...) }

// byID walks cases by id.
var byID = listing[CaseLine]{nil, place{""}, func(c CaseLine) place { return place{c.ID} }, scanCase}

var (
	// By cases_office, in the order of the index.
	qOfficeCases = &question{"office-cases", "cases", true, `SELECT ` + caseColumns + ` FROM cases c
		WHERE c.gen = (SELECT live FROM projection WHERE name = 'cases') AND c.office = $1 AND c.id > $2 ORDER BY c.id LIMIT $3`}
	// By cases_stage. A case that moves on while somebody turns pages leaves
	// the list, and that is what he wants.
	qStageCases = &question{"stage-cases", "cases", true, `SELECT ` + caseColumns + ` FROM cases c
		WHERE c.gen = (SELECT live FROM projection WHERE name = 'cases') AND c.office = $1 AND c.stage = $2 AND c.id > $3 ORDER BY c.id LIMIT $4`}
	// The office handles the case, or has taken a step in it that everybody
	// who handles the case may see.
	qDeskCase = &question{"desk-case", "cases", true, `SELECT ` + caseColumns + ` FROM cases c
		WHERE c.gen = (SELECT live FROM projection WHERE name = 'cases') AND c.id = $1 AND (c.office = $2 OR EXISTS (
			SELECT 1 FROM timeline t WHERE t.gen = (SELECT live FROM projection WHERE name = 'timeline') AND t.id = c.id AND t.office = $3 AND t.reader = ''))`}
	// By caseload_person; each case and its re-check are then found by key.
	qMyCases = &question{"my-cases", "caseload", true, `SELECT ` + caseColumns + `, l.members, l.running, coalesce(r.due, 0), coalesce(r.done, 0) FROM caseload l
		JOIN cases c ON c.gen = (SELECT live FROM projection WHERE name = 'cases') AND c.id = l.id
		LEFT JOIN rechecks r ON r.gen = (SELECT live FROM projection WHERE name = 'rechecks') AND r.id = l.id
		WHERE l.gen = (SELECT live FROM projection WHERE name = 'caseload') AND l.person = $1 AND l.open = 1 AND l.office = $2 AND l.id > $3
		ORDER BY l.id LIMIT $4`}
	// From caseload_office alone: the index holds every column.
	qMyLoad = &question{"my-load", "caseload", true, `SELECT person, count(*), coalesce(sum(running), 0), coalesce(sum(running * members), 0) FROM caseload
		WHERE gen = (SELECT live FROM projection WHERE name = 'caseload') AND office = $1 AND open = 1 AND person = $2 GROUP BY person`}
	// By rechecks_due from the first day on, so that cases with nothing due,
	// which carry day 0, are never met.
	qRechecks = &question{"rechecks", "rechecks", true, `SELECT id, due, class, done FROM rechecks
		WHERE gen = (SELECT live FROM projection WHERE name = 'rechecks') AND office = $1 AND due <= $2 AND (due, id) > ($3, $4) ORDER BY due, id LIMIT $5`}
)

// Cases lists the cases of the desk's office by id, open and closed ones. A
// case whose opening the office may not see is not among them.
func (k Desk) Cases(ctx context.Context, a Ask) (Page[CaseLine], error) {
	return pages(ctx, k.db, byID.of(qOfficeCases), a, k.office)
}

// CasesAt lists those that stand at a stage, as the case register words it:
// "surveyed", "on_notice", "granted". An unknown word gives an empty page.
func (k Desk) CasesAt(ctx context.Context, stage string, a Ask) (Page[CaseLine], error) {
	return pages(ctx, k.db, byID.of(qStageCases), a, k.office, stage)
}

// Case is one case that the desk's office handles. For another one the error
// is the same as for one that does not exist.
func (k Desk) Case(ctx context.Context, id string) (CaseLine, error) {
	list, err := all(ctx, k.db, qDeskCase, scanCase, id, k.office, k.actor.Office)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%w: there is no case %q", domain.ErrNotFound, id)
	}
	if err != nil {
		return CaseLine{}, err
	}
	return list[0], nil
}

// MyCase is a case on a worker's own list, with what is due. The gaps of the
// line are what is missing from the record of due diligence.
type MyCase struct {
	CaseLine
	Members int        `json:"members"`
	Running bool       `json:"running"`
	Due     domain.Day `json:"due,omitzero"`  // re-check
	Done    domain.Day `json:"done,omitzero"` // newest re-check
}

// MyCases lists the open cases that the worker handles: those of the desk's
// office in which he took the newest step. It joins three models, which may
// stand a moment apart.
func (k Desk) MyCases(ctx context.Context, a Ask) (Page[MyCase], error) {
	by := listing[MyCase]{nil, place{""}, func(c MyCase) place { return place{c.ID} }, func(rows *sql.Rows, c *MyCase) error {
		return rows.Scan(append(c.fields(), &c.Members, &c.Running, &c.Due, &c.Done)...)
	}}
	return pages(ctx, k.db, by.of(qMyCases), a, k.actor.Person, k.office)
}

// Standard is how many recipients one worker is meant to look after: the
// seed's 按照每1000人救助对象配置1名经办人员.
const Standard = 1000

// Load is how much one worker carries.
type Load struct {
	Person     string `json:"person"`
	Cases      int    `json:"cases"`      // open
	Running    int    `json:"running"`    // of these, with a running benefit
	Recipients int    `json:"recipients"` // people in them, against Standard
}

// scanLoad reads the load of one worker.
func scanLoad(rows *sql.Rows, l *Load) error {
	return rows.Scan(&l.Person, &l.Cases, &l.Running, &l.Recipients)
}

// MyLoad is the worker's own load. Who handles nothing carries zero, and that is
// no error.
func (k Desk) MyLoad(ctx context.Context) (Load, error) {
	list, err := all(ctx, k.db, qMyLoad, scanLoad, k.office, k.actor.Person)
	if err != nil || len(list) == 0 {
		return Load{Person: k.actor.Person}, err
	}
	return list[0], nil
}

// Recheck is one entry of the calendar of re-checks 定期核查.
type Recheck struct {
	Case  string     `json:"case"`
	Due   domain.Day `json:"due"`
	Class string     `json:"class,omitempty"`
	Done  domain.Day `json:"done,omitzero"`
}

// Rechecks lists what is due in the office by a day, the oldest first: with
// yesterday, what is overdue. Days are civil days; which day is today the
// caller knows, no query reads a clock.
func (k Desk) Rechecks(ctx context.Context, by domain.Day, a Ask) (Page[Recheck], error) {
	walk := listing[Recheck]{nil, place{int64(1), ""}, func(r Recheck) place { return place{int64(r.Due), r.Case} },
		func(rows *sql.Rows, r *Recheck) error { return rows.Scan(&r.Case, &r.Due, &r.Class, &r.Done) }}
	return pages(ctx, k.db, walk.of(qRechecks), a, k.office, int64(by))
}

// moment is a time from its milliseconds.
func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
