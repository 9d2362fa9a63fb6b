package projections

import (
	"fmt"

	"leeway/domain"
)

// decodeAccess reads the clear part of an access event as strictly as the
// domain reads its own.
func decodeAccess(eventType string, clear []byte) (any, error) {
	a := new(domain.Access)
	if eventType != a.EventType() {
		return nil, fmt.Errorf("%w: event type %q is not one of the access log", domain.ErrInvalid, eventType)
	}
	if err := strictly(clear, a); err != nil {
		return nil, err
	}
	return a, nil
}

// accessRow is one access. Who saw it is in the envelope, which no client
// writes.
type accessRow struct {
	Event    string `col:"event"`
	Recorded int64  `col:"recorded"` // milliseconds
	Person   string `col:"person"`
	Office   string `col:"office"`
	Post     string `col:"post"`
	Kind     string `col:"kind"`   // read, list, search, export
	ID       string `col:"id"`     // case, where there is one
	Fields   int64  `col:"fields"` // how many were opened
	Purpose  string `col:"purpose"`
	Request  string `col:"request"`
}

// accessModel is the access log 查阅记录: who saw what of whom, and why.
type accessModel struct{ rows appended[accessRow] }

// newAccess makes the access log.
func newAccess(Options) model {
	return &accessModel{appendedIn[accessRow]("access_log", 1, 0)}
}

func (m *accessModel) sets() []set { return []set{&m.rows} }
func (m *accessModel) want(*event) {}

// fold writes an access down. An access is never changed, and never taken back.
func (m *accessModel) fold(e *event) {
	a, ok := e.body.(*domain.Access)
	if !ok {
		return
	}
	m.rows.add(accessRow{e.ID, e.RecordedAt.UnixMilli(), e.Actor.Person, e.Actor.Office, e.Actor.Post,
		a.Kind, a.Case, int64(len(a.Fields)), a.Purpose, a.Request})
}
