package projections

import (
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// Shards is into how many parts the dossiers are cut. A machine that takes
// part i of n takes the shards from Shards*i/n on, before Shards*(i+1)/n.
const Shards = 1024

// shardOf is the part that a stream belongs to.
func shardOf(stream string) int64 {
	h := fnv.New32a()
	h.Write([]byte(stream))
	return int64(h.Sum32() % Shards)
}

// dossierRow is the head of a dossier: the range of events it holds, and what
// bulk replay filters by.
type dossierRow struct {
	Stream                  string
	Shard                   int64
	Programme, Pack, Office string
	Revision                int64
	FirstAt, LastAt         int64
	FirstMonth, LastMonth   int64
	Died, Kin               int64
	Digest                  [sha256.Size]byte
}

type dossierEventRow struct {
	Stream             string
	Revision, Position int64
	Envelope           []byte
}

// dossiersModel keeps the canonical bytes of every case and register event
// beside a running digest, so that a dossier proves itself whole.
type dossiersModel struct {
	heads  kept[dossierRow]
	events appended[dossierEventRow]
}

func newDossiers(Options) model {
	return &dossiersModel{
		heads: kept[dossierRow]{
			table: table{"dossiers", []string{"stream", "shard", "programme", "pack", "office", "revision", "first_at", "last_at",
				"first_month", "last_month", "died", "kin", "digest"}, 1, 0},
			key: func(r dossierRow) string { return r.Stream },
			fields: func(r *dossierRow) []any {
				return []any{&r.Stream, &r.Shard, &r.Programme, &r.Pack, &r.Office, &r.Revision, &r.FirstAt, &r.LastAt,
					&r.FirstMonth, &r.LastMonth, &r.Died, &r.Kin, (*digest)(&r.Digest)}
			},
		},
		events: appended[dossierEventRow]{
			table: table{"dossier_events", []string{"stream", "revision", "position", "envelope"}, 2, 0},
			order: func(a, b dossierEventRow) int {
				return byKey(strings.Compare(a.Stream, b.Stream), int(a.Revision-b.Revision))
			},
			fields: func(r *dossierEventRow) []any {
				return []any{&r.Stream, &r.Revision, &r.Position, &r.Envelope}
			},
		},
	}
}

func (m *dossiersModel) sets() []set { return []set{&m.heads, &m.events} }

// filed reports whether an event belongs to a dossier.
func filed(e *event) bool {
	switch e.body.(type) {
	case eligibility.Event, eligibility.RegisterEvent:
		return true
	}
	return false
}

func (m *dossiersModel) want(e *event) {
	if filed(e) {
		m.heads.want(e.Stream)
	}
}

func (m *dossiersModel) fold(e *event) {
	if !filed(e) {
		return
	}
	r := m.heads.get(e.Stream)
	if r.Stream == "" {
		r.Stream, r.Shard, r.FirstAt = e.Stream, shardOf(e.Stream), int64(e.pos)
	}
	r.Revision, r.LastAt = e.Revision, int64(e.pos)
	r.Digest = nextDigest(r.Digest, e.data)
	switch b := e.body.(type) {
	case *eligibility.CaseOpened:
		r.Programme, r.Pack, r.Office = b.Programme, b.Pack, b.Office
	case *eligibility.DeathRecorded:
		r.Died = 1
	case *eligibility.KinshipFiled:
		r.Kin = 1
	}
	if b := e.caseEvent(); b != nil {
		r.span(moneyOf(b))
	}
	m.events.add(dossierEventRow{e.Stream, e.Revision, int64(e.pos), e.data})
}

// span widens the benefit months that a dossier speaks of.
func (r *dossierRow) span(m domain.Month, _ domain.Fen) {
	if m == 0 {
		return
	}
	if r.FirstMonth == 0 || int64(m) < r.FirstMonth {
		r.FirstMonth = int64(m)
	}
	r.LastMonth = max(r.LastMonth, int64(m))
}

// nextDigest is the digest of a dossier after one more event.
func nextDigest(before [sha256.Size]byte, data []byte) [sha256.Size]byte {
	own := sha256.Sum256(data)
	return sha256.Sum256(append(before[:], own[:]...))
}

// digest scans a stored digest.
type digest [sha256.Size]byte

// Scan implements sql.Scanner.
func (d *digest) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok || copy(d[:], b) != len(d) {
		return fmt.Errorf("%w: a digest of %d bytes", domain.ErrAltered, len(b))
	}
	return nil
}
