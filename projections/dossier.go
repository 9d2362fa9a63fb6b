package projections

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// A Dossier is one stream as bulk replay takes it: its canonical envelopes,
// with a head that proves them whole.
//
// It is trusted with nothing. Check finds what was lost or changed between the
// fold and the reader; that the events are those of the store, and the store's
// those that happened, is for whoever compares Revision with the stream and
// the bytes with the ledger.
type Dossier struct {
	Stream     string
	Programme  string
	Pack       string
	Office     string
	Revision   int64 // of the last event; the first is 0
	FirstAt    eventstore.Position
	LastAt     eventstore.Position
	FirstMonth domain.Month // benefit months that it speaks of
	LastMonth  domain.Month
	Died       bool // a death is on record
	Kin        bool // a tie to an official is on record
	Envelopes  [][]byte

	shard  int64
	digest digest
	same   bool // found equal to the stream by Heads.Check
}

// Case is the id of the dossier's case; "" for a register.
func (d *Dossier) Case() string {
	id, ok := strings.CutPrefix(d.Stream, casePrefix)
	if !ok {
		return ""
	}
	return id
}

// Check reports whether the envelopes are all that the head says, in order and
// to the byte. A dossier that is not whole answers nothing: the error wraps
// domain.ErrAltered.
func (d *Dossier) Check() error {
	if int64(len(d.Envelopes)) != d.Revision+1 {
		return fmt.Errorf("%w: the dossier of %s holds %d events of %d", domain.ErrAltered, d.Stream, len(d.Envelopes), d.Revision+1)
	}
	var sum digest
	for _, e := range d.Envelopes {
		sum = nextDigest(sum, e)
	}
	if !bytes.Equal(sum[:], d.digest[:]) {
		return fmt.Errorf("%w: the events in the dossier of %s are not those it was made of", domain.ErrAltered, d.Stream)
	}
	return nil
}

// Fold is the state of the case after the events that keep picks; nil picks
// all. It checks the dossier first.
func (d *Dossier) Fold(keep func(domain.Meta) bool) (*eligibility.Case, error) {
	c := &eligibility.Case{ID: d.Case()}
	err := d.walk(keep, func(env domain.Envelope) error {
		e, err := eligibility.Decode(env.Type, env.Clear)
		if err == nil {
			c.Apply(e, env.Meta)
		}
		return err
	})
	return c, err
}

// Each tells of every event of the case in order. It checks the dossier first.
func (d *Dossier) Each(f func(domain.Envelope, eligibility.Event) error) error {
	return d.walk(nil, func(env domain.Envelope) error {
		e, err := eligibility.Decode(env.Type, env.Clear)
		if err != nil {
			return err
		}
		return f(env, e)
	})
}

// FoldRegister adds the events of a register's dossier to a register.
func (d *Dossier) FoldRegister(r *eligibility.Register) error {
	return d.walk(nil, func(env domain.Envelope) error {
		e, err := eligibility.DecodeRegister(env.Type, env.Clear)
		if err == nil {
			r.Apply(e, env.Meta)
		}
		return err
	})
}

// walk checks the dossier and hands its events over in order, each compared with
// the place that it should have.
func (d *Dossier) walk(keep func(domain.Meta) bool, f func(domain.Envelope) error) error {
	decode := domain.DecodeEnvelope
	if d.same { // the store's bytes were decoded strictly when they were folded
		decode = domain.ParseEnvelope
	} else if err := d.Check(); err != nil {
		return err
	}
	for i, b := range d.Envelopes {
		env, err := decode(b)
		if err == nil && (env.Stream != d.Stream || env.Revision != int64(i)) {
			err = fmt.Errorf("%w: it is revision %d of %s", domain.ErrAltered, env.Revision, env.Stream)
		}
		if err == nil && (keep == nil || keep(env.Meta)) {
			err = f(env)
		}
		if err != nil {
			return fmt.Errorf("dossier of %s, revision %d: %w", d.Stream, i, err)
		}
	}
	return nil
}

// dossierColumns are the columns of a head, of a table that the query calls d.
const dossierColumns = `d.stream, d.shard, d.programme, d.pack, d.office, d.revision, d.first_at, d.last_at, d.first_month, d.last_month, d.died, d.kin, d.digest`

var (
	// By the primary keys.
	qDossier = &question{"dossier", "dossiers", false, `SELECT ` + dossierColumns + `, e.envelope FROM dossiers d
		JOIN dossier_events e ON e.gen = d.gen AND e.stream = d.stream
		WHERE d.gen = (SELECT live FROM projection WHERE name = 'dossiers') AND d.stream = $1 ORDER BY e.revision`}
	// The heads are picked first, by dossiers_shard, then the events of each by
	// key. Sorting is of one page.
	qDossiers = &question{"dossiers", "dossiers", false, `SELECT ` + dossierColumns + `, e.envelope FROM (
			SELECT * FROM dossiers h WHERE h.gen = (SELECT live FROM projection WHERE name = 'dossiers')
			AND h.shard < $1 AND (h.shard, h.stream) > ($2, $3) ORDER BY h.shard, h.stream LIMIT $4) d
		JOIN dossier_events e ON e.gen = d.gen AND e.stream = d.stream
		ORDER BY d.shard, d.stream, e.revision`}
	// By dossiers_shard.
	qDossierHeads = &question{"dossier heads", "dossiers", false, `SELECT ` + dossierColumns + ` FROM dossiers d
		WHERE d.gen = (SELECT live FROM projection WHERE name = 'dossiers') AND d.shard >= $1 AND d.shard < $2 ORDER BY d.shard, d.stream`}
)

// Dossier is the dossier of a stream, such as "case-" with the id of a case.
func (b Bench) Dossier(ctx context.Context, stream string) (*Dossier, error) {
	list, err := all(ctx, b.db, qDossier, scanDossier, stream)
	if err != nil {
		return nil, err
	}
	joined := join(list)
	if len(joined) == 0 {
		return nil, fmt.Errorf("%w: there is no dossier of %q", domain.ErrNotFound, stream)
	}
	return joined[0], nil
}

// Shard is a part of all dossiers: those from From on and before To, of
// Shards.
type Shard struct{ From, To int }

// Part is what machine i of n takes, from 0 on.
func Part(i, n int) Shard { return Shard{Shards * i / n, Shards * (i + 1) / n} }

// Dossiers walks a part of all dossiers in pages, registers among them.
func (b Bench) Dossiers(ctx context.Context, part Shard, a Ask) (Page[*Dossier], error) {
	var page Page[*Dossier]
	at, err := qDossiers.from(a.Cursor, place{int64(part.From), ""})
	if err != nil {
		return page, fmt.Errorf("%w: %s", err, qDossiers.name)
	}
	n := a.rows()
	list, err := all(ctx, b.db, qDossiers, scanDossier, append(append([]any{int64(part.To)}, at...), n+1)...)
	if err != nil {
		return page, err
	}
	page.Rows = join(list)
	if len(page.Rows) > n {
		page.Rows = page.Rows[:n]
		page.Next = qDossiers.cursor(place{page.Rows[n-1].shard, page.Rows[n-1].Stream})
	}
	return page, nil
}

// DossierHeads are the heads of a part, without their events: what they were
// made of, by Digest, and nothing to fold.
func (b Bench) DossierHeads(ctx context.Context, part Shard) ([]*Dossier, error) {
	list, err := all(ctx, b.db, qDossierHeads, scanDossierHead, int64(part.From), int64(part.To))
	if err != nil {
		return nil, err
	}
	heads := make([]*Dossier, len(list))
	for i := range list {
		heads[i] = &list[i]
	}
	return heads, nil
}

func scanDossierHead(rows *sql.Rows, d *Dossier) error {
	var first, last int64
	err := rows.Scan(&d.Stream, &d.shard, &d.Programme, &d.Pack, &d.Office, &d.Revision, &first, &last,
		&d.FirstMonth, &d.LastMonth, &d.Died, &d.Kin, &d.digest)
	d.FirstAt, d.LastAt = eventstore.Position(first), eventstore.Position(last)
	return err
}

// scanDossier reads one event of a dossier with its head.
func scanDossier(rows *sql.Rows, d *Dossier) error {
	var first, last int64
	var envelope []byte
	err := rows.Scan(&d.Stream, &d.shard, &d.Programme, &d.Pack, &d.Office, &d.Revision, &first, &last,
		&d.FirstMonth, &d.LastMonth, &d.Died, &d.Kin, &d.digest, &envelope)
	d.FirstAt, d.LastAt = eventstore.Position(first), eventstore.Position(last)
	d.Envelopes = [][]byte{envelope}
	return err
}

// join puts the rows of one dossier together, an envelope each.
func join(list []Dossier) (joined []*Dossier) {
	for i := range list {
		if n := len(joined); n > 0 && joined[n-1].Stream == list[i].Stream {
			joined[n-1].Envelopes = append(joined[n-1].Envelopes, list[i].Envelopes...)
			continue
		}
		joined = append(joined, &list[i])
	}
	return joined
}
