package projections

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"leeway/domain"
	"leeway/domain/review"
)

// clueRow is one clue.
type clueRow struct {
	ID     string `col:"id"`
	Case   string `col:"case_id"`
	Source string `col:"source"`
	Day    int64  `col:"day"`
	Open   int64  `col:"open"`
	Review string `col:"review"`
	Named  string `col:"named"`
}

// clueModel is for the bench alone, and of it for the discipline organ alone.
type clueModel struct{ clues kept[clueRow] }

// newClues makes the list of clues.
func newClues(Options) model { return &clueModel{keptIn[clueRow]("clues")} }

func (m *clueModel) sets() []set { return []set{&m.clues} }

func (m *clueModel) want(e *event) {
	if _, ok := e.body.(review.ClueEvent); ok {
		m.clues.want(e.id)
	}
}

// fold follows a clue from its registration to its end.
func (m *clueModel) fold(e *event) {
	b, ok := e.body.(review.ClueEvent)
	if !ok {
		return
	}
	r := m.clues.get(e.id)
	r.ID = e.id
	switch b := b.(type) {
	case *review.ClueRegistered:
		r.Case, r.Source, r.Day, r.Open, r.Named = b.Case, string(b.Source), int64(b.Day), 1, toJSON(b.Persons)
	case *review.ClueLinked:
		r.Review = b.Review
	case *review.ClueClosed:
		r.Open = 0
	}
}

// OpenClue is a clue that has not ended.
type OpenClue struct {
	ID     string     `json:"id"`
	Case   string     `json:"case"`
	Office string     `json:"office,omitempty"` // that handles the case
	Source string     `json:"source"`
	Day    domain.Day `json:"day"`
	Review string     `json:"review,omitempty"`

	named []string
}

// By clues_open, and the office of each case by its primary key.
var qOpenClues = &question{"open-clues", "clues", false, `SELECT k.id, k.case_id, coalesce(c.office, ''), k.source, k.day, k.review, k.named FROM clues k
	LEFT JOIN cases c ON c.gen = (SELECT live FROM projection WHERE name = 'cases') AND c.id = k.case_id
	WHERE k.gen = (SELECT live FROM projection WHERE name = 'clues') AND k.open = 1 AND (k.day, k.id) > ($1, $2) ORDER BY k.day, k.id LIMIT $3`}

// OpenClues lists the clues that have not ended, the oldest first. Whoever is
// named in one is not shown it, so that a page may be shorter than was asked.
// It is for the discipline organ; nobody else may be given it.
func (b Bench) OpenClues(ctx context.Context, reader string, a Ask) (Page[OpenClue], error) {
	walk := listing[OpenClue]{qOpenClues, place{int64(0), ""}, func(c OpenClue) place { return place{int64(c.Day), c.ID} },
		func(rows *sql.Rows, c *OpenClue) error {
			var named string
			if err := rows.Scan(&c.ID, &c.Case, &c.Office, &c.Source, &c.Day, &c.Review, &named); err != nil {
				return err
			}
			return json.Unmarshal([]byte(named), &c.named)
		}}
	page, err := pages(ctx, b.db, walk, a)
	page.Rows = slices.DeleteFunc(page.Rows, func(c OpenClue) bool { return slices.Contains(c.named, reader) })
	return page, err
}
