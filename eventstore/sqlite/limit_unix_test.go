//go:build !windows

package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"leeway/eventstore"
)

func init() { roles["limit"] = writeToLimit }

// writeToLimit appends under a limit on the size of files, until the system
// refuses a write. It says how many appends were acknowledged.
func writeToLimit(path string) error {
	signal.Ignore(syscall.SIGXFSZ) // the write fails instead of killing us
	s, err := Open(path)
	if err != nil {
		return err
	}
	defer s.Close()
	limit := syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	ctx := context.Background()
	acked := int64(0)
	for ; ; acked++ {
		_, err = s.Append(ctx, batch("s", acked-1, strings.Repeat(strconv.FormatInt(acked%10, 10), 5000)))
		if err != nil {
			break
		}
	}
	if !errors.Is(err, eventstore.ErrPoisoned) {
		return fmt.Errorf("after %d appends: %w, want ErrPoisoned", acked, err)
	}
	if _, err := s.Append(ctx, batch("t", eventstore.NoStream, "x")); !errors.Is(err, eventstore.ErrPoisoned) {
		return fmt.Errorf("the next append: %w, want ErrPoisoned", err)
	}
	rs, err := collect(s.Read(ctx, "s", 0))
	if err != nil || int64(len(rs)) != acked {
		return fmt.Errorf("reading %d events, then %w, want %d", len(rs), err, acked)
	}
	fmt.Println(acked)
	bufio.NewReader(os.Stdin).ReadString('\n') // killed here
	return nil
}

// TestFileLimit: a write that the system refuses poisons the store, and after
// a restart everything acknowledged is there.
func TestFileLimit(t *testing.T) {
	path := fileIn(t.TempDir())
	c := startChild(t, "limit", path)
	acked, err := strconv.Atoi(c.line(t))
	if err != nil || acked == 0 {
		t.Fatalf("%d appends were acknowledged, %v", acked, err)
	}
	c.kill()
	s := openAt(t, path)
	defer s.Close()
	rs := mustRead(t, s, "s")
	// The batch whose outcome was uncertain may have reached the disk whole.
	if len(rs) != acked && len(rs) != acked+1 {
		t.Fatalf("%d events are there, %d were acknowledged", len(rs), acked)
	}
	for i, r := range rs {
		if want := strings.Repeat(strconv.Itoa(i%10), 5000); string(r.Data) != want {
			t.Errorf("event %d has changed", i)
		}
	}
	mustAppend(t, s, batch("s", int64(len(rs))-1, "goes on"))
}
