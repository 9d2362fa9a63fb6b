package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// beat is how often a stream with nothing to tell says that it is alive, and
// asks whether its reader may still read.
const beat = 15 * time.Second

func itoa(n int) string { return strconv.Itoa(n) }

// sse writes server-sent events.
type sse struct {
	w    http.ResponseWriter
	ctrl *http.ResponseController
}

// stream begins an answer of server-sent events.
func (s *Server) stream(c echo.Context) *sse {
	w := c.Response()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	out := &sse{w, http.NewResponseController(w.Writer)}
	out.flush() // a client that is gone is met at the first event
	return out
}

// send writes one event.
func (o *sse) send(kind, id string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return o.write(fmt.Sprintf("event: %s\nid: %s\ndata: %s\n\n", kind, id, data))
}

// comment writes what no client reads, to find out whether it is still there.
func (o *sse) comment() error { return o.write(": \n\n") }

func (o *sse) write(text string) error {
	// The deadline of the server is for answers that end.
	if err := o.ctrl.SetWriteDeadline(time.Now().Add(2 * beat)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := o.w.Write([]byte(text)); err != nil {
		return err
	}
	return o.flush()
}

func (o *sse) flush() error {
	if err := o.ctrl.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// stillIn finds out whether the caller of a stream may still read: he may have
// signed out, or lost his role.
func (s *Server) stillIn(c echo.Context) error {
	caller, err := s.identify(c)
	if err != nil {
		return err
	}
	if row, _ := c.Get("route").(Route); !row.May(caller.Roles) {
		return errDenied
	}
	return nil
}

// happenedJSON tells that something was put on record, and not what: who wants
// to know reads the case, and that is recorded.
type happenedJSON struct {
	Case     string         `json:"case,omitempty"`
	Review   string         `json:"review,omitempty"`
	Event    string         `json:"event"`
	Type     string         `json:"type"`
	Recorded domain.Instant `json:"recorded_at"`
}

// FollowEvents sends what is put on record in the cases and reviews that the
// caller reaches, as far as he may see it. It goes on behind Last-Event-ID; with
// none it begins with what comes next. An id says nothing of what lies between.
func (h handlers) FollowEvents(c echo.Context, p contract.FollowEventsParams) error {
	ctx, cancel := context.WithCancel(c.Request().Context())
	defer cancel()
	after, err := h.place(ctx, p.LastEventID)
	if err == nil {
		err = h.Saw(c, domain.Access{Kind: "list", Fields: []string{"events"}})
	}
	if err != nil {
		return err
	}
	next := make(chan eventstore.Recorded)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for r, err := range h.d.Cases.Store.Subscribe(ctx, after) {
			if err != nil {
				return
			}
			select {
			case next <- r:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() { cancel(); <-ended }()
	out := h.stream(c)
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case r := <-next:
			if one, ok := h.happened(c, r); ok && out.send("recorded", h.veil(uint64(r.Position)), one) != nil {
				return nil // the client is gone
			}
		case <-tick.C:
			if out.comment() != nil || h.stillIn(c) != nil {
				return nil
			}
		case <-h.stopped:
			return nil
		case <-ended:
			return nil // the store was closed: the client comes again
		case <-ctx.Done():
			return nil
		}
	}
}

// place is where a stream goes on.
func (h handlers) place(ctx context.Context, last *string) (eventstore.Position, error) {
	if last == nil || *last == "" {
		return h.end(ctx)
	}
	at, err := h.unveil(*last)
	if err != nil {
		return 0, domain.NewFault("Last-Event-ID", "it was not given out by this server", "leave it out, and read again what you show")
	}
	return eventstore.Position(at), nil
}

// end is the place behind everything that the read models have seen, or the
// beginning where they know none.
func (h handlers) end(ctx context.Context) (eventstore.Position, error) {
	list, err := h.d.Models.Status(ctx, nil)
	at := eventstore.Start
	for _, x := range list {
		at = max(at, x.Position)
	}
	return at, err
}

// happened is what the caller is told of an event; ok is false where that is
// nothing. Clues, access logs and replays are never told of.
func (h handlers) happened(c echo.Context, r eventstore.Recorded) (happenedJSON, bool) {
	caller, ctx := who(c), c.Request().Context()
	env, err := domain.DecodeEnvelope(r.Data)
	if err != nil {
		return happenedJSON{}, false // a read of the case says what is wrong
	}
	one := happenedJSON{Event: env.ID, Type: env.Type, Recorded: env.RecordedAt}
	if id, ok := strings.CutPrefix(r.Stream, "case-"); ok {
		one.Case = id
		if h.InScope(ctx, caller, id) != nil {
			return one, false
		}
		hidden := env.Type == eligibility.ComplaintReceived{}.EventType() && len(env.Visible) == 0
		return one, caller.Has(watching...) || !hidden && env.Visible.Allows(caller.Office, caller.Post)
	}
	id, ok := strings.CutPrefix(r.Stream, "review-")
	if !ok {
		return one, false
	}
	one.Review = id
	as, err := caller.As("")
	if err != nil {
		return one, false
	}
	_, log, err := h.d.Reviews.ReviewLog(ctx, as, id)
	if err != nil {
		return one, false
	}
	for _, e := range log {
		if e.At.ID == env.ID {
			return one, !as.Role.Discipline() || h.unbarred(c, as, id) == nil
		}
	}
	return one, false
}
