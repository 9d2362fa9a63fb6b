package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"leeway/domain/casework"
	"leeway/eventstore"
	"leeway/ledger/vault"
)

// doctorCmd looks at everything that Leeway stands on and says of each thing
// whether it is well and what to do.
type doctorCmd struct {
	// Admin names a file with a connection of an administrator of
	// EventStoreDB. The program itself has none: it may not read the server's
	// settings.
	Admin string `placeholder:"FILE" type:"path"`
}

// The states of a check.
const (
	stateOK   = "ok"
	stateWarn = "warn"
	stateFail = "fail"
)

// checkLine is one line of the doctor.
type checkLine struct {
	Check string `json:"check"`
	State string `json:"state"`
	What  string `json:"what"`
	Mend  string `json:"mend,omitempty"`
}

// A doctor gathers the lines of one examination.
type doctor struct {
	*session
	admin string
	dir   string
	store eventstore.Store // to read from; nil: it cannot be opened
	used  bool             // it holds events
	lines []checkLine
}

// ok notes that something is well.
func (d *doctor) ok(check, what string) {
	d.lines = append(d.lines, checkLine{check, stateOK, what, ""})
}

// warn notes something that may go on, and fail something that may not.
func (d *doctor) warn(check, what, mend string) {
	d.lines = append(d.lines, checkLine{check, stateWarn, what, mend})
}

func (d *doctor) fail(check, what, mend string) {
	d.lines = append(d.lines, checkLine{check, stateFail, what, mend})
}

// broken notes an error with its own words, and a way to mend it unless the
// error has one.
func (d *doctor) broken(check string, err error) {
	r := d.describe(err)
	d.fail(check, r.What, r.Mend)
}

// Run examines and prints. One failed check makes the command fail.
func (cmd doctorCmd) Run(s *session) error {
	d := &doctor{session: s, admin: cmd.Admin}
	c, err := s.configured()
	if err != nil {
		return err
	}
	d.dir = c.get("data")
	d.folder()
	d.space()
	opened := d.openStore()
	d.keysHere()
	if opened {
		d.writable()
		d.rights()
		d.clock()
		d.packs()
		d.sealing()
		err = d.store.Close()
	}
	d.readModels()
	d.listening()
	return errors.Join(err, d.show())
}

// show prints the lines.
func (d *doctor) show() error {
	failed := 0
	for _, l := range d.lines {
		if l.State == stateFail {
			failed++
		}
	}
	if d.json {
		if err := d.writeJSON(map[string]any{"checks": d.lines, "failed": failed}); err != nil {
			return err
		}
	} else {
		for _, l := range d.lines {
			d.hang(d.t("state "+l.State)+"  ", d.t("check "+l.Check)+d.t("colon")+l.What)
			if l.Mend != "" {
				d.hang("      ", d.t("label mend")+l.Mend)
			}
		}
	}
	if failed > 0 {
		return &problem{what: d.t("checks failed", failed, len(d.lines)), where: d.dir, mend: d.t("mend checks"), err: errChecks}
	}
	return nil
}

// folder looks at the data folder: there, and its owner's alone.
func (d *doctor) folder() {
	info, err := os.Lstat(d.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.fail("folder", d.t("folder missing", d.dir), d.t("run init"))
	case err != nil:
		d.broken("folder", err)
	case info.Mode()&fs.ModeSymlink != 0:
		d.fail("folder", d.t("folder is link"), d.t("name real folder"))
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		d.fail("folder", d.t("folder open", info.Mode().Perm()), d.t("close folder", d.dir))
	default:
		d.ok("folder", d.dir)
	}
}

// keysHere looks whether the keys are there and open.
func (d *doctor) keysHere() {
	dir := d.conf.get("keys")
	keys, err := vault.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if d.used {
			d.fail("keys", d.t("no keys"), d.t("restore keys"))
			return
		}
		d.warn("keys", d.t("keys not made", dir), d.t("run init"))
		return
	}
	if err != nil {
		d.broken("keys", err)
		return
	}
	defer keys.Close() // it was only read
	if err := d.keysThere(keys); err != nil {
		d.broken("keys", err)
		return
	}
	d.ok("keys", dir)
}

// keysThere looks whether every key is there that an event needs.
func (d *doctor) keysThere(keys *vault.Vault) error {
	if d.store == nil {
		return nil // the check of the store says why
	}
	p := &casework.Privacy{Desk: &casework.Service{Store: d.store, Suite: d.suite(), Now: d.now}, Keys: keys}
	lost, err := p.LostKeys(d.ctx)
	if err == nil && len(lost) > 0 {
		err = d.keysMissing(lost)
	}
	return err
}

// Free space below which there is a warning, and below which the next write
// may be the one that fails.
const (
	littleSpace = 2 << 30
	noSpace     = 200 << 20
)

// space looks at the free space under the data folder.
func (d *doctor) space() {
	free, known, err := freeSpace(d.dir)
	switch {
	case err != nil:
		if !errors.Is(err, fs.ErrNotExist) { // the folder was reported
			d.broken("space", err)
		}
	case !known:
		d.warn("space", d.t("space unknown"), d.t("look at space"))
	case free < noSpace:
		d.fail("space", d.t("space free", free>>20), d.t("make space"))
	case free < littleSpace:
		d.warn("space", d.t("space free", free>>20), d.t("make space"))
	default:
		d.ok("space", d.t("space free", free>>20))
	}
}

// openStore opens the events for reading, and reads the first.
func (d *doctor) openStore() bool {
	has, err := d.hasEvents(d.dir)
	if err == nil && !has {
		d.warn("store", d.t("no data"), d.t("run init"))
		return false
	}
	if err == nil {
		d.store, err = d.openReading(d.dir)
	}
	if err != nil {
		d.broken("store", err)
		d.store = nil // and not a nil store in an interface
		return false
	}
	empty, err := readable(d.ctx, d.store)
	if err != nil {
		d.broken("store", err)
		if err := d.store.Close(); err != nil {
			d.broken("store", err)
		}
		d.store = nil
		return false
	}
	d.used = !empty
	what := d.t("store kind "+d.conf.get("store.kind"), filepath.Join(d.dir, ledgerFile))
	if empty {
		what += d.t("store empty")
	}
	d.ok("store", what)
	return true
}

// listening looks at the settings of the server, as serve would.
func (d *doctor) listening() {
	if _, err := d.listenable(d.conf); err != nil {
		d.broken("listen", err)
		return
	}
	d.ok("listen", fmt.Sprintf("%s, %s", d.conf.get("server.listen"), d.conf.get("server.socket")))
}
