package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

// command runs a program to its end.
func command(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out.Bytes())
	}
	return nil
}

// filled marks a folder in which all cases are on record.
const filled = "load-filled"

// records puts the cases on record, unless the folder has them.
func records(ctx context.Context, program, dir string, cases int) (int64, error) {
	var had struct {
		Cases  int
		Events int64
	}
	if b, err := os.ReadFile(filepath.Join(dir, filled)); err == nil && json.Unmarshal(b, &had) == nil && had.Cases == cases {
		say("%d cases are on record already", cases)
		return had.Events, nil
	}
	say("importing the samples")
	if err := command(ctx, program, "demo", "--data", dir, "--no-serve"); err != nil {
		return 0, err
	}
	began := time.Now()
	events, err := fill(ctx, dir, cases, func(done int, events int64) {
		say("%d of %d cases on record, %d events, %.0f a second", done, cases, events, float64(events)/time.Since(began).Seconds())
	})
	if err != nil {
		return 0, err
	}
	had.Cases, had.Events = cases, events
	b, err := json.Marshal(had)
	if err != nil {
		return 0, err
	}
	return events, os.WriteFile(filepath.Join(dir, filled), b, 0o600)
}

// A server is the program as it serves.
type server struct {
	cmd    *exec.Cmd
	base   string
	socket string
	out    *bytes.Buffer
	ended  chan error
}

// serve starts the program on a free port of this machine.
func serve(ctx context.Context, program, dir string) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	say("serving at %s", address)
	s := &server{cmd: exec.CommandContext(ctx, program, "demo", "--data", dir, "--listen", address), base: "http://" + address,
		socket: filepath.Join(dir, "run", "leeway.sock"), out: new(bytes.Buffer), ended: make(chan error, 1)}
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	s.cmd.WaitDelay = 20 * time.Second
	s.cmd.Stdout, s.cmd.Stderr = io.Discard, s.out
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.cmd.Wait() }()
	return s, nil
}

// stop ends the server and waits for it.
func (s *server) stop() error {
	s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	err := <-s.ended
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == -1 {
		err = nil // told to
	}
	return err
}

// caughtUp waits until every event is sealed and in the read models.
func (s *server) caughtUp(ctx context.Context) error {
	client, last := &http.Client{Timeout: 10 * time.Second}, time.Now()
	for {
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("the server ended: %w\n%s", err, s.out.Bytes())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
		var state struct {
			Ready  bool
			Ledger struct{ Events, Sealed int64 }
			Models []struct {
				State    string
				Behind   bool
				Position int64
			} `json:"projections"`
		}
		answer, err := client.Get(s.base + "/readyz")
		if err != nil {
			continue
		}
		err = json.NewDecoder(answer.Body).Decode(&state)
		answer.Body.Close()
		behind := 0
		for _, m := range state.Models {
			if m.Behind || m.State != "live" {
				behind++
			}
		}
		if err == nil && state.Ready && behind == 0 && len(state.Models) > 0 && state.Ledger.Sealed >= state.Ledger.Events {
			return nil
		}
		if time.Since(last) > 5*time.Second {
			last = time.Now()
			say("%d of %d events sealed, %d read models behind", state.Ledger.Sealed, state.Ledger.Events, behind)
		}
	}
}

// profile takes a processor profile while something runs; the function that it
// gives waits for it.
func (s *server) profile(ctx context.Context, folder, name string, span time.Duration) func() {
	if folder == "" {
		return func() {}
	}
	done := make(chan error, 1)
	go func() {
		client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", s.socket)
		}}}
		seconds := min(int(span.Seconds()), 50) // less than the server writes for
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://local/debug/pprof/profile?seconds=%d", seconds), nil)
		if err != nil {
			done <- err
			return
		}
		answer, err := client.Do(req)
		if err != nil {
			done <- err
			return
		}
		defer answer.Body.Close()
		b, err := io.ReadAll(answer.Body)
		if err == nil && answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", answer.Status, b)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+".pprof"), b, 0o600)
		}
		done <- err
	}()
	return func() {
		if err := <-done; err != nil {
			say("no profile of %s: %v", name, err)
		}
	}
}
