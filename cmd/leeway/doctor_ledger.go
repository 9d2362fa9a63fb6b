package main

import (
	"errors"
	"io/fs"

	"leeway/ledger"
)

// sealing looks at the log: keys, policy, checkpoints, and every event against
// the newest checkpoint.
func (d *doctor) sealing() {
	h := d.homeOf(d.dir)
	unused, err := h.Unused()
	switch {
	case err != nil:
		d.broken("log", err)
		return
	case unused && d.used:
		d.fail("log", d.t("no log"), d.t("begin log"))
		return
	case unused:
		d.warn("log", d.t("log not made", h.Policy), d.t("run init"))
		return
	}
	if _, err := h.Receipts(); err != nil {
		d.broken("log key", err)
	} else {
		d.ok("log key", h.Key)
	}
	log, err := h.Open(d.ctx, d.store, ledger.Access{})
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			d.fail("log", d.worded(err), d.t("begin log"))
			return
		}
		d.broken("log", err)
		return
	}
	d.logState(log)
	if err := log.Close(); err != nil {
		d.broken("log", err)
	}
	if same, known := sameVolume(h.Checkpoints, d.dir); known && same {
		d.warn("checkpoints", d.t("same volume", h.Checkpoints), d.t("move checkpoints"))
		return
	}
	d.ok("checkpoints", h.Checkpoints)
}

// logState is how far sealing is, and who has signed.
func (d *doctor) logState(log *ledger.Log) {
	st, err := log.Status(d.ctx)
	if err != nil {
		d.broken("log", err)
		return
	}
	if st.Degraded() != nil {
		d.fail("log", d.t("unsealed for", st.Age.Round(1e9).String()), d.t("mend unsealed"))
		return
	}
	d.ok("log", d.t("log fits", log.Origin(), st.Sealed, st.Checkpoint.Seq))
	v, err := log.Policy().Verify(st.Checkpoint.Note)
	switch {
	case err != nil:
		d.warn("witnesses", d.t("quorum lacking"), d.t("mend untrusted"))
	case len(v.Witnesses) == 0:
		d.warn("witnesses", d.t("no witness"), d.t("find witness"))
	default:
		d.ok("witnesses", d.t("witnesses signed", len(v.Witnesses)))
	}
}
