package main

import (
	"errors"
	"io/fs"
	"strconv"
	"time"

	"leeway/domain"
	"leeway/domain/casework"
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
		return errors.Join(&problem{what: err.Error(), where: "--at", mend: s.t("write index"), err: domain.ErrInvalid}, store.Close())
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
		return 0, &problem{what: err.Error(), where: "--at", mend: s.t("write index"), err: err}
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
