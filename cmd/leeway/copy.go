package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"leeway/domain"
	"leeway/eventstore"
	"leeway/eventstore/esdb"
	"leeway/eventstore/sqlite"
)

// copyCmd copies every event of one store into another: from the embedded one
// to EventStoreDB, or back.
type copyCmd struct {
	From string `required:"" placeholder:"STORE"`
	To   string `required:"" placeholder:"STORE"`
}

// copyJSON is what a copy did. Every event was compared, those that were there
// before as well.
type copyJSON struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Known    int64  `json:"known"`  // that were there before
	Copied   int64  `json:"copied"` // now
	Verified int64  `json:"verified"`
}

// Run copies and then compares both stores from their beginning.
func (cmd copyCmd) Run(s *session) (err error) {
	if _, err := s.configured(); err != nil {
		return err
	}
	from, err := s.openStore(cmd.From, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := s.openStore(cmd.To, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	done := copyJSON{From: cmd.From, To: cmd.To}
	if done.Known, done.Copied, err = copyEvents(s.ctx, from, to); err != nil {
		return s.notCopied(cmd.To, err)
	}
	if done.Verified, err = sameEvents(s.ctx, from, to); err != nil {
		return s.notCopied(cmd.To, err)
	}
	if s.json {
		return s.writeJSON(done)
	}
	s.printf("%s\n", s.t("did copy", done.Copied, done.Known, done.Verified))
	s.hang("", s.t("copy next"))
	return nil
}

// notCopied says where a copy differs. An error of a store is its own.
func (s *session) notCopied(where string, err error) error {
	if errors.Is(err, errDiffers) {
		return &problem{what: err.Error(), where: where, err: err}
	}
	return err
}

// openStore opens the store that an argument names: a ledger file, its data
// folder, or "esdb:" and a file that holds the connection string.
func (s *session) openStore(ref string, write bool) (eventstore.Store, error) {
	if file, ok := strings.CutPrefix(ref, "esdb:"); ok {
		connection, err := readSecret(file, s.env("CREDENTIALS_DIRECTORY"))
		if err != nil {
			return nil, s.exposedOr(file, err)
		}
		store, err := esdb.Open(esdb.Config{Connection: connection, Prefix: s.conf.get("store.prefix")})
		if err != nil {
			return nil, &problem{what: err.Error(), where: file, err: errors.Join(domain.ErrInvalid, err)}
		}
		return store, nil
	}
	path := strings.TrimPrefix(ref, "sqlite:")
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, ledgerFile)
	}
	if write {
		store, err := sqlite.Open(path)
		return store, s.inFolderOrNil(path, err)
	}
	store, err := sqlite.OpenReader(path)
	return store, s.inFolderOrNil(path, err)
}

func (s *session) inFolderOrNil(path string, err error) error {
	if err == nil {
		return nil
	}
	return s.inFolder(path, err)
}

// copyEvents appends to one store what another holds and it does not: in
// commit order, in the same batches under the same commands, so that streams
// keep their revisions. What is there already must be the beginning of the
// original, event by event. So a copy that was cut off goes on where it
// stopped, and nothing is mixed into a store with other events.
func copyEvents(ctx context.Context, from, to eventstore.Store) (known, copied int64, err error) {
	there, stop := iter.Pull2(to.All(ctx, eventstore.Start))
	defer stop()
	var b eventstore.Batch
	send := func() error {
		if len(b.Events) == 0 {
			return nil
		}
		last, err := to.Append(ctx, b)
		if errors.Is(err, eventstore.ErrConflict) {
			return fmt.Errorf("%w: %w", errDiffers, err)
		}
		if err == nil && last != b.Expected+int64(len(b.Events)) {
			err = fmt.Errorf("%w: stream %q came to stand at %d", errDiffers, b.Stream, last)
		}
		if err == nil {
			copied += int64(len(b.Events))
		}
		return err
	}
	end := false
	for r, err := range from.All(ctx, eventstore.Start) {
		if err != nil {
			return known, copied, fmt.Errorf("read the original: %w", err)
		}
		if !end {
			old, err, more := there()
			switch {
			case more && err != nil:
				return known, copied, fmt.Errorf("read the copy: %w", err)
			case more && !sameEvent(r, old):
				return known, copied, different(known, r, old)
			case more:
				known++
				continue
			}
			end = true
		}
		if r.Command != b.Command || r.Stream != b.Stream {
			if err := send(); err != nil {
				return known, copied, err
			}
			b = eventstore.Batch{Stream: r.Stream, Expected: r.Revision - 1, Command: r.Command}
		}
		b.Events = append(b.Events, r.Event)
	}
	return known, copied, send()
}

// sameEvents compares two stores event by event and returns how many they
// hold.
func sameEvents(ctx context.Context, one, other eventstore.Store) (n int64, err error) {
	next, stop := iter.Pull2(other.All(ctx, eventstore.Start))
	defer stop()
	for a, err := range one.All(ctx, eventstore.Start) {
		if err != nil {
			return n, fmt.Errorf("read the original: %w", err)
		}
		b, err, more := next()
		switch {
		case more && err != nil:
			return n, fmt.Errorf("read the copy: %w", err)
		case !more:
			return n, fmt.Errorf("%w: it ends after %d events", errDiffers, n)
		case !sameEvent(a, b):
			return n, different(n, a, b)
		}
		n++
	}
	if b, err, more := next(); more {
		if err != nil {
			return n, fmt.Errorf("read the copy: %w", err)
		}
		return n, fmt.Errorf("%w: it goes on after %d events, with %s at revision %d of %s", errDiffers, n, b.ID, b.Revision, b.Stream)
	}
	return n, nil
}

// sameEvent compares all that an event is. Its position and the label of its
// time belong to the store.
func sameEvent(a, b eventstore.Recorded) bool {
	return a.Stream == b.Stream && a.Revision == b.Revision && a.ID == b.ID && a.Type == b.Type &&
		a.Command == b.Command && bytes.Equal(a.Data, b.Data)
}

func different(n int64, want, got eventstore.Recorded) error {
	return fmt.Errorf("%w: event %d of the original is %s, revision %d of %s, and of the copy %s, revision %d of %s",
		errDiffers, n+1, want.ID, want.Revision, want.Stream, got.ID, got.Revision, got.Stream)
}
