package projections

import (
	"fmt"
	"strings"

	"leeway/domain"
)

// AccessStream is the stream into which the accesses of one day are recorded.
func AccessStream(day domain.Day) string { return accessPrefix + day.String() }

// Access says that somebody saw personal data, listed, searched or exported.
// Who and when are in the envelope. It is written by whoever shows the data,
// before it is shown; this room only reads it.
type Access struct {
	Kind    string   `json:"kind"`              // read, list, search, export
	Case    string   `json:"case,omitempty"`    // whose, where it is one
	Fields  []string `json:"fields,omitempty"`  // paths of what was opened
	Purpose string   `json:"purpose,omitempty"` // a code, such as review or handling
	Request string   `json:"request,omitempty"` // id of the request
}

// EventType is the stored name.
func (Access) EventType() string { return "access-recorded.v1" }

func decodeAccess(eventType string, clear []byte) (any, error) {
	a := new(Access)
	if eventType != a.EventType() {
		return nil, fmt.Errorf("%w: event type %q is not one of the access log", domain.ErrInvalid, eventType)
	}
	if err := strictly(clear, a); err != nil {
		return nil, err
	}
	return a, nil
}

type accessRow struct {
	Event                string
	Recorded             int64
	Person, Office, Post string
	Kind, ID             string
	Fields               int64
	Purpose, Request     string
}

// accessModel is the access log 查阅记录: who saw what of whom, and why.
type accessModel struct{ rows appended[accessRow] }

func newAccess(Options) model {
	return &accessModel{appended[accessRow]{
		table: table{"access_log", []string{"event", "recorded", "person", "office", "post", "kind", "id", "fields", "purpose", "request"}, 1, 0},
		order: func(a, b accessRow) int { return strings.Compare(a.Event, b.Event) },
		fields: func(r *accessRow) []any {
			return []any{&r.Event, &r.Recorded, &r.Person, &r.Office, &r.Post, &r.Kind, &r.ID, &r.Fields, &r.Purpose, &r.Request}
		},
	}}
}

func (m *accessModel) sets() []set { return []set{&m.rows} }
func (m *accessModel) want(*event) {}

func (m *accessModel) fold(e *event) {
	a, ok := e.body.(*Access)
	if !ok {
		return
	}
	m.rows.add(accessRow{e.ID, e.RecordedAt.UnixMilli(), e.Actor.Person, e.Actor.Office, e.Actor.Post,
		a.Kind, a.Case, int64(len(a.Fields)), a.Purpose, a.Request})
}
