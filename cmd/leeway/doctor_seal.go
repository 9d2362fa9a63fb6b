package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"leeway/ledger"
)

// sealed hashes every event and holds it against the last checkpoint, and looks
// who else has signed that.
func (d *doctor) sealed() {
	folder, checkpoints := d.sealOf(d.dir)
	if _, err := os.Stat(filepath.Join(folder, sealPolicy)); errors.Is(err, fs.ErrNotExist) {
		if d.used {
			d.fail("seal", d.t("no seal"), d.t("restore seal"))
		}
		return
	}
	l, cfg, err := d.sealParts(folder, checkpoints, d.store)
	if err != nil {
		d.broken("seal", err)
		return
	}
	cfg.Signers, cfg.Dir = nil, ""
	if l.log, err = ledger.Open(d.ctx, cfg); err != nil {
		d.broken("seal", errors.Join(err, l.checkpoints.Close()))
		return
	}
	defer l.Close()
	state, err := d.sealState(l)
	switch {
	case err != nil:
		d.broken("seal", err)
	case state.Witnesses == 0:
		d.warn("seal", d.t("sealed of", state.Sealed, state.Events), d.t("no witness"))
	default:
		d.ok("seal", d.t("sealed of", state.Sealed, state.Events)+", "+d.t("witness count")+" "+fmt.Sprint(state.Witnesses))
	}
	if sameVolume(d.dir, checkpoints) {
		d.warn("checkpoints", d.t("checkpoints beside"), d.t("move checkpoints"))
	}
}

// sameVolume reports whether one folder lies inside the other: then an old copy
// of the outer one brings old events and old checkpoints back together.
func sameVolume(outer, inner string) bool {
	rel, err := filepath.Rel(outer, inner)
	return err == nil && filepath.IsLocal(rel)
}
