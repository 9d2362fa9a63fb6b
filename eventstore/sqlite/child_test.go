package sqlite

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"leeway/eventstore"
)

// A child is this test binary, run again as another process with one role on
// one store.
const (
	roleVar = "EVENTSTORE_TEST_ROLE"
	pathVar = "EVENTSTORE_TEST_PATH"
)

// roles are what a child can do. Each returns when it is done.
var roles = map[string]func(path string) error{
	"hold":  hold,
	"write": writeForever,
}

func runChild(role, path string) int {
	if err := roles[role](path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// child is a running child. It is killed at the end of the test at the latest.
type child struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startChild(t *testing.T, role, path string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVar+"="+role, pathVar+"="+path)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd, in, bufio.NewReader(out)}
	t.Cleanup(func() { c.kill() })
	return c
}

// line reads one line of what the child says.
func (c *child) line(t *testing.T) string {
	t.Helper()
	line, err := c.out.ReadString('\n')
	if err != nil {
		t.Fatalf("the child says %q, then %v", line, err)
	}
	return strings.TrimSpace(line)
}

// kill ends the child as a power cut would end it, and returns the whole
// lines it still managed to say.
func (c *child) kill() []string {
	c.Process.Kill()
	rest, _ := io.ReadAll(c.out) // ends with an error where the pipe was cut
	c.Wait()
	lines := strings.Split(string(rest), "\n")
	return lines[:len(lines)-1]
}

// hold opens a store and keeps it until its input ends.
func hold(path string) error {
	s, err := Open(path)
	if err != nil {
		return err
	}
	fmt.Println("open")
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, s.Close())
}

// writeForever appends from eight goroutines, and says of each event that it
// was acknowledged, once it was.
func writeForever(path string) error {
	s, err := Open(path)
	if err != nil {
		return err
	}
	defer s.Close()
	var mu sync.Mutex
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for w := range 8 {
		wg.Go(func() {
			stream := fmt.Sprintf("案件-%d", w)
			for i := int64(0); ; i += 2 {
				b := eventstore.Batch{Stream: stream, Expected: i - 1, Command: fmt.Sprintf("%d-%d", w, i)}
				for j := range int64(2) {
					id := ordered(int64(w)<<32 + i + j)
					b.Events = append(b.Events, eventstore.Event{ID: id, Type: "noted.v1", Data: dataOf(id)})
				}
				if _, err := s.Append(context.Background(), b); err != nil {
					errs <- err
					return
				}
				mu.Lock()
				fmt.Printf("%s %s\n%s %s\n", stream, b.Events[0].ID, stream, b.Events[1].ID)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return <-errs
}

// dataOf makes data that can be told from the id alone: up to 8 KiB, of any
// bytes.
func dataOf(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	var data []byte
	for range int(sum[0]) + 1 {
		data = append(data, sum[:]...)
		sum = sha256.Sum256(sum[:])
	}
	return data
}
