package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/eventstore"
	"leeway/eventstore/esdb"
	"leeway/eventstore/sqlite"
	"leeway/ledger/evidence"
	"leeway/projections"
)

// lookTime is how long one look at something far away may take.
const lookTime = 10 * time.Second

// readable reads the first event of a store and reports whether there is one.
func readable(ctx context.Context, store eventstore.Store) (empty bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	for _, err := range store.All(ctx, eventstore.Start) {
		return false, err
	}
	return true, nil
}

// writable looks whether an append would be taken, without making one. An
// embedded ledger is opened for writing, and a file beside it is synced.
func (d *doctor) writable() {
	state, err := askServer(d.ctx, d.conf.get("server.socket"))
	switch {
	case err == nil && state.Poisoned != "":
		d.fail("write", d.t("server poisoned", state.PID, state.Poisoned), d.t("mend poisoned"))
		return
	case err == nil:
		d.ok("write", d.t("server writes", state.PID, state.Since.Format(time.RFC3339)))
		return
	case !errors.Is(err, errNoServer):
		d.broken("write", err)
		return
	}
	ctx, cancel := context.WithTimeout(d.ctx, lookTime)
	defer cancel()
	if far, ok := d.store.(*esdb.Store); ok {
		err = far.Writable(ctx)
	} else {
		err = tryWriting(d.dir)
	}
	switch {
	case errors.Is(err, eventstore.ErrLocked):
		d.warn("write", err.Error(), d.t("mend locked"))
	case err != nil:
		d.broken("write", err)
	default:
		d.ok("write", d.t("can write"))
	}
}

// tryWriting takes the lock of an embedded ledger and gives it back, and sees
// whether the disk keeps a file.
func tryWriting(dir string) error {
	store, err := sqlite.Open(filepath.Join(dir, ledgerFile))
	if err != nil {
		return err
	}
	if err := store.Close(); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".doctor-")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 4096))
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
}

// rights looks who may delete on the server of the events. The administrator's
// connection is read from a file that is named for this once.
func (d *doctor) rights() {
	own, far := d.store.(*esdb.Store)
	if !far {
		return
	}
	ctx, cancel := context.WithTimeout(d.ctx, lookTime)
	defer cancel()
	acl, err := own.DefaultACL(ctx)
	if err == nil && d.admin == "" {
		d.warn("admin", d.t("user is admin"), d.t("use plain user"))
	}
	if d.admin != "" {
		acl, err = d.asAdmin(ctx)
	}
	switch {
	case errors.Is(err, eventstore.ErrDenied):
		d.warn("rights", d.t("rights unknown"), d.t("give admin"))
	case err != nil:
		d.broken("rights", err)
	case acl.Erasable():
		d.fail("rights", d.t("all may delete", strings.Join(acl.Delete, " "), strings.Join(acl.MetaWrite, " ")), d.t("mend rights"))
	default:
		d.ok("rights", d.t("rights are", strings.Join(acl.Write, " "), strings.Join(acl.Delete, " ")))
	}
}

// asAdmin reads the server's settings with an administrator's connection.
func (d *doctor) asAdmin(ctx context.Context) (esdb.ACL, error) {
	connection, err := readSecret(d.admin, d.env("CREDENTIALS_DIRECTORY"))
	if err != nil {
		return esdb.ACL{}, d.exposedOr(d.admin, err)
	}
	store, err := esdb.Open(esdb.Config{Connection: connection})
	if err != nil {
		return esdb.ACL{}, fmt.Errorf("%w: %w", domain.ErrInvalid, err)
	}
	acl, err := store.DefaultACL(ctx)
	return acl, errors.Join(err, store.Close())
}

// clockSlack is how far a clock may be behind what is on record.
const clockSlack = 5 * time.Second

// clock compares this machine's clock with the newest entry of the registers:
// what was recorded later than now was recorded by a clock that ran ahead, or
// this one is behind.
func (d *doctor) clock() {
	var newest time.Time
	for _, stream := range eligibility.RegisterStreams() {
		for r, err := range d.store.Read(d.ctx, stream, 0) {
			if err != nil {
				d.broken("clock", err)
				return
			}
			if r.Created.After(newest) {
				newest = r.Created
			}
		}
	}
	now := d.now()
	switch synced, known := clockSynced(); {
	case now.Add(clockSlack).Before(newest):
		d.fail("clock", d.t("clock behind", newest.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)), d.t("set clock"))
	case known && !synced:
		d.warn("clock", d.t("clock unsynced"), d.t("sync clock"))
	default:
		d.ok("clock", now.In(domain.Shanghai).Format(time.RFC3339))
	}
}

// packs looks whether the rules that were published are at hand, byte for
// byte: without them nothing decided under them can be replayed.
func (d *doctor) packs() {
	rules, err := d.session.rules()
	if err != nil {
		d.broken("packs", err)
		return
	}
	desk := &casework.Service{Store: d.store, Rules: rules, Suite: d.suite(), Now: d.now}
	r, err := desk.Register(d.ctx)
	if err != nil {
		d.broken("packs", err)
		return
	}
	missing := 0
	for _, a := range r.Rules {
		for _, one := range d.approvalsOf(a) {
			if one.State == evidence.ApprovalFalse {
				d.fail("packs", d.t("approval does not hold", named(a.Rules), one.Person), d.t("mend approval"))
			}
		}
		if _, err := rules.Plan(a.Rules, domain.DayOf(d.now())); err != nil {
			missing++
			d.fail("packs", err.Error(), d.t("mend no rules"))
		}
	}
	if missing == 0 {
		d.ok("packs", d.t("packs at hand", len(r.Rules)))
	}
}

// readModels looks at the database of the read models: there, migrated, and
// how far behind.
func (d *doctor) readModels() {
	path := d.conf.get("projections.database")
	if path != "" && isPath(path) {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			d.warn("models", d.t("models not made", path), d.t("run migrate"))
			return
		}
	}
	db, err := d.openProjections()
	if err != nil {
		d.broken("models", err)
		return
	}
	list, err := d.modelLines(db)
	if err != nil {
		d.broken("models", err)
	}
	if len(list) == 0 && err == nil {
		d.ok("models", d.t("models well", db.Engine()))
	}
	d.lines = append(d.lines, list...)
	if err := db.Close(); err != nil {
		d.broken("models", err)
	}
}

// modelLines are the read models with which something is.
func (d *doctor) modelLines(db *projections.DB) ([]checkLine, error) {
	ctx, cancel := context.WithTimeout(d.ctx, lookTime)
	defer cancel()
	store, err := d.openReading(d.dir)
	if err != nil {
		return nil, nil // was reported
	}
	defer store.Close()
	list, err := db.Status(ctx, store)
	if err != nil {
		return nil, err
	}
	var lines []checkLine
	for _, p := range list {
		switch {
		case p.State == "stopped":
			lines = append(lines, checkLine{"models", stateFail, d.t("model stands", p.Name, p.Reason), d.t("mend model")})
		case p.Lag.Age > time.Minute:
			lines = append(lines, checkLine{"models", stateWarn, d.t("model behind", p.Name, p.Lag.Events, p.Lag.Age.Round(time.Second).String()), d.t("start server")})
		}
	}
	return lines, nil
}
