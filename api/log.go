package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

type requestKey struct{}

// RequestID is the id under which a request stands in the log.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// soundID is an id that a proxy may hand on. Anything else could forge a line
// of the log.
var soundID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// Logged gives every request an id, writes one line about it when it has been
// answered, and answers for a handler that fails: no detail of it leaves.
// observe is told the status and how long it took; none: nobody is.
func Logged(next http.Handler, log *slog.Logger, observe func(status int, took time.Duration)) http.Handler {
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
				log.Error("request failed", "request", id, "panic", v)
				if rec.status == 0 {
					writeProblem(rec, ProblemOf(r.Context(), errors.New("panic"), "zh"))
				}
			}
			took := time.Since(begin)
			if observe != nil {
				observe(rec.status, took)
			}
			logRequest(log, r, rec, took)
		}()
		next.ServeHTTP(rec, r)
	})
}

// logRequest writes the line. The query is left out: people search for names.
func logRequest(log *slog.Logger, r *http.Request, rec *recorder, took time.Duration) {
	level := slog.LevelInfo
	if r.URL.Path == "/livez" || r.URL.Path == "/readyz" || r.URL.Path == "/metrics" {
		level = slog.LevelDebug
	}
	if rec.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	line := []any{"request", RequestID(r.Context()), "method", r.Method, "path", r.URL.EscapedPath(),
		"status", rec.status, "bytes", rec.bytes, "took", took.Round(time.Microsecond).String()}
	if id := traceOf(r); id != "" {
		line = append(line, "trace", id)
	}
	log.Log(r.Context(), level, "request", line...)
}

// LogOptions are those of a log into which strangers get words: whatever a
// terminal or an editor would obey rather than show stands there escaped.
func LogOptions(level slog.Level) *slog.HandlerOptions {
	return &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		text := ""
		switch v := a.Value.Any().(type) {
		case string:
			text = v
		case error:
			text = v.Error()
		default:
			return a
		}
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			text = strings.Trim(strconv.Quote(text), `"`)
		}
		return slog.String(a.Key, text)
	}}
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
