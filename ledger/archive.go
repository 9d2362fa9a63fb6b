package ledger

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"time"

	"leeway/domain"
)

// shanghai is the zone of every civil day; it has had one offset since 1991.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

func civil(t time.Time) string { return t.In(shanghai).Format(time.DateOnly) }

const recordTime = "2006-01-02T15:04:05.000Z"

// errTorn says that a record stops short: the end of a file that was being
// written when the machine went down, or a damaged length.
var errTorn = errors.New("record is cut off")

// encodeRecord frames a checkpoint: number, time and length on one line, then
// the note as it is.
func encodeRecord(s Sealed) []byte {
	b := fmt.Appendf(nil, "checkpoint %d %s %d\n", s.Seq, s.Time.UTC().Format(recordTime), len(s.Note))
	return append(append(b, s.Note...), '\n')
}

// decodeRecord reads one record from the front of b and returns what follows
// it. It takes no other spelling: what encodeRecord would not have written is
// ErrMalformed, what stops before its length says is errTorn.
func decodeRecord(b []byte) (s Sealed, rest []byte, err error) {
	line, body, found := bytes.Cut(b, []byte("\n"))
	if !found {
		return Sealed{}, b, errTorn
	}
	var at string
	var size int
	if _, err := fmt.Sscanf(string(line), "checkpoint %d %s %d", &s.Seq, &at, &size); err != nil || size < 0 {
		return Sealed{}, b, domain.Deny(ErrMalformed, "checkpoint record begins with %.80q", "", line)
	}
	if s.Time, err = time.Parse(recordTime, at); err != nil {
		return Sealed{}, b, domain.Deny(ErrMalformed, "checkpoint record has time %.80q", "", at)
	}
	if len(body) <= size {
		return Sealed{}, b, errTorn
	}
	s.Note, rest = bytes.Clone(body[:size]), body[size+1:]
	if !bytes.HasPrefix(b, encodeRecord(s)) {
		return Sealed{}, b, domain.Deny(ErrMalformed, "checkpoint record %.80q is spelled otherwise than it was written", "", line)
	}
	return s, rest, nil
}

// archive copies a head into the file of its day. It comes before the head is
// removed, so a crash leaves the checkpoint in both places and never in none.
func (f *Folder) archive(seq int64) error {
	s, err := f.head(seq)
	if err != nil {
		return err
	}
	return f.append(s)
}

// append writes a record to the end of its day. A record that a crash cut off
// is put aside first, never written over: it may be damage instead.
func (f *Folder) append(s Sealed) error {
	day := civil(s.Time)
	name := path.Join(daysDir, day)
	end, err := f.endOf(day)
	if err != nil {
		return err
	}
	file, err := f.dir.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	b := encodeRecord(s)
	// Cut first: a torn record that is longer than this one would leave its
	// own end behind it.
	err = file.Truncate(end)
	if err == nil {
		_, err = file.WriteAt(b, end)
	}
	if err == nil {
		err = file.Sync()
	}
	// The first record of a day has also made the file's name.
	if err = errors.Join(err, file.Close()); err == nil && end == 0 {
		err = syncDir(f.dir, daysDir)
	}
	if err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	f.day, f.end = day, end+int64(len(b))
	return nil
}

// endOf is where the whole records of a day end. It reads the file unless it
// ends where this process left it.
func (f *Folder) endOf(day string) (int64, error) {
	name := path.Join(daysDir, day)
	if info, err := f.dir.Stat(name); err == nil && f.day == day && f.end == info.Size() {
		return f.end, nil
	}
	old, whole, err := f.readDay(day)
	if errors.Is(err, errTorn) {
		err = replace(f.dir, fmt.Sprintf("%s.torn-%d", name, whole), old)
	}
	return whole, err
}

// readDay reads a day's file and how much of it is whole records. There is no
// error where there is no file. errTorn says that the last record stops short;
// anything else that cannot be read is ErrDamaged, with the place.
func (f *Folder) readDay(day string) (b []byte, whole int64, err error) {
	b, err = f.dir.ReadFile(path.Join(daysDir, day))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("checkpoints: %w", err)
	}
	rest := b
	for len(rest) > 0 && err == nil {
		_, rest, err = decodeRecord(rest)
	}
	if err != nil && !errors.Is(err, errTorn) {
		err = domain.Deny(ErrDamaged, "checkpoints of %s, at byte %d: %s", "", day, len(b)-len(rest), err)
	}
	return b, int64(len(b) - len(rest)), err
}

// dayRecords returns the records of a day in order of their numbers, each as
// it was written last: cosignatures that came late stand in a second record of
// the same number. One that is torn is left out; Back notices the gap unless
// the checkpoint is still a head, as it is after a crash.
func (f *Folder) dayRecords(day string) ([]Sealed, error) {
	var b []byte
	var whole int64
	err := f.alone(func([]int64) (err error) {
		b, whole, err = f.readDay(day)
		return err
	})
	if err != nil && !errors.Is(err, errTorn) {
		return nil, err
	}
	newest := make(map[int64]Sealed)
	for rest := b[:whole]; len(rest) > 0; {
		s, more, err := decodeRecord(rest)
		if err != nil {
			return nil, err
		}
		newest[s.Seq], rest = s, more
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b Sealed) int { return cmp.Compare(a.Seq, b.Seq) }), nil
}
