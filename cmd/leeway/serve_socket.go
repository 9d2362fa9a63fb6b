package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"path/filepath"
	"time"

	"leeway/eventstore"
	"leeway/ledger"
)

// maxAppend is more than any batch takes on the wire: base64 makes four bytes
// of three.
const maxAppend = eventstore.MaxBatch/3*4 + 8<<20

// listenSocket listens on a unix socket in a folder of mode 0700. A socket
// that is there already is one of a server that was killed: the caller is the
// only writer. Still it is asked first, since events on another machine have
// no lock here.
func listenSocket(path string) (net.Listener, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := privateFolder(dir); err != nil {
		return nil, err
	}
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		c.Close()
		return nil, fmt.Errorf("%w: another server listens on %s", eventstore.ErrLocked, path)
	}
	if err := ignore(os.Remove(path), os.ErrNotExist); err != nil {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen on a socket of %d characters, of which most systems take about 100 (setting server.socket): %w", len(path), err)
	}
	return l, nil
}

// localRoutes are what other commands of this machine and user may ask for.
func (sv *server) localRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+statusPath, func(w http.ResponseWriter, _ *http.Request) {
		state := sv.state
		if err := sv.store.poisoned(); err != nil {
			state.Poisoned = err.Error()
		}
		answer(w, http.StatusOK, state)
	})
	mux.HandleFunc("POST "+appendPath, sv.appendOver)
	mux.HandleFunc("POST "+cosignPath, sv.cosignOver)
	// Where the time of a running server goes; the socket is its owner's alone.
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// appendOver carries out one append. It answers after the store has: what was
// answered is on stable storage.
func (sv *server) appendOver(w http.ResponseWriter, r *http.Request) {
	var batch wireBatch
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAppend)).Decode(&batch)
	if err != nil {
		answer(w, http.StatusBadRequest, newWireAnswer(0, fmt.Errorf("%w: %w", eventstore.ErrInvalid, err)))
		return
	}
	last, err := sv.store.Append(r.Context(), batch.batch())
	status := http.StatusOK
	switch {
	case errors.Is(err, eventstore.ErrConflict) || errors.Is(err, eventstore.ErrCommandReused):
		status = http.StatusConflict
	case errors.Is(err, eventstore.ErrInvalid):
		status = http.StatusBadRequest
	case err != nil:
		status = http.StatusServiceUnavailable
	}
	answer(w, status, newWireAnswer(last, err))
}

// cosignOver takes in the answer of a witness, so that the server itself knows
// of it: readiness and proofs go by the newest checkpoint that is cosigned.
func (sv *server) cosignOver(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTrustFile))
	if err == nil && sv.ledger == nil {
		err = ledger.ErrReadOnly
	}
	var sealed ledger.Sealed
	if err == nil {
		sealed, err = sv.ledger.AddAnswer(r.Context(), text)
	}
	if err != nil {
		status := http.StatusServiceUnavailable
		if errors.Is(err, ledger.ErrMalformed) || errors.Is(err, ledger.ErrUntrusted) || errors.Is(err, ledger.ErrNoCheckpoint) || errors.Is(err, ledger.ErrRewritten) {
			status = http.StatusBadRequest
		}
		answer(w, status, wireCosigned{wireAnswer: newWireAnswer(0, err)})
		return
	}
	sv.log.Info("cosigned", "checkpoint", sealed.Seq)
	answer(w, http.StatusOK, wireCosigned{Sealed: sealed})
}

// answer writes one JSON document. That whoever asked has gone is his affair.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}
