package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"leeway/eventstore"
)

// Backup writes a copy of the store to a file that does not exist: every batch
// that was on record when it began, and none by half. Writers go on meanwhile;
// SQLite keeps the state that the copy began with for as long as it takes. The
// copy is a store of its own with the same positions, and is on stable storage
// when Backup returns. When it fails nothing is left at path.
func (s *Store) Backup(ctx context.Context, path string) error {
	if !s.gate.enter() {
		return eventstore.ErrClosed
	}
	defer s.gate.leave()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: back up to %s: a file is there", eventstore.ErrInvalid, path)
	}
	err := s.vacuumInto(ctx, path)
	if err == nil {
		err = syncFile(path)
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("back up to %s: %w", path, err), removeAll(path, path+"-journal"))
	}
	return err
}

// vacuumInto has SQLite write the copy. The connection is one of its own: the
// others may only read, which SQLite takes to mean the copy as well.
func (s *Store) vacuumInto(ctx context.Context, path string) error {
	// The file is made here, so that nobody else can read it for a moment.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	db, err := connect(s.path, "rw", 10*time.Second, "cell_size_check(1)", "trusted_schema(0)", "wal_autocheckpoint(0)")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return errors.Join(explain(err), db.Close())
}

// syncFile makes a file and its name durable.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func removeAll(paths ...string) error {
	var errs []error
	for _, p := range paths {
		if err := os.Remove(p); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
