package main

import (
	"context"
	"net/http"
	"time"

	"leeway/api"
	"leeway/eventstore"
)

// routes are what the public listener answers: whether the server is well, and
// the API with its pages.
func (sv *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	mux.HandleFunc("GET /readyz", sv.readyz)
	mux.Handle("GET /metrics", sv.metrics.handler())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if sv.api == nil {
			http.NotFound(w, r)
			return
		}
		sv.api.ServeHTTP(w, r)
	})
	return api.Logged(mux, sv.log, sv.metrics.request)
}

// readyJSON is what /readyz says. The store decides whether the server is
// ready, and the ledger: events that stand unsealed for longer than receipts
// promise are a fault, though they are durable. A read model that stands still does not, since everything else can be
// answered without it.
type readyJSON struct {
	Ready       bool        `json:"ready"`
	Store       storeJSON   `json:"store"`
	Ledger      *sealedJSON `json:"ledger,omitempty"`
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
	if ready.Ready && sv.ledger != nil {
		ready.Ledger = sv.sealed(ctx)
		ready.Ready = ready.Ledger.State == "ok"
	}
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
