package projections

import (
	"crypto/sha256"
	"fmt"
	"hash/fnv"

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
	Stream     string `col:"stream"`
	Shard      int64  `col:"shard"` // below Shards
	Programme  string `col:"programme"`
	Pack       string `col:"pack"`
	Office     string `col:"office"`
	Revision   int64  `col:"revision"` // of the last event
	FirstAt    int64  `col:"first_at"` // position of the first event
	LastAt     int64  `col:"last_at"`
	FirstMonth int64  `col:"first_month"` // of those it speaks of; 0: none
	LastMonth  int64  `col:"last_month"`
	Died       int64  `col:"died"`   // a death is on record
	Kin        int64  `col:"kin"`    // a tie to an official is on record
	Digest     digest `col:"digest"` // running, over all events
}

// dossierEventRow is one event of a dossier. It has a row of its own, so that
// an append to a long case costs no more than one to a short case.
type dossierEventRow struct {
	Stream   string `col:"stream"`
	Revision int64  `col:"revision"`
	Position int64  `col:"position"`
	Envelope []byte `col:"envelope"` // canonical bytes
}

// dossiersModel keeps the canonical bytes of every case and register event
// beside a running digest, so that a dossier proves itself whole.
type dossiersModel struct {
	heads  kept[dossierRow]
	events appended[dossierEventRow]
}

// newDossiers makes the dossiers.
func newDossiers(Options) model {
	return &dossiersModel{
		heads:  keptIn[dossierRow]("dossiers"),
		events: appendedIn[dossierEventRow]("dossier_events", 2, 0),
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

// want names the stream of every event that is filed.
func (m *dossiersModel) want(e *event) {
	if filed(e) {
		m.heads.want(e.Stream)
	}
}

// fold takes the bytes as the store gave them. They are not written anew: what
// the ledger has hashed is what a replay folds.
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

// nextDigest is the digest of a dossier after one more event. It runs over the
// digests of the events, so their bytes cannot be cut elsewhere.
func nextDigest(before digest, data []byte) digest {
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
