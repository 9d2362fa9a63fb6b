package projections

import (
	"context"
	"database/sql"
	"time"

	"leeway/domain"
)

// A Bench is what reviewers and auditors can ask. No worker gets one.
type Bench struct{ db *DB }

// Bench is the bench over the read models.
func (d *DB) Bench() Bench { return Bench{d} }

// DecisionLine is one line of the decision register. A list over a population
// leaves the officer out (domain.md §3.6 rule 16).
type DecisionLine struct {
	Event    string             `json:"event"`
	Case     string             `json:"case"`
	Type     string             `json:"type"`
	Outcome  string             `json:"outcome"`
	Amount   domain.Fen         `json:"amount"`
	From     domain.Month       `json:"from,omitzero"`
	To       domain.Month       `json:"to,omitzero"`
	Day      domain.Day         `json:"day"`
	Recorded time.Time          `json:"recorded"`
	Actor    domain.Actor       `json:"actor,omitzero"`
	Rules    domain.PackVersion `json:"rules,omitzero"` // of the advice
	Advised  string             `json:"advised"`        // none, same, other, undetermined
}

// decisionColumns are those of the register; namelessDecision has empty texts
// where the officer stands.
const (
	decisionColumns  = `event, id, type, outcome, amount, from_month, to_month, day, recorded, person, office, post, pack, version, digest, advised`
	namelessDecision = `event, id, type, outcome, amount, from_month, to_month, day, recorded, '', office, '', pack, version, digest, advised`
)

// scanDecision reads either of them.
func scanDecision(rows *sql.Rows, d *DecisionLine) error {
	var recorded int64
	err := rows.Scan(&d.Event, &d.Case, &d.Type, &d.Outcome, &d.Amount, &d.From, &d.To, &d.Day, &recorded,
		&d.Actor.Person, &d.Actor.Office, &d.Actor.Post, &d.Rules.Pack, &d.Rules.Version, &d.Rules.Digest, &d.Advised)
	d.Recorded = moment(recorded)
	return err
}

// newestDecisions walks decisions backwards.
var newestDecisions = listing[DecisionLine]{nil, place{last, ""},
	func(d DecisionLine) place { return place{int64(d.Day), d.Event} }, scanDecision}

var (
	// By the primary key.
	qAllCases = &question{"all-cases", "cases", false, `SELECT ` + caseColumns + ` FROM cases c
		WHERE c.gen = (SELECT live FROM projection WHERE name = 'cases') AND c.id > $1 ORDER BY c.id LIMIT $2`}
	// By decisions_case, in the order of the record.
	qCaseDecisions = &question{"case-decisions", "decisions", false, `SELECT ` + decisionColumns + ` FROM decisions
		WHERE gen = (SELECT live FROM projection WHERE name = 'decisions') AND id = $1 ORDER BY revision`}
	// By decisions_office, backwards. The officer is not read at all, so that
	// no caller can show him by mistake.
	qOfficeDecisions = &question{"office-decisions", "decisions", false, `SELECT ` + namelessDecision + ` FROM decisions
		WHERE gen = (SELECT live FROM projection WHERE name = 'decisions') AND office = $1 AND (day, event) < ($2, $3) ORDER BY day DESC, event DESC LIMIT $4`}
	// By decisions_person, backwards: who asks names the officer.
	qOfficerDecisions = &question{"officer-decisions", "decisions", false, `SELECT ` + decisionColumns + ` FROM decisions
		WHERE gen = (SELECT live FROM projection WHERE name = 'decisions') AND person = $1 AND (day, event) < ($2, $3) ORDER BY day DESC, event DESC LIMIT $4`}
	// By decisions_advised, backwards.
	qAdvised = &question{"advised-decisions", "decisions", false, `SELECT ` + namelessDecision + ` FROM decisions
		WHERE gen = (SELECT live FROM projection WHERE name = 'decisions') AND advised = $1 AND (day, event) < ($2, $3) ORDER BY day DESC, event DESC LIMIT $4`}
	// By the primary key, every reader of an event.
	qTimeline = &question{"timeline", "timeline", false, `SELECT ` + stepColumns + `, t.revision, t.reader FROM timeline t
		WHERE t.gen = (SELECT live FROM projection WHERE name = 'timeline') AND t.id = $1 AND (t.revision, t.reader) > ($2, $3) ORDER BY t.revision, t.reader LIMIT $4`}
	// From caseload_office alone, grouped in its order.
	qLoads = &question{"loads", "caseload", false, `SELECT person, count(*), coalesce(sum(running), 0), coalesce(sum(running * members), 0) FROM caseload
		WHERE gen = (SELECT live FROM projection WHERE name = 'caseload') AND office = $1 AND open = 1 GROUP BY person ORDER BY person`}
)

// Cases lists all cases by id, whatever their office.
func (b Bench) Cases(ctx context.Context, a Ask) (Page[CaseLine], error) {
	return pages(ctx, b.db, byID.of(qAllCases), a)
}

// CaseDecisions lists who decided what in one case, in the order of the record.
// Officers are named: whoever asks for one case looks into its file.
func (b Bench) CaseDecisions(ctx context.Context, id string) ([]DecisionLine, error) {
	return all(ctx, b.db, qCaseDecisions, scanDecision, id)
}

// OfficeDecisions lists the decisions of an office without their officers, the
// newest first.
func (b Bench) OfficeDecisions(ctx context.Context, office string, a Ask) (Page[DecisionLine], error) {
	return pages(ctx, b.db, newestDecisions.of(qOfficeDecisions), a, office)
}

// OfficerDecisions lists the decisions of one officer, the newest first.
func (b Bench) OfficerDecisions(ctx context.Context, person string, a Ask) (Page[DecisionLine], error) {
	return pages(ctx, b.db, newestDecisions.of(qOfficerDecisions), a, person)
}

// Advised lists the decisions that stand in one way to their advice, such as
// AdvisedOther, without their officers.
func (b Bench) Advised(ctx context.Context, how string, a Ask) (Page[DecisionLine], error) {
	return pages(ctx, b.db, newestDecisions.of(qAdvised), a, how)
}

// Seen is a step with who may see it.
type Seen struct {
	Step
	Revision int64  `json:"revision"`
	Reader   string `json:"reader,omitempty"` // office:ID, post:ID, - for reviewers alone; none: all who handle the case
}

// Timeline is every event of a case, once for each reader that it names, hidden
// ones among them. It must not be shown to anybody at the office.
func (b Bench) Timeline(ctx context.Context, id string, a Ask) (Page[Seen], error) {
	walk := listing[Seen]{nil, place{int64(-1), ""}, func(s Seen) place { return place{s.Revision, s.Reader} },
		func(rows *sql.Rows, s *Seen) error { return scanStep(rows, &s.Step, &s.Revision, &s.Reader) }}
	return pages(ctx, b.db, walk.of(qTimeline), a, id)
}

// Loads is the caseload of every worker of an office, against Standard. The
// standard counts recipients; whether a shortage follows from it is not said.
func (b Bench) Loads(ctx context.Context, office string) ([]Load, error) {
	return all(ctx, b.db, qLoads, scanLoad, office)
}
