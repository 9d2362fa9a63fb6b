package api

import (
	"bytes"
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/projections"
)

// errMediaType says that a body is not in a form that the route takes.
var errMediaType = errors.New("the body is not application/json")

// body reads the JSON of a request into a value that must know every field.
func body(c echo.Context, into any) error {
	kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEApplicationJSON {
		return errMediaType
	}
	text, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnread, err)
	}
	return strictly(text, into)
}

// strictly reads one JSON value and nothing behind it.
func strictly(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return badJSON(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return domain.NewFault("", "there is something behind the JSON", "send one object")
	}
	return nil
}

// badJSON says which field of a JSON text is at fault.
func badJSON(err error) error {
	var wrong *json.UnmarshalTypeError
	var fault *domain.Fault
	switch {
	case errors.As(err, &fault):
		return err
	case errors.As(err, &wrong):
		return domain.NewFault(wrong.Field, "it is of another type: %s", "see /docs", wrong.Value)
	}
	return domain.NewFault("", "it cannot be read: %v", "see /docs", err)
}

// day reads a civil day that may be missing.
func day(name string, text *string) (domain.Day, error) {
	if text == nil {
		return 0, nil
	}
	d, err := domain.ParseDay(*text)
	if err != nil {
		return 0, domain.NewFault(name, "%q is no day", "write it as 2020-01-31", *text)
	}
	return d, nil
}

// month reads a benefit month that may be missing.
func month(name string, text *string) (domain.Month, error) {
	if text == nil {
		return 0, nil
	}
	m, err := domain.ParseMonth(*text)
	if err != nil {
		return 0, domain.NewFault(name, "%q is no month", "write it as 2020-01", *text)
	}
	return m, nil
}

// today is the civil day of the server's clock.
func (s *Server) today() domain.Day { return domain.DayOf(s.d.Now()) }

// orElse is a text that may be missing.
func orElse(text *string, otherwise string) string {
	if text == nil || *text == "" {
		return otherwise
	}
	return *text
}

// ask reads which page of a list is wanted. A cursor is good for the caller and
// the list that it was given out for, and for nothing else.
func (s *Server) ask(c echo.Context, cursor *string, limit *int64) (projections.Ask, error) {
	a := projections.Ask{Limit: 50}
	if limit != nil {
		if *limit < 1 || *limit > MaxPage {
			return a, domain.NewFault("limit", "%d is not from 1 to %d", "ask for fewer rows, and turn pages", *limit, MaxPage)
		}
		a.Limit = int(*limit)
	}
	if cursor == nil || *cursor == "" {
		return a, nil
	}
	seal, inner, ok := strings.Cut(*cursor, ".")
	if !ok || !hmac.Equal([]byte(seal), []byte(s.seal(c, inner))) {
		return a, projections.ErrCursor
	}
	a.Cursor = inner
	return a, nil
}

// next is the cursor of the next page as the client gets it.
func (s *Server) next(c echo.Context, inner string) string {
	if inner == "" {
		return ""
	}
	return s.seal(c, inner) + "." + inner
}

// seal binds a cursor to the list, with all that narrows it, and to the caller.
func (s *Server) seal(c echo.Context, inner string) string {
	who, _ := CallerOf(c.Request().Context())
	query := c.QueryParams()
	query.Del("cursor")
	query.Del("limit")
	query.Del("lang")
	mac := hmac.New(sha256.New, s.d.Key)
	for _, part := range []string{"cursor", c.Request().URL.Path, query.Encode(), who.Subject, inner} {
		binary.Write(mac, binary.BigEndian, int64(len(part))) // never fails
		io.WriteString(mac, part)                             // nor does this
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// errNumber says that a position was not given out here.
var errNumber = errors.New("it is no id that was given out here")

// veil writes a number so that nobody can tell it, or how far two of them lie
// apart: what lies between is not everybody's to know.
func (s *Server) veil(n uint64) string {
	var block [aes.BlockSize]byte
	binary.BigEndian.PutUint64(block[8:], n)
	s.cipher.Encrypt(block[:], block[:])
	return base64.RawURLEncoding.EncodeToString(block[:])
}

// unveil reads it back.
func (s *Server) unveil(text string) (uint64, error) {
	block, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(block) != aes.BlockSize {
		return 0, errNumber
	}
	s.cipher.Decrypt(block, block)
	if binary.BigEndian.Uint64(block) != 0 {
		return 0, errNumber
	}
	return binary.BigEndian.Uint64(block[8:]), nil
}

// A tag is the ETag of a case or a review: how many of its steps the caller may
// see. The revision of the stream would tell him how many he may not.
func tag(n int) string { return `"` + strconv.Itoa(n) + `"` }

// seenTag is what If-Match says; ok is false where it says nothing, or takes
// whatever there is.
func seenTag(header *string) (n int, ok bool, err error) {
	if header == nil || *header == "" || *header == "*" {
		return 0, false, nil
	}
	n, err = strconv.Atoi(strings.Trim(*header, `"`))
	if err != nil || n < 0 {
		return 0, false, domain.NewFault("If-Match", "%q is no ETag of this server", "send the ETag that you saw, to the letter", *header)
	}
	return n, true, nil
}

// commandID is the id under which a command goes on record: for a key of the
// caller's, always the same, so that a retry finds the first answer on record,
// also after a restart of the server.
func commandID(c echo.Context, key *string) string {
	if key == nil || *key == "" {
		return ""
	}
	who, _ := CallerOf(c.Request().Context())
	return casework.CommandOf(c.Request().Method, c.Request().URL.Path, who.Subject, *key)
}

// receiptJSON is a receipt without its place in the stream, whose gaps would
// tell of what the caller may not see.
type receiptJSON struct {
	EventID    string         `json:"event_id,omitempty"`
	Command    string         `json:"command"`
	RecordedAt domain.Instant `json:"recorded_at"`
	Signed     string         `json:"signed,omitempty"` // by the operator, for the hand of whoever acted
	Proof      string         `json:"proof,omitempty"`
}

func receipt(r casework.Receipt) receiptJSON {
	return receiptJSON{EventID: r.EventID, Command: r.Command, RecordedAt: r.RecordedAt, Signed: r.Signed}
}

// rowsJSON is a list.
type rowsJSON[R any] struct {
	Rows []R    `json:"rows"`
	Next string `json:"next,omitempty"`
}

// list answers a list; none is an empty one.
func list[R any](c echo.Context, rows []R, next string) error {
	return c.JSON(http.StatusOK, rowsJSON[R]{append([]R{}, rows...), next})
}
