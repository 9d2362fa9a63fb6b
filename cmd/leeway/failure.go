package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/names"
	"leeway/domain/replay"
	"leeway/eventstore"
	"leeway/eventstore/esdb"
	"leeway/eventstore/sqlite"
	"leeway/ledger"
	"leeway/ledger/evidence"
	"leeway/ledger/vault"
)

// Exit codes. docs/operations.md promises them.
const (
	exitFailed   = 1 // unexpected
	exitUsage    = 2 // wrong command line
	exitInvalid  = 3 // input cannot be recorded or read as it is
	exitNotFound = 4 // no such case, pack or data folder
	exitRefused  = 5 // the domain refuses the act
	exitConflict = 6 // somebody else was faster, or the id is taken
	exitStore    = 7 // the store cannot be used: locked, poisoned, closed
	exitDamaged  = 8 // history or rules are damaged or missing

	exitUntrusted = 9  // signatures are not those that the verifier's policy asks for
	exitUntold    = 10 // it cannot be told: not sealed yet, or made by another program
)

// Errors of the command itself.
var (
	errUsage = errors.New("wrong command line")
	errTests = errors.New("tests of a rule pack fail")
	// errChecks says that doctor found something that must be mended.
	errChecks = errors.New("checks fail")
	// errDiffers says that a copy does not hold what its original does.
	errDiffers = errors.New("copy differs from its original")
)

// sentinels maps what the rooms return to an exit code and to the general
// title and mend of words.go: "error NAME", "mend NAME". The first match counts.
var sentinels = []struct {
	is   error
	code int
	name string
}{
	{errUsage, exitUsage, "usage"},
	{errTests, exitFailed, "tests"},
	{evidence.ErrUnsupported, exitUntold, "unsupported package"},
	{evidence.ErrAltered, exitDamaged, "package altered"},
	{ledger.ErrRolledBack, exitDamaged, "rolled back"},
	{ledger.ErrRewritten, exitDamaged, "rewritten"},
	{ledger.ErrMissing, exitDamaged, "missing"},
	{ledger.ErrNotProven, exitDamaged, "not proven"},
	{ledger.ErrDamaged, exitDamaged, "ledger damaged"},
	{ledger.ErrNoCheckpoint, exitDamaged, "no checkpoint"},
	{ledger.ErrUntrusted, exitUntrusted, "untrusted"},
	{ledger.ErrPending, exitUntold, "pending"},
	{ledger.ErrMoved, exitConflict, "moved"},
	{ledger.ErrExposed, exitStore, "exposed"},
	{ledger.ErrBusy, exitStore, "busy"},
	{ledger.ErrReadOnly, exitStore, "no signer"},
	{ledger.ErrExists, exitInvalid, "exists"},
	{domain.ErrAltered, exitDamaged, "altered"},
	{domain.ErrSuite, exitStore, "suite"},
	{eventstore.ErrCorrupt, exitDamaged, "corrupt"},
	{casework.ErrReplayDiffers, exitDamaged, "replay differs"},
	{replay.ErrNoRules, exitDamaged, "no rules"},
	{domain.ErrNotFound, exitNotFound, "not found"},
	{domain.ErrRefused, exitRefused, "refused"},
	{domain.ErrSealed, exitRefused, "sealed"},
	{eventstore.ErrConflict, exitConflict, "conflict"},
	{eventstore.ErrCommandReused, exitConflict, "command reused"},
	{vault.ErrExposed, exitStore, "exposed"},
	{esdb.ErrInsecure, exitStore, "insecure"},
	{eventstore.ErrUnavailable, exitStore, "unavailable"},
	{eventstore.ErrUnknown, exitStore, "unknown"},
	{eventstore.ErrDenied, exitStore, "denied"},
	{esdb.ErrUnsupported, exitStore, "unsupported"},
	{errChecks, exitFailed, "checks"},
	{errDiffers, exitConflict, "differs"},
	{sqlite.ErrSchema, exitStore, "schema"},
	{eventstore.ErrLocked, exitStore, "locked"},
	{eventstore.ErrPoisoned, exitStore, "poisoned"},
	{eventstore.ErrReadOnly, exitStore, "read-only"},
	{eventstore.ErrClosed, exitStore, "closed"},
	{domain.ErrInvalid, exitInvalid, "invalid"},
	{eventstore.ErrInvalid, exitInvalid, "invalid"},
	{ledger.ErrMalformed, exitInvalid, "malformed"},
	{casework.ErrUnsigned, exitStore, "unsigned"},
	{context.Canceled, exitFailed, "cancelled"},
}

// A problem is an error that this command words itself: what is wrong, where,
// and how to mend it. It stands for err, whose sentinel gives the exit code.
type problem struct {
	what, where, mend string
	err               error
}

// Error is for logs and tests; the screen shows the parts apart.
func (p *problem) Error() string { return fmt.Sprintf("%s: %s; %s", p.where, p.what, p.mend) }

// Unwrap leads to the sentinel that gives the exit code.
func (p *problem) Unwrap() error { return p.err }

// usage marks an error as one of the command line.
func usage(err error) error {
	var own *problem
	if errors.As(err, &own) {
		own.err = errUsage
		return own
	}
	return &problem{what: err.Error(), err: errUsage}
}

// worded is an error in the session's language, as far as there are words for
// it.
func (s *session) worded(err error) string {
	if said, ok := names.Explain(err, s.lang); ok {
		return said.Wrong
	}
	return err.Error()
}

// flagsOf is where a fault lies: the flags of this command that the fields
// came from, or the fields themselves.
func (s *session) flagsOf(said names.Explanation) string {
	var flags []string
	for _, path := range strings.Split(said.Field, ", ") {
		last := path[strings.LastIndex(path, ".")+1:]
		last, _, _ = strings.Cut(last, "[")
		if !s.takes[last] {
			return said.Where
		}
		flags = append(flags, "--"+last)
	}
	return strings.Join(flags, ", ")
}

// report is an error as it is shown, on a terminal or as JSON.
type report struct {
	Code  int    `json:"code"`
	Error string `json:"error"` // general kind, in the chosen language
	What  string `json:"what"`
	Where string `json:"where,omitempty"`
	Mend  string `json:"mend"`

	Faults []fault `json:"faults,omitempty"` // where the input has several
}

// A fault is one of several mistakes of an input.
type fault struct {
	Where string `json:"where"`
	What  string `json:"what"`
	Mend  string `json:"mend"`
}

// fail writes an error to standard error and returns its exit code.
func (s *session) fail(err error) int {
	r := s.describe(err)
	if s.json {
		enc := json.NewEncoder(s.err)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(map[string]report{"error": r}) // nothing is left to tell where standard error is gone
		return r.Code
	}
	fmt.Fprintf(s.err, "%s%s\n", s.t("label error", r.Error), r.What)
	if r.Where != "" && len(r.Faults) == 0 {
		fmt.Fprintf(s.err, "%s%s\n", s.t("label where"), r.Where)
	}
	for _, f := range r.Faults {
		fmt.Fprintf(s.err, "%s%s\n  %s%s\n  %s%s\n", s.t("label where"), f.Where, s.t("fault wrong"), f.What, s.t("label mend"), f.Mend)
	}
	if len(r.Faults) == 0 {
		fmt.Fprintf(s.err, "%s%s\n", s.t("label mend"), r.Mend)
	}
	return r.Code
}

// describe finds the kind of an error, and what, where and mend in it.
func (s *session) describe(err error) report {
	r := report{Code: exitFailed, Error: s.t("error unexpected"), What: err.Error(), Mend: s.t("mend unexpected")}
	for _, known := range sentinels {
		if errors.Is(err, known.is) {
			r.Code, r.Error, r.Mend = known.code, s.t("error "+known.name), s.t("mend "+known.name)
			break
		}
	}
	var own *problem
	said, ok := names.Explain(err, s.lang)
	switch {
	case errors.As(err, &own):
		r.What, r.Where, r.Mend = own.what, own.where, cmp.Or(own.mend, r.Mend)
	case ok:
		r.What, r.Where, r.Mend = said.Wrong, s.flagsOf(said), cmp.Or(said.Mend, r.Mend)
	}
	r.Faults = s.faults(r.Where, err)
	return r
}

// place says where in a case file or a workbook a fault lies.
func (s *session) place(l casework.LineFault) []string {
	if l.Sheet == "" {
		where := s.t("fault line", l.Line)
		if l.Column > 0 {
			where += s.t("fault column", l.Column)
		}
		return []string{where}
	}
	where := s.t("fault sheet", l.Sheet)
	if l.Line > 0 {
		where += s.t("fault row", l.Line)
	}
	if l.Column > 0 {
		where += s.t("fault cell", columnName(l.Column))
	}
	return []string{where}
}

// columnName is a column as spreadsheets name it: A, B, … Z, AA.
func columnName(n int) string {
	name := ""
	for ; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// faults lists the mistakes of a case file.
func (s *session) faults(file string, err error) []fault {
	var lines casework.Faults
	if !errors.As(err, &lines) {
		return nil
	}
	list := make([]fault, len(lines))
	for i, l := range lines {
		where := append([]string{file}, s.place(l)...)
		for _, part := range []string{l.Case, l.Type, names.Field(l.Field, s.lang)} {
			if part != "" {
				where = append(where, part)
			}
		}
		list[i] = fault{strings.Join(where, " · "), names.Say(l.Wrong, s.lang), names.Say(l.Mend, s.lang)}
	}
	return list
}
