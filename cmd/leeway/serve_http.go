package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"leeway/eventstore"
)

// routes are what the public listener answers.
func (sv *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	mux.HandleFunc("GET /readyz", sv.readyz)
	mux.Handle("GET /metrics", sv.metrics.handler())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusNotFound, failureJSON{"about:blank", http.StatusText(http.StatusNotFound), http.StatusNotFound, requestID(r.Context())})
	})
	return mux
}

// failureJSON is an error as RFC 9457 has it.
type failureJSON struct {
	Type    string `json:"type"`
	Title   string `json:"title"`
	Status  int    `json:"status"`
	Request string `json:"request,omitempty"`
}

// readyJSON is what /readyz says. The store decides whether the server is
// ready; a read model that stands still does not, since everything else can be
// answered without it.
type readyJSON struct {
	Ready       bool        `json:"ready"`
	Store       storeJSON   `json:"store"`
	Projections []modelJSON `json:"projections"`
	Models      string      `json:"models,omitempty"` // why nothing is known of them
}

// storeJSON is the state of the store: ok, poisoned or unreachable.
type storeJSON struct {
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
}

// readTimeout is how long a look at the store may take.
const readTimeout = 3 * time.Second

func (sv *server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readTimeout)
	defer cancel()
	ready := readyJSON{Store: sv.storeState(ctx), Projections: []modelJSON{}}
	ready.Ready = ready.Store.State == "ok"
	if list, err := sv.models.states(ctx); err != nil {
		ready.Models = err.Error()
	} else {
		ready.Projections = append(ready.Projections, list...)
	}
	status := http.StatusOK
	if !ready.Ready {
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	}
	answer(w, status, ready)
}

// storeState looks whether the store takes writes and can be read.
func (sv *server) storeState(ctx context.Context) storeJSON {
	if err := sv.store.poisoned(); err != nil {
		return storeJSON{"poisoned", err.Error()}
	}
	for _, err := range sv.store.All(ctx, eventstore.Start) {
		if err != nil {
			return storeJSON{"unreachable", err.Error()}
		}
		break
	}
	return storeJSON{State: "ok"}
}

type requestKey struct{}

// requestID is the id under which a request stands in the log.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// soundID is an id that a proxy may hand on. Anything else could forge a line
// of the log.
var soundID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// logged gives every request an id, writes one line about it when it has been
// answered, and answers for a handler that fails: no detail of it leaves.
func (sv *server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !soundID.MatchString(id) {
			var b [12]byte
			rand.Read(b[:]) // never fails
			id = hex.EncodeToString(b[:])
		}
		w.Header().Set("X-Request-Id", id)
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
		rec := &recorder{ResponseWriter: w}
		begin := time.Now()
		defer func() {
			if v := recover(); v != nil {
				if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(v)
				}
				sv.log.Error("request failed", "request", id, "panic", v)
				if rec.status == 0 {
					answer(rec, http.StatusInternalServerError, failureJSON{"about:blank", http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError, id})
				}
			}
			sv.logRequest(r, rec, time.Since(begin))
		}()
		next.ServeHTTP(rec, r)
	})
}

// logRequest writes the line. The query is left out: people search for names.
func (sv *server) logRequest(r *http.Request, rec *recorder, took time.Duration) {
	level := slog.LevelInfo
	if r.URL.Path == "/livez" || r.URL.Path == "/readyz" || r.URL.Path == "/metrics" {
		level = slog.LevelDebug
	}
	if rec.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	sv.metrics.requests.WithLabelValues(strconv.Itoa(rec.status)).Inc()
	sv.log.Log(r.Context(), level, "request", "request", requestID(r.Context()), "method", r.Method, "path", r.URL.Path,
		"status", rec.status, "bytes", rec.bytes, "took", took.Round(time.Microsecond).String())
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status, bytes int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
