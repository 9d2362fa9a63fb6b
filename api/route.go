package api

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"leeway/domain"
)

// A Route is one row of the table: what may be asked, and by whom. What has no
// row is not there.
type Route struct {
	Method string
	Path   string // as echo writes it, such as /cases/:case
	Roles  []Role // who may ask
	Open   bool   // to everybody, signed in or not; Roles is then empty
	// Personal says that the answer holds personal data. Its handler calls
	// Server.Saw before it answers; an answer without that does not leave.
	Personal bool
	Purpose  string // of the reading, as a code; none: by the caller's role
	Handler  echo.HandlerFunc
	// Large lets a body be as long as an import.
	Large bool
	// Slow lets the answer take its time: a stream, an import.
	Slow bool
}

func (r Route) name() string { return r.Method + " " + r.Path }

// check refuses a row that says nothing, or two things at once.
func (r Route) check() error {
	switch {
	case r.Method == "" || r.Path == "" || r.Handler == nil:
		return fmt.Errorf("route %s: method, path or handler is missing", r.name())
	case r.Open == (len(r.Roles) > 0):
		return fmt.Errorf("route %s: give it roles, or open it to everybody", r.name())
	case r.Open && r.Personal:
		return fmt.Errorf("route %s: personal data is open to nobody", r.name())
	case slices.ContainsFunc(r.Roles, func(x Role) bool { return !slices.Contains(everyone, x) }):
		return fmt.Errorf("route %s: unknown role in %v", r.name(), r.Roles)
	}
	return nil
}

// May reports whether somebody with these roles may ask for the route.
func (r Route) May(have []Role) bool {
	return r.Open || slices.ContainsFunc(have, func(x Role) bool { return slices.Contains(r.Roles, x) })
}

// A Part is what a room adds to the server: its routes, and how a problem
// looks in a browser.
type Part struct {
	Routes  []Route
	Problem func(echo.Context, Problem) error // none: as JSON
}

// table holds the routes by method and path.
type table map[string]Route

// add puts a row into the table.
func (t table) add(r Route) error {
	if err := r.check(); err != nil {
		return err
	}
	if _, double := t[r.name()]; double {
		return fmt.Errorf("route %s: it has two rows", r.name())
	}
	t[r.name()] = r
	return nil
}

// Routes lists every row of the table, by path and method.
func (s *Server) Routes() []Route {
	list := slices.Collect(maps.Values(s.table))
	slices.SortFunc(list, func(a, b Route) int {
		if a.Path != b.Path {
			return cmpText(a.Path, b.Path)
		}
		return cmpText(a.Method, b.Method)
	})
	return list
}

func cmpText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// register puts the rows on the router.
func (s *Server) register(list []Route) error {
	for _, r := range list {
		if err := s.table.add(r); err != nil {
			return err
		}
		s.echo.Add(r.Method, r.Path, r.Handler)
	}
	return nil
}

// missing lists what the router answers without a row.
func (s *Server) missing() error {
	var errs []error
	for _, r := range s.echo.Routes() {
		if _, ok := s.table[r.Method+" "+r.Path]; !ok {
			errs = append(errs, fmt.Errorf("route %s %s has no row in the table", r.Method, r.Path))
		}
	}
	return errors.Join(errs...)
}

// guarded finds the row of a request, finds who asks, and lets through whom the
// row names. Everything else is refused.
func (s *Server) guarded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		row, ok := s.table[c.Request().Method+" "+c.Path()]
		if !ok {
			if slices.ContainsFunc(s.echo.Routes(), func(r *echo.Route) bool { return r.Path == c.Path() }) {
				return echo.ErrMethodNotAllowed
			}
			return domain.Deny(domain.ErrNotFound, "there is nothing at this address", "")
		}
		c.Set("route", row)
		caller, err := s.identify(c)
		switch {
		case err != nil && !(row.Open && errors.Is(err, errAnonymous)):
			return err
		case err == nil:
			c.SetRequest(c.Request().WithContext(withCaller(c.Request().Context(), caller)))
			if err := s.limits.actor(caller.key, s.d.Now()); err != nil {
				return err
			}
		}
		if !row.May(caller.Roles) {
			s.d.Log.Warn("denied", "request", RequestID(c.Request().Context()), "person", caller.Actor.Person, "route", row.name())
			return errDenied
		}
		if err := s.bounded(c, row); err != nil {
			return err
		}
		if row.Personal {
			c.Response().Writer = &held{ResponseWriter: c.Response().Writer, c: c}
		}
		return next(c)
	}
}

// errDenied says that the caller's roles do not have the route.
var errDenied = errors.New("none of the caller's roles may do this")

// held keeps an answer of a route of personal data back until it is on record
// that it was given. A handler that forgets is caught here.
type held struct {
	http.ResponseWriter
	c    echo.Context
	dead bool
}

const seenKey = "leeway.seen"

// WriteHeader implements http.ResponseWriter.
func (h *held) WriteHeader(status int) {
	if status < http.StatusBadRequest && status != http.StatusNotModified && (status < 300 || status > 399) && h.c.Get(seenKey) == nil {
		h.dead = true
		for k := range h.Header() {
			if k != "X-Request-Id" {
				h.Header().Del(k)
			}
		}
		status = http.StatusInternalServerError
	}
	h.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (h *held) Write(b []byte) (int, error) {
	if h.dead {
		return len(b), nil
	}
	return h.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController through.
func (h *held) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// Saw puts on record that the caller is about to see personal data, under the
// request's id and the purpose of the route. The answer may leave only when it
// has returned no error: the error wraps errUnrecorded and becomes a 503.
func (s *Server) Saw(c echo.Context, list ...domain.Access) error {
	ctx := c.Request().Context()
	caller, ok := CallerOf(ctx)
	if !ok {
		return errAnonymous
	}
	row, _ := c.Get("route").(Route)
	for i := range list {
		list[i].Request = RequestID(ctx)
		if list[i].Purpose == "" {
			list[i].Purpose = row.Purpose
		}
		if list[i].Purpose == "" {
			list[i].Purpose = purposeOf(caller, row)
		}
	}
	if _, err := caller.log.Saw(ctx, caller.Actor, list...); err != nil {
		return fmt.Errorf("%w: %w", errUnrecorded, err)
	}
	c.Set(seenKey, true)
	return nil
}

// purposeOf is the purpose of the role by which the caller has the route.
func purposeOf(c Caller, r Route) string {
	for _, have := range c.Roles {
		if slices.Contains(r.Roles, have) {
			return have.purpose()
		}
	}
	return ""
}

// errUnrecorded says that a read of personal data could not be put on record,
// so that the data stays.
var errUnrecorded = errors.New("the access could not be put on record, so nothing is shown")
