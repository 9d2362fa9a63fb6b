package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"leeway/domain"
	"leeway/eventstore"
	"leeway/eventstore/esdb"
	"leeway/eventstore/sqlite"
)

// openReading opens the events of a data folder for a command that only reads.
func (s *session) openReading(dir string) (eventstore.Store, error) {
	if on, err := s.onServer(dir); err != nil || on {
		return s.openServer(err)
	}
	return sqlite.OpenReader(filepath.Join(dir, ledgerFile))
}

// openWriting opens the events of a data folder for a command that records.
// There is one writer: where leeway serve runs on the folder, appends go
// through its socket, and otherwise the command is the writer itself.
func (s *session) openWriting(dir string) (eventstore.Store, error) {
	on, err := s.onServer(dir)
	if err != nil {
		return nil, err
	}
	socket, err := s.socketOf(dir)
	if err != nil {
		return nil, err
	}
	state, err := askServer(s.ctx, socket)
	switch {
	case errors.Is(err, errNoServer) && on:
		return s.openServer(nil)
	case errors.Is(err, errNoServer):
		return sqlite.Open(filepath.Join(dir, ledgerFile))
	case err != nil:
		return nil, err
	case !sameFolder(state.Data, dir):
		return nil, &problem{what: s.t("server of other folder", state.Data), where: socket, mend: s.t("mend server folder"), err: eventstore.ErrLocked}
	}
	reads, err := s.openReading(dir)
	if err != nil {
		return nil, err
	}
	return newRemote(socket, reads), nil
}

// openOwn opens the events of a data folder for the server itself.
func (s *session) openOwn(dir string) (eventstore.Store, error) {
	if on, err := s.onServer(dir); err != nil || on {
		return s.openServer(err)
	}
	return sqlite.Open(filepath.Join(dir, ledgerFile))
}

// openServer opens the event store that the configuration names. An error of
// it never holds the connection string.
func (s *session) openServer(err error) (eventstore.Store, error) {
	if err != nil {
		return nil, err
	}
	connection, err := s.secret("store.connection")
	if err != nil {
		return nil, err
	}
	if connection == "" {
		return nil, s.badSetting("store.connection_file", s.t("no connection"), s.t("give connection"))
	}
	store, err := esdb.Open(esdb.Config{Connection: connection, Prefix: s.conf.get("store.prefix")})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", domain.ErrInvalid, err)
	}
	return store, nil
}

// onServer reports whether the events of a data folder are kept by
// EventStoreDB. Those of the demo never are, wherever they lie.
func (s *session) onServer(dir string) (bool, error) {
	c, err := s.configured()
	if err != nil {
		return false, err
	}
	return c.server() && !s.samples && sameFolder(c.get("data"), dir), nil
}

// socketOf is where a server of a data folder listens for appends.
func (s *session) socketOf(dir string) (string, error) {
	c, err := s.configured()
	if err != nil {
		return "", err
	}
	if !s.samples && sameFolder(c.get("data"), dir) {
		return c.get("server.socket"), nil
	}
	return filepath.Join(dir, "run", "leeway.sock"), nil
}

// keysOf is the folder of keys that belongs to a data folder.
func (s *session) keysOf(dir string) string {
	if s.conf != nil && !s.samples && sameFolder(s.conf.get("data"), dir) {
		return s.conf.get("keys")
	}
	return filepath.Join(dir, keysFolder)
}

// sameFolder reports whether two paths lead to one folder.
func sameFolder(a, b string) bool {
	if a, err := filepath.Abs(a); err == nil {
		if b, err := filepath.Abs(b); err == nil && a == b {
			return true
		}
	}
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// hasEvents reports whether a data folder has an embedded ledger, or events on
// a server.
func (s *session) hasEvents(dir string) (bool, error) {
	if on, err := s.onServer(dir); err != nil || on {
		return on, err
	}
	_, err := os.Stat(filepath.Join(dir, ledgerFile))
	return err == nil, ignore(err, fs.ErrNotExist)
}

// ignore is err unless it is one that is no fault here.
func ignore(err, harmless error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}
