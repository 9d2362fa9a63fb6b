//go:build faults

// These tests trace the real program and make its system calls fail. They need
// strace, and run with "make crash".

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"leeway/eventstore"
)

// traced is the command line that runs the server with one fault in the calls
// that make the ledger durable.
func traced(t *testing.T, dir, fault string) []string {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("strace is missing; install the package strace")
	}
	return []string{"strace", "-f", "-qq", "-o", filepath.Join(t.TempDir(), "trace"), "-P", filepath.Join(dir, ledgerFile), "-P", filepath.Join(dir, ledgerFile+"-wal"),
		"-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:" + fault, "leeway"}
}

// TestFsyncError: one fsync fails in the middle of writing. The system may
// have dropped what it could not write, so nobody is told that his append is
// in, nothing more is taken, and only a restart goes on.
func TestFsyncError(t *testing.T) {
	for _, when := range []int{10, 25, 60} {
		t.Run(fmt.Sprint(when), func(t *testing.T) {
			dir := socketDir(t)
			r := startServer(t, dir, traced(t, dir, fmt.Sprintf("error=EIO:when=%d", when))...)
			l := startWriters(r.store(t), 8, 0).wait()
			if !errors.Is(l.err, eventstore.ErrPoisoned) {
				t.Fatalf("the writers ended with %v, want ErrPoisoned", l.err)
			}
			checkPoisoned(t, r)
			r.kill()
			again := startServer(t, dir)
			checkAcked(t, dir, l)
			if _, err := again.store(t).Append(t.Context(), noted("after", eventstore.NoStream, 1<<44)); err != nil {
				t.Errorf("Append after the restart = %v", err)
			}
		})
	}
}

// TestKilledAtFsync: the program is killed right at the n-th fsync, from the
// first, while it makes the ledger, to one under load.
func TestKilledAtFsync(t *testing.T) {
	for _, when := range []int{1, 2, 3, 4, 5, 6, 8, 11, 15, 20, 30, 45} {
		dir := socketDir(t)
		var loads []*load
		if r := tryServer(t, dir, traced(t, dir, fmt.Sprintf("signal=KILL:when=%d", when))...); r != nil {
			loads = append(loads, startWriters(r.store(t), 8, 0).wait())
			r.kill()
		}
		startServer(t, dir)
		if len(loads) > 0 && len(loads[0].acked) > 0 {
			checkAcked(t, dir, loads...)
		}
	}
}
