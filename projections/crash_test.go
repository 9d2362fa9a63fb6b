package projections

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"leeway/eventstore/sqlite"
)

// faulty makes the n-th statement fail, counting COMMIT before and after it,
// and all that follow: as if the program had died there. It says how many
// there were.
type faulty struct{ n, seen int }

var errDied = errors.New("the program died here")

func (f *faulty) fail(string) error {
	if f.seen++; f.n > 0 && f.seen >= f.n {
		return errDied
	}
	return nil
}

// TestEveryStatementMayBeTheLast cuts the first build, and then the catching
// up behind it, at one statement after another: failed and not stored, and, at a commit,
// failed but stored. Whoever starts afterwards ends with the same rows.
func TestEveryStatementMayBeTheLast(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.handled("F1")
		half := newStory(t)
		half.handled("F1")
		s.handled("F2")
		caughtUp(t, db, s)
		want := dump(t, db)
		stride := 7 // every statement in its turn is for the long run
		if os.Getenv("LEEWAY_CRASH_CYCLES") != "" {
			stride = 1
		}
		for n := 1; ; n += stride {
			wipe(t, db)
			f := &faulty{n: n}
			db.writer.fault = f.fail
			err := projectorOf(db, half).CatchUp(t.Context())
			if err == nil {
				err = projectorOf(db, s).CatchUp(t.Context())
			}
			db.writer.fault = nil
			if err == nil {
				if f.seen < 100 {
					t.Fatalf("only %d statements were cut", f.seen)
				}
				return
			}
			freed(t, db) // a lease of the dead runs out; the test need not wait
			caughtUp(t, db, s)
			if got := dump(t, db); got != want {
				t.Fatalf("cut at statement %d:\n%s", n, firstDifference(want, got))
			}
		}
	})
}

// freed ends every lease.
func freed(t testing.TB, db *DB) {
	t.Helper()
	if err := db.update(context.Background(), func(w tx) error {
		_, err := w.exec(context.Background(), `UPDATE projection SET lease = 0`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// childEnv makes this test binary a projector that is going to be killed.
const childEnv = "LEEWAY_PROJECTOR_CHILD"

// TestKilledProjector kills a projector with SIGKILL at different moments of
// its work on an embedded store, several times over, and compares what the
// next one makes of it.
func TestKilledProjector(t *testing.T) {
	if dir := os.Getenv(childEnv); dir != "" {
		projectUntilKilled(t, dir)
		return
	}
	dir := t.TempDir()
	store, err := sqlite.Open(filepath.Join(dir, "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	s := storyIn(t, store)
	for i := range 40 {
		s.handled(fmt.Sprintf("F%d", i))
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range envInt("LEEWAY_CRASH_CYCLES", 5) {
		killAfter(t, dir, time.Duration(10+17*i%200)*time.Millisecond)
	}
	reader, err := sqlite.OpenReader(filepath.Join(dir, "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	db := opened(t, filepath.Join(dir, "models.db"))
	freed(t, db)
	caughtUp(t, db, reader)
	fresh := sqliteIn(t)
	caughtUp(t, fresh, reader)
	if got, want := dump(t, db), dump(t, fresh); got != want {
		t.Errorf("after the kills:\n%s", firstDifference(want, got))
	}
}

// killAfter starts a projector in a process of its own and kills it some time
// after it has begun to work.
func killAfter(t *testing.T, dir string, d time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProjector$")
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.Read(make([]byte, 1)) // it has begun
	time.Sleep(d)
	cmd.Process.Kill()
	cmd.Wait() // killed: an error, of course
}

// projectUntilKilled builds everything again and again, and follows the store
// between.
func projectUntilKilled(t *testing.T, dir string) {
	reader, err := sqlite.OpenReader(filepath.Join(dir, "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(context.Background(), filepath.Join(dir, "models.db"))
	if err != nil {
		t.Fatal(err)
	}
	freed(t, db)
	fmt.Println("begun")
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		projectorOf(db, reader).Run(ctx)
		cancel()
		for _, name := range Names() {
			db.Rebuild(context.Background(), name)
		}
		projectorOf(db, reader).CatchUp(context.Background())
	}
}
