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
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"leeway/eventstore"
	"leeway/ledger"
	"leeway/ledger/vault"
)

// remote is a store whose appends are carried out by the running server, over
// its unix socket, and whose reads go to the events themselves. So a command
// that records needs no second code path: it gets a store like any other.
//
// A connection that breaks leaves open whether the batch is on record. It is
// sent again then, to the same server or the next one: the same command is
// recorded once.
type remote struct {
	eventstore.Store // reads
	socket           string
	http             *http.Client
	patience         time.Duration

	mu     sync.RWMutex // read-held by appends under way
	closed bool
}

// The paths of the protocol. It is spoken between programs of one version on
// one machine, and is no API.
const (
	appendPath = "/v1/append"
	statusPath = "/v1/status"
	cosignPath = "/v1/cosign"
)

// newRemote makes a store of a server's socket and something to read from,
// which it closes.
func newRemote(socket string, reads eventstore.Store) *remote {
	return &remote{Store: reads, socket: socket, http: overSocket(socket), patience: 5 * time.Second}
}

// overSocket is an HTTP client whose every request goes to a unix socket.
func overSocket(socket string) *http.Client {
	d := net.Dialer{Timeout: 2 * time.Second}
	return &http.Client{Transport: &http.Transport{
		DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", socket) },
		MaxIdleConnsPerHost: 64,
		DisableCompression:  true,
	}}
}

// Append implements eventstore.Store.
func (r *remote) Append(ctx context.Context, b eventstore.Batch) (int64, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.closed {
		return 0, eventstore.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := b.Validate(); err != nil {
		return 0, err // before JSON could mend what is no UTF-8
	}
	body, err := json.Marshal(newWireBatch(b))
	if err != nil {
		return 0, err
	}
	until := time.Now().Add(r.patience)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		last, err := r.send(ctx, body)
		broken := (*brokenError)(nil)
		if !errors.As(err, &broken) {
			return last, err
		}
		if ctx.Err() != nil {
			return 0, fmt.Errorf("%w: whether the append is on record is not known", ctx.Err())
		}
		if time.Now().After(until) {
			return 0, fmt.Errorf("%w: the server at %s has gone, and whether the append is on record is not known; the same command again finds out: %w",
				eventstore.ErrClosed, r.socket, broken.error)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// brokenError says that no answer came.
type brokenError struct{ error }

// send sends a batch once.
func (r *remote) send(ctx context.Context, body []byte) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://leeway"+appendPath, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := r.http.Do(req)
	if err != nil {
		return 0, &brokenError{err}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return 0, &brokenError{err}
	}
	var a wireAnswer
	if err := json.Unmarshal(text, &a); err != nil {
		return 0, fmt.Errorf("the server at %s answers %s in another language: %w", r.socket, res.Status, err)
	}
	return a.Last, a.err()
}

// cosign gives the server the answer of a witness, and returns the checkpoint as
// it then stands. It may be called again.
func (r *remote) cosign(ctx context.Context, text []byte) (ledger.Sealed, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://leeway"+cosignPath, bytes.NewReader(text))
	if err != nil {
		return ledger.Sealed{}, err
	}
	res, err := r.http.Do(req)
	if err != nil {
		return ledger.Sealed{}, fmt.Errorf("%w: the server at %s has gone: %w", eventstore.ErrClosed, r.socket, err)
	}
	defer res.Body.Close()
	var a wireCosigned
	if err := json.NewDecoder(io.LimitReader(res.Body, maxTrustFile)).Decode(&a); err != nil {
		return ledger.Sealed{}, fmt.Errorf("the server at %s answers %s in another language: %w", r.socket, res.Status, err)
	}
	return a.Sealed, a.err()
}

// Close implements eventstore.Store.
func (r *remote) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	r.http.CloseIdleConnections()
	return r.Store.Close()
}

// errNoServer says that no server listens on a socket.
var errNoServer = errors.New("no server is running")

// serverState is what a server says of itself on its socket.
type serverState struct {
	PID      int       `json:"pid"`
	Since    time.Time `json:"since"`
	Version  string    `json:"version"`
	Data     string    `json:"data"`
	Poisoned string    `json:"poisoned,omitempty"` // why it refuses writes
}

// askServer asks who listens on a socket, and whether it is one of ours: in a
// folder that others may write anybody could have put it there.
func askServer(ctx context.Context, socket string) (serverState, error) {
	var state serverState
	if _, err := os.Stat(socket); err != nil {
		return state, errNoServer
	}
	if err := privateFolder(filepath.Dir(socket)); err != nil {
		return state, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client := overSocket(socket)
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://leeway"+statusPath, nil)
	if err != nil {
		return state, err
	}
	res, err := client.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist) {
		return state, errNoServer // left behind by one that was killed
	}
	if err != nil {
		return state, fmt.Errorf("%w: the server at %s does not answer: %w", eventstore.ErrLocked, socket, err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&state); err != nil {
		return state, fmt.Errorf("%w: what listens at %s is no server of this version: %w", eventstore.ErrLocked, socket, err)
	}
	return state, nil
}

// privateFolder refuses a folder that others may enter.
func privateFolder(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%w: %s is no folder", vault.ErrExposed, dir)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%w: %s has mode %04o, not 0700", vault.ErrExposed, dir, info.Mode().Perm())
	}
	return nil
}
