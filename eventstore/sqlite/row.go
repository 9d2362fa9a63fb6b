package sqlite

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"

	"leeway/eventstore"
)

// columns are what a row is read from, in the order scan expects.
const columns = `position, stream, revision, id, type, command, created, data, sum`

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// scanner turns rows into records. It keeps its buffer between rows, since a
// scan of the store passes millions of them. It is not for concurrent use.
type scanner struct{ scratch []byte }

// scan reads the row that rows stands at. A row that is not what was written
// is ErrCorrupt, and the error names it by what can be made out of it.
func (s *scanner) scan(rows *sql.Rows) (eventstore.Recorded, error) {
	var r eventstore.Recorded
	var position, created, sum int64
	err := rows.Scan(&position, &r.Stream, &r.Revision, &r.ID, &r.Type, &r.Command, &created, &r.Data, &sum)
	r.Position = eventstore.Position(position)
	if err != nil {
		return r, fmt.Errorf("%w: stream %q revision %d, position %d: %w",
			eventstore.ErrCorrupt, r.Stream, r.Revision, position, err)
	}
	r.Created = time.Unix(0, created).UTC()
	if got := s.sum(r); got != sum {
		return r, fmt.Errorf("%w: stream %q revision %d, position %d: checksum is %08x, recorded was %08x",
			eventstore.ErrCorrupt, r.Stream, r.Revision, position, got, sum)
	}
	return r, nil
}

// sum is a checksum over everything a row holds, each text with its length so
// that no two rows run together to the same bytes. SQLite has no checksum of
// its own over what it stores, so without this one a flipped bit in an amount
// of money would be read back as a fact.
func (s *scanner) sum(r eventstore.Recorded) int64 {
	b := s.scratch[:0]
	b = binary.BigEndian.AppendUint64(b, uint64(r.Position))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Revision))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Created.UnixNano()))
	for _, text := range [...]string{r.Stream, r.ID, r.Type, r.Command} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	s.scratch = b
	return int64(crc32.Update(crc32.Checksum(b, castagnoli), castagnoli, r.Data))
}
