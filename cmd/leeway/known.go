package main

import (
	"errors"
	"io/fs"
	"strconv"
	"time"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/eventstore"
	"leeway/ledger"
)

// readingAt is reading for a view of the ledger as it was: when it held so many
// events, or at the last checkpoint of a civil day. What was recorded later is
// not there, whatever time it claims. An empty at is reading itself.
func (s *session) readingAt(at string, use func(*casework.Service) error) error {
	if at == "" {
		return s.reading(use)
	}
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	store, err := s.openReading(dir)
	if err != nil {
		return s.inFolder(dir, err)
	}
	log, err := s.lookAtLog(dir, store)
	if err != nil {
		return errors.Join(s.inFolder(dir, err), store.Close())
	}
	defer log.Close()
	size, err := s.sizeAt(log, at)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	then, err := log.Prefix(size)
	if err != nil {
		return errors.Join(&problem{what: s.worded(err), where: "--at", mend: s.t("write index"), err: domain.ErrInvalid}, store.Close())
	}
	keys, err := s.openKeys(s.keysOf(dir))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.serve(then, nil, nil, use)
	case err != nil:
		return errors.Join(s.inFolder(dir, err), store.Close())
	}
	return errors.Join(s.serve(then, keys, nil, use), keys.Close())
}

// sizeAt is how many events the ledger held: as given, or by the last checkpoint
// at or before the end of a day. By whose clock, it says.
func (s *session) sizeAt(log *ledger.Log, at string) (int64, error) {
	if n, err := strconv.ParseInt(at, 10, 64); err == nil {
		return n, nil
	}
	sealed, v, err := log.KnownOn(s.ctx, at)
	if err != nil {
		return 0, &problem{what: s.worded(err), where: "--at", mend: s.t("write index"), err: err}
	}
	if !s.json {
		key := "known by operator"
		if len(v.Witnesses) > 0 {
			key = "known by witness"
		}
		s.printf("%s\n", s.t(key, at, v.Size, sealed.Seq, sealed.Time.In(domain.Shanghai).Format(time.RFC3339)))
	}
	return v.Size, nil
}

// knownJSON says which of the events that are shown as of a day were under a
// checkpoint by the end of it: their recorded_at, or what imported history
// claims, is the operator's word; a checkpoint is proof.
type knownJSON struct {
	Checkpoint int64    `json:"checkpoint"` // number of the last one of the day; 0: there was none
	Events     int64    `json:"events"`     // of the whole ledger, that it covers
	Witnessed  bool     `json:"witnessed"`
	Proven     int      `json:"proven"`   // of those shown
	Later      []string `json:"later"`    // that only a later checkpoint covers
	Unsealed   []string `json:"unsealed"` // that none covers yet

	said string // by whose clock
}

// knownBy asks the log about the events of a case; nil where there is none.
func (s *session) knownBy(id string, day domain.Day, f *caseFile) (*knownJSON, error) {
	dir, err := s.existing("data")
	if err != nil {
		return nil, err
	}
	store, err := s.openReading(dir)
	if err != nil {
		return nil, s.inFolder(dir, err)
	}
	log, err := s.lookAtLog(dir, store)
	if err != nil {
		return nil, errors.Join(ignore(err, ledger.ErrNoCheckpoint), store.Close())
	}
	j, err := s.knownIn(log, store, id, day, f)
	return j, errors.Join(err, log.Close(), store.Close())
}

func (s *session) knownIn(log *ledger.Log, store eventstore.Store, id string, day domain.Day, f *caseFile) (*knownJSON, error) {
	j := &knownJSON{Later: []string{}, Unsealed: []string{}, said: s.t("known by none", day)}
	newest, err := ledger.ParseCheckpoint(log.Latest().Note)
	if err != nil {
		return nil, err
	}
	sealed, v, err := log.KnownOn(s.ctx, day.String())
	if err := ignore(err, ledger.ErrNoCheckpoint); err != nil {
		return nil, err
	}
	if err == nil {
		j.Checkpoint, j.Events, j.Witnessed = sealed.Seq, v.Size, len(v.Witnesses) > 0
		key := map[bool]string{false: "known by operator", true: "known by witness"}[j.Witnessed]
		j.said = s.t(key, day.String(), v.Size, sealed.Seq, sealed.Time.In(domain.Shanghai).Format(time.RFC3339))
	}
	shown := map[string]bool{}
	for _, e := range f.entries {
		shown[e.ID] = true
	}
	for r, err := range store.Read(s.ctx, casework.CaseStream(id), 0) {
		if err != nil {
			return nil, err
		}
		if !shown[r.ID] {
			continue
		}
		then, err := log.Covers(v.Checkpoint, r)
		if err := ignore(err, ledger.ErrPending); err != nil {
			return nil, err
		}
		now, _ := log.Covers(newest, r)
		switch {
		case then:
			j.Proven++
		case now:
			j.Later = append(j.Later, r.ID)
		default:
			j.Unsealed = append(j.Unsealed, r.ID)
		}
	}
	return j, nil
}

// printKnown prints it below the case.
func (s *session) printKnown(j *knownJSON) {
	if j == nil {
		return
	}
	s.heading("known title")
	s.hang("", j.said)
	s.hang("", s.t("known counts", j.Proven+len(j.Later)+len(j.Unsealed), j.Proven, len(j.Later), len(j.Unsealed)))
	for _, id := range j.Later {
		s.hang("  ", s.t("known later", id))
	}
	for _, id := range j.Unsealed {
		s.hang("  ", s.t("known unsealed", id))
	}
}
