package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leeway/eventstore"
	"leeway/eventstore/esdbserver"
	"leeway/eventstore/memory"
)

// eventServer serves EventStoreDB's protocol over a store on a unix socket in
// a closed folder, and returns the file that holds its connection string.
func eventServer(t *testing.T, store eventstore.Store) (connectionFile string) {
	t.Helper()
	dir := socketDir(t)
	socket := filepath.Join(dir, "es")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	sv := esdbserver.New(store, esdbserver.Options{})
	served := make(chan error, 1)
	go func() { served <- sv.Serve(l) }()
	t.Cleanup(func() {
		sv.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	file := filepath.Join(dir, "connection")
	if err := os.WriteFile(file, []byte("unix://"+socket+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// imported is a data folder with the sample case.
func imported(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if got := leeway(t, "import", "--data", dir, sampleCase); got.code != 0 {
		t.Fatal(got)
	}
	return dir
}

// TestCopyThereAndBack: to EventStoreDB, again with nothing left to do, and
// back into an embedded ledger that holds the same.
func TestCopyThereAndBack(t *testing.T) {
	data, remote := imported(t), "esdb:"+eventServer(t, memory.New())
	for _, c := range []struct{ from, to, want string }{
		{data, remote, "已复制 29 条，原有 0 条，逐条核对一致 29 条"},
		{data, remote, "已复制 0 条，原有 29 条，逐条核对一致 29 条"},
		{remote, "sqlite:" + filepath.Join(t.TempDir(), "back.db"), "已复制 29 条，原有 0 条，逐条核对一致 29 条"},
	} {
		if got := leeway(t, "copy", "--from", c.from, "--to", c.to); got.code != 0 || !strings.Contains(got.out, c.want) {
			t.Errorf("%s to %s: %v, want %s", c.from, c.to, got, c.want)
		}
	}
}

// TestServerAsTheLedger: by configuration alone the events of the same program
// are kept by EventStoreDB.
func TestServerAsTheLedger(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	text := "[store]\nkind = \"esdb\"\nconnection_file = \"" + eventServer(t, memory.New()) + "\"\n"
	if err := os.WriteFile(filepath.Join(dir, "leeway.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "backup")
	for _, args := range [][]string{
		{"init"}, {"import", sampleCase}, {"case", "list"}, {"replay", "SAMPLE-1"}, {"projections", "rebuild"}, {"backup", at},
	} {
		if got := leeway(t, append(args, "--data", dir)...); got.code != 0 {
			t.Fatalf("%v: %v", args, got)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, ledgerFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a ledger file as well: %v", err)
	}
	if got := leeway(t, "restore", at, "--data", filepath.Join(t.TempDir(), "back")); got.code != 0 || !strings.Contains(got.out, "29 条") {
		t.Errorf("restore: %v", got)
	}
	got := leeway(t, "doctor", "--data", dir, "--lang", "en")
	if got.code != exitFailed || !strings.Contains(got.out, "fail  who may delete: every user may delete") || !strings.Contains(got.out, "EventStoreDB") {
		t.Errorf("doctor: %v, want it to fail on the access list", got)
	}
}

// cutStore takes so many appends and then fails.
type cutStore struct {
	eventstore.Store
	left int
}

func (c *cutStore) Append(ctx context.Context, b eventstore.Batch) (int64, error) {
	if c.left--; c.left < 0 {
		return 0, errors.New("cut off")
	}
	return c.Store.Append(ctx, b)
}

// TestCopyGoesOnWhereItStopped: after every number of appends.
func TestCopyGoesOnWhereItStopped(t *testing.T) {
	from := memory.New()
	for i := range int64(6) {
		for _, stream := range []string{"a", "b"} {
			n := i*100 + int64(stream[0])<<20
			if _, err := from.Append(t.Context(), notedTwice(stream, 2*i-1, n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for cut := range 12 {
		to := memory.New()
		if _, copied, err := copyEvents(t.Context(), from, &cutStore{to, cut}); err == nil || copied != int64(2*cut) {
			t.Fatalf("cut after %d: %d copied, %v", cut, copied, err)
		}
		known, copied, err := copyEvents(t.Context(), from, to)
		if err != nil || known != int64(2*cut) || copied != int64(24-2*cut) {
			t.Errorf("the second run after %d: %d known, %d copied, %v", cut, known, copied, err)
		}
		if n, err := sameEvents(t.Context(), from, to); n != 24 || err != nil {
			t.Errorf("%d events are the same: %v", n, err)
		}
	}
}

// TestCopyRefusesAnotherHistory: a target that holds something else, more, or
// the same in another order is left as it is.
func TestCopyRefusesAnotherHistory(t *testing.T) {
	fill := func(batches ...eventstore.Batch) *memory.Store {
		s := memory.New()
		for _, b := range batches {
			if _, err := s.Append(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	none := eventstore.NoStream
	a, b, c := noted("a", none, 1), noted("b", none, 2), noted("a", 0, 3)
	other := noted("a", none, 4)
	from := fill(a, b, c)
	for name, to := range map[string]*memory.Store{
		"other": fill(other), "order": fill(b), "more": fill(a, b, c, noted("z", none, 9)), "between": fill(a, noted("z", none, 9)),
	} {
		before := count(t, to)
		_, _, err := copyEvents(t.Context(), from, to)
		if err == nil {
			_, err = sameEvents(t.Context(), from, to)
		}
		if !errors.Is(err, errDiffers) || count(t, to) != before {
			t.Errorf("%s: %v, %d events where there were %d", name, err, count(t, to), before)
		}
	}
}

func count(t *testing.T, s eventstore.Store) (n int) {
	t.Helper()
	for _, err := range s.All(t.Context(), eventstore.Start) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}
