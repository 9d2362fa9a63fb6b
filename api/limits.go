package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"
)

// Limits of a request. Those of headers and times are set at the listener.
const (
	MaxBody     = 1 << 20  // bytes
	MaxLarge    = 64 << 20 // bytes of an import
	MaxDepth    = 32       // objects and lists inside each other
	MaxPage     = 100      // rows
	DefaultRate = 50       // requests a second
)

// Errors of limits.
var (
	errTooLarge = errors.New("the body is larger than this route takes")
	errTooDeep  = fmt.Errorf("the JSON is nested more than %d deep", MaxDepth)
	errTooOften = errors.New("too many requests from this caller")
)

// limits hold how often each caller and each address may ask.
type limits struct {
	rate rate.Limit

	mu sync.Mutex
	by map[string]*limit
	at time.Time // of the last look for idle ones
}

type limit struct {
	*rate.Limiter
	last time.Time
}

func newLimits(perSecond float64) *limits {
	if perSecond <= 0 {
		perSecond = DefaultRate
	}
	return &limits{rate: rate.Limit(perSecond), by: map[string]*limit{}}
}

// allow takes one request of a key.
func (l *limits) allow(key string, factor float64, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.at) > time.Minute {
		l.at = now
		for k, x := range l.by {
			if now.Sub(x.last) > time.Minute {
				delete(l.by, k)
			}
		}
	}
	x, ok := l.by[key]
	if !ok {
		per := l.rate * rate.Limit(factor)
		x = &limit{Limiter: rate.NewLimiter(per, int(2*per)+1)}
		l.by[key] = x
	}
	x.last = now
	if !x.AllowN(now, 1) {
		return errTooOften
	}
	return nil
}

func (l *limits) actor(key string, now time.Time) error { return l.allow("actor "+key, 1, now) }

// address takes one request of an address. An office sits behind one, so it
// may ask as often as ten callers.
func (l *limits) address(remote string, now time.Time) error {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	return l.allow("address "+host, 10, now)
}

// bounded holds a body in its limits before anything reads it.
func (s *Server) bounded(c echo.Context, row Route) error {
	r := c.Request()
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return nil
	}
	most := int64(MaxBody)
	if row.Large {
		most = MaxLarge
	}
	if r.ContentLength > most {
		return errTooLarge
	}
	if row.Large {
		r.Body = http.MaxBytesReader(c.Response(), r.Body, most)
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errUnread, err)
	case int64(len(body)) > most:
		return errTooLarge
	}
	if depth(body) > MaxDepth {
		return errTooDeep
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return nil
}

// errUnread says that a body broke off.
var errUnread = errors.New("the body could not be read")

// depth is how deep a JSON text nests, as far as it can be read.
func depth(body []byte) int {
	dec := json.NewDecoder(bytes.NewReader(body))
	now, most := 0, 0
	for {
		t, err := dec.Token()
		if err != nil {
			return most
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			now++
			most = max(most, now)
			if most > MaxDepth {
				return most
			}
		case json.Delim('}'), json.Delim(']'):
			now--
		}
	}
}
