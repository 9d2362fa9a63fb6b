package projections

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/privacy"
)

// personsModel is the name of the blind index.
const personsModel = "persons"

// An Index makes the digests of the blind index. ID names its key.
type Index interface {
	ID() string
	Digest(kind, value string) []byte
}

// Persons is what the blind index is folded with: the vault. Open's errors are
// those of domain.Sealer. Index is asked whenever the index is begun or asked,
// so that a rotated key is noticed.
type Persons struct {
	Open  func(stream, event string, s domain.Sealed) (string, error)
	Index func() (Index, error)
}

// identifier is one sealed piece of an event by which a person is found.
type identifier struct {
	kind   string
	sealed domain.Sealed
}

// identifiers picks them out of an event.
func identifiers(body any, sealed []domain.Sealed) (list []identifier) {
	for _, s := range sealed {
		if kind := eligibility.Identifies(body, s.Field); kind != "" {
			list = append(list, identifier{kind, s})
		}
	}
	return list
}

// personRow says that a digest is of a person.
type personRow struct {
	Subject string `col:"subject"`
	Kind    string `col:"kind"`
	Digest  string `col:"digest"`
	Hidden  int64  `col:"hidden"` // in the key: a hidden event takes nothing from whom others may see
	ID      string `col:"id"`
	Person  string `col:"person"`
}

// personKeyRow names the key that made the digests of a generation.
type personKeyRow struct {
	Key string `col:"key"`
}

// personStateRow is where the data of a person stands. It remembers what was
// asked, for the answer names only the request.
type personStateRow struct {
	Subject string `col:"subject"`
	Request string `col:"request"`
	Act     string `col:"act"`
	Closed  int64  `col:"closed"`
}

// persons is the blind index. Every value that a person ever had stays, until
// his data is shredded; while it is restricted nobody finds him. An index that
// is built while the key lies in escrow has nothing of him: whoever releases it
// asks for a rebuild.
type persons struct {
	with   *Persons
	index  Index
	broken error
	rows   replaced[personRow]
	keys   appended[personKeyRow]
	states kept[personStateRow]
}

// newPersons makes the blind index.
func newPersons(o Options) model {
	m := &persons{with: o.Persons, rows: replacedIn[personRow]("persons", 4), keys: appendedIn[personKeyRow]("person_keys", 1, 0),
		states: keptIn[personStateRow]("person_states")}
	if m.with != nil {
		var err error
		if m.index, err = m.with.Index(); err != nil {
			m.index, m.broken = nil, fmt.Errorf("%w: blind index: %w", ErrPoison, err)
		}
	}
	return m
}

func (m *persons) sets() []set { return []set{&m.rows, &m.keys, &m.states} }

// want names the person of whose data something is asked or decided.
func (m *persons) want(e *event) {
	switch b := e.body.(type) {
	case *privacy.Asked:
		m.states.want(e.id + "/" + b.Subject)
	case *privacy.Answered:
		m.states.want(e.id + "/" + b.Subject)
	}
}

// fold takes the digests of what the vault opens. What is decided about a
// person counts from its approval on, whatever the vault has done by then.
func (m *persons) fold(e *event) {
	switch b := e.body.(type) {
	case *privacy.Asked:
		s := m.states.get(e.id + "/" + b.Subject)
		s.Subject, s.Request, s.Act = e.id+"/"+b.Subject, e.ID, string(b.Act)
	case *privacy.Answered:
		if s := m.states.get(e.id + "/" + b.Subject); b.Approved && s.Request == b.Request {
			m.decided(s)
		}
	default:
		for _, f := range e.found {
			m.add(e, f)
		}
	}
}

// decided closes the data of a person, or opens it.
func (m *persons) decided(s *personStateRow) {
	switch privacy.Act(s.Act) {
	case privacy.Restrict:
		s.Closed = 1
	case privacy.Release:
		s.Closed = 0
	case privacy.Shred:
		s.Closed = 1
		m.rows.drop(s.Subject)
	}
}

// add takes one digest. What cannot be opened, because its key lies in escrow,
// was destroyed or is lost, is not found.
func (m *persons) add(e *event, f identifier) {
	if m.index == nil || m.broken != nil {
		return
	}
	text, err := m.with.Open(e.Stream, e.ID, f.sealed)
	switch {
	case errors.Is(err, domain.ErrSealed):
	case err != nil: // of the event or of the vault: this index alone stops, and says why
		m.broken = fmt.Errorf("%w: event %s: %w", ErrPoison, e.ID, err)
	default:
		person := f.sealed.Subject[min(len(e.id)+1, len(f.sealed.Subject)):]
		m.rows.add(personRow{f.sealed.Subject, f.kind, hex.EncodeToString(m.index.Digest(f.kind, text)), yes(!e.everybody()), e.id, person})
		m.keys.add(personKeyRow{m.index.ID()})
	}
}

// trouble implements troubled, once.
func (m *persons) trouble() error {
	err := m.broken
	if m.index != nil {
		m.broken = nil
	}
	return err
}

// A PersonHit says that somebody in a case has the value that was asked for.
type PersonHit struct {
	Case   string `json:"case"`
	Person string `json:"person"` // pseudonym in the case
	Hidden bool   `json:"-"`      // it rests on an event that not everybody at the office may see
}

// maxHits is how many a search finds; whoever has more names something rarer.
const maxHits = 100

var (
	// By persons_digest, each with its state by the primary key.
	qPersons = &question{"persons", personsModel, false, `SELECT p.id, p.person, min(p.hidden) FROM persons p
		WHERE p.gen = (SELECT live FROM projection WHERE name = 'persons') AND p.digest = $1 AND p.kind = $2
			AND NOT EXISTS (SELECT 1 FROM person_states s WHERE s.gen = p.gen AND s.subject = p.subject AND s.closed = 1) GROUP BY p.id, p.person ORDER BY p.id, p.person LIMIT $3`}
	// By persons_digest, each hit with its case by the primary key.
	qDeskPersons = &question{"desk-persons", personsModel, true, `SELECT p.id, p.person, 0 FROM persons p
		JOIN cases c ON c.gen = (SELECT live FROM projection WHERE name = 'cases') AND c.id = p.id AND c.office = $3
		WHERE p.gen = (SELECT live FROM projection WHERE name = 'persons') AND p.digest = $1 AND p.kind = $2 AND p.hidden = 0
			AND NOT EXISTS (SELECT 1 FROM person_states s WHERE s.gen = p.gen AND s.subject = p.subject AND s.closed = 1) ORDER BY p.id, p.person LIMIT $4`}
)

// Persons finds who has a value: domain.IndexIDNumber, IndexName or
// IndexAccount. More says that there are further hits than maxHits. The error
// is ErrNotBuilt while the digests are of another key than the index has.
// Whoever asks puts it on record before he shows the answer.
func (b Bench) Persons(ctx context.Context, x Index, kind, value string) (hits []PersonHit, more bool, err error) {
	return b.db.persons(ctx, x, qPersons, kind, value)
}

// Persons finds who in the cases of the desk's office has a value, as far as
// everybody there may see it.
func (d Desk) Persons(ctx context.Context, x Index, kind, value string) (hits []PersonHit, more bool, err error) {
	return d.db.persons(ctx, x, qDeskPersons, kind, value, d.office)
}

func (d *DB) persons(ctx context.Context, x Index, q *question, kind, value string, args ...any) ([]PersonHit, bool, error) {
	at, err := d.checkpointOf(ctx, personsModel)
	if err == nil {
		err = d.sameKey(ctx, x, at.live)
	}
	if err != nil {
		return nil, false, err
	}
	scan := func(rows *sql.Rows, h *PersonHit) error {
		var hidden int64
		err := rows.Scan(&h.Case, &h.Person, &hidden)
		h.Hidden = hidden != 0
		return err
	}
	hits, err := all(ctx, d, q, scan, append(append([]any{hex.EncodeToString(x.Digest(kind, value)), kind}, args...), maxHits+1)...)
	if len(hits) > maxHits {
		return hits[:maxHits], true, err
	}
	return hits, false, err
}

// sameKey refuses a generation whose digests another key made: nothing would be
// found in it, and that would look like an answer.
func (d *DB) sameKey(ctx context.Context, x Index, gen int64) error {
	rows, err := d.read.QueryContext(ctx, `SELECT key FROM person_keys WHERE gen = $1`, gen)
	if err != nil {
		return err
	}
	return each(rows, func(rows *sql.Rows) error {
		var key string
		if err := rows.Scan(&key); err != nil {
			return err
		}
		if key != x.ID() {
			return fmt.Errorf("%w: the key of the blind index was changed", ErrNotBuilt)
		}
		return nil
	})
}

// rekeyed says why the blind index must be built again, or nil.
func (p *Projector) rekeyed(ctx context.Context, gen int64) error {
	if p.Options.Persons == nil {
		return nil
	}
	x, err := p.Options.Persons.Index()
	if err != nil {
		return nil // the fold will say why
	}
	if err := p.DB.sameKey(ctx, x, gen); errors.Is(err, ErrNotBuilt) {
		return err
	}
	return nil
}

// Searched is a search as it goes on record: one access for each case that it
// found, or one for the search that found nothing. What was looked for is not
// in it.
func Searched(hits []PersonHit, kind, purpose string) []domain.Access {
	access := domain.Access{Kind: "search", Fields: []string{kind}, Purpose: purpose}
	var list []domain.Access
	for _, h := range hits {
		if access.Case != h.Case {
			access.Case = h.Case
			list = append(list, access)
		}
	}
	if len(list) == 0 {
		list = append(list, access)
	}
	return list
}
