package casework

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// tries is how often a command decides again after a conflict before the
// conflict is the caller's.
const tries = 5

// fact is what both kinds of event have in common.
type fact interface{ EventType() string }

// A draft is one event that was decided and is not on record yet. Its place
// is known only when it is appended.
type draft struct {
	id      string
	event   fact
	actor   domain.Actor
	visible domain.Visibility
	claimed *domain.Claim
	basis   domain.Basis
	caseID  string // of a case's event: whose subjects are spoken of
}

// write is one command: its id, who gave it, and its one clock reading.
type write struct {
	Request
	now time.Time
}

// begin checks a request and reads the clock, for the only time in the
// command: every try after a conflict uses the same reading.
func (s *Service) begin(r Request) (write, error) {
	if r.Command == "" {
		r.Command = newID()
	}
	switch {
	case !isID(r.Command):
		return write{}, domain.NewFault("command", "%q is no lower-case UUID", "give a UUID of your own, or none", r.Command)
	case r.Actor.Person == "" || r.Actor.Office == "" || r.Actor.Post == "":
		return write{}, domain.NewFault("actor", "person, office or post is missing", "say who acts, at which office and in which post")
	}
	if f := checkVisible(r.Visible); f != nil {
		return write{}, f
	}
	return write{r, s.Now()}, nil
}

// today is the civil day of the command's clock reading.
func (w write) today() domain.Day { return domain.DayOf(w.now) }

// draft is the command's only event, before its basis is known.
func (w write) draft(e fact) draft {
	return draft{id: eventID(w.Command, 0), event: e, actor: w.Actor, visible: w.Visible}
}

func checkVisible(v domain.Visibility) *domain.Fault {
	for i, entry := range v {
		kind, name, _ := strings.Cut(entry, ":")
		if kind != "office" && kind != "post" || name == "" {
			return domain.NewFault(fmt.Sprintf("visible[%d]", i), "%q names nobody", `write "office:ID" or "post:ID"`, entry)
		}
	}
	return nil
}

// checkCaseID refuses an id that could not name a stream everywhere. The store
// knows what it takes as a name, so it is asked.
func checkCaseID(id string) error {
	const most = 200
	b := eventstore.Batch{Stream: CaseStream(id), Command: "x", Events: []eventstore.Event{{ID: eventID(newID(), 0), Type: "x"}}}
	if err := b.Validate(); err != nil || id == "" || len(id) > most {
		return domain.NewFault("case", "%.80q cannot name a case", "use 1 to %[2]d bytes of text without control characters", id, most)
	}
	return nil
}

// append puts drafts on record as one batch behind the last event of their
// stream. The receipt is of the last of them.
//
// The clock of a server may be set back. recorded_at never is: it is the later
// of the clock and of the stream's last event, so that the order of a stream
// and the order of its times agree.
func (s *Service) append(ctx context.Context, w write, last domain.Meta, drafts []draft) (Receipt, error) {
	batch := eventstore.Batch{Stream: last.Stream, Expected: last.Revision, Command: w.Command}
	at := domain.At(w.now)
	if at.Before(last.RecordedAt.Time) {
		at = last.RecordedAt
	}
	for i, d := range drafts {
		m := domain.Meta{
			ID: d.id, Command: w.Command, Type: d.event.EventType(),
			Stream: last.Stream, Revision: last.Revision + 1 + int64(i), RecordedAt: at,
			Claimed: d.claimed, Actor: d.actor, Basis: d.basis, Visible: d.visible,
		}
		data, err := s.encode(m, d)
		if err != nil {
			return Receipt{}, err
		}
		batch.Events = append(batch.Events, eventstore.Event{ID: m.ID, Type: m.Type, Data: data})
	}
	rev, err := s.Store.Append(ctx, batch)
	if err != nil {
		return Receipt{}, err
	}
	return s.signed(Receipt{EventID: drafts[len(drafts)-1].id, Command: w.Command, Stream: last.Stream, Revision: rev, RecordedAt: at}, batch)
}

// signed adds the operator's signature to the receipt of a batch.
func (s *Service) signed(r Receipt, b eventstore.Batch) (Receipt, error) {
	if s.Sign == nil {
		return r, nil
	}
	text, err := s.Sign(b, r.Revision, r.RecordedAt.Time)
	if err != nil {
		return r, fmt.Errorf("%w: command %s at revision %d of %s: %w", ErrUnsigned, r.Command, r.Revision, r.Stream, err)
	}
	r.Signed = string(text)
	return r, nil
}

// signedAgain is the receipt of a command that is on record already, to the
// byte as it was given out: its batch is read back.
func (s *Service) signedAgain(ctx context.Context, old domain.Meta) (Receipt, error) {
	r := Receipt{EventID: old.ID, Command: old.Command, Stream: old.Stream, Revision: old.Revision, RecordedAt: old.RecordedAt}
	if s.Sign == nil {
		return r, nil
	}
	b := eventstore.Batch{Stream: old.Stream, Command: old.Command}
	for e, err := range s.Store.Read(ctx, old.Stream, 0) {
		if err != nil {
			return Receipt{}, fmt.Errorf("stream %s: %w", old.Stream, err)
		}
		if e.Command == old.Command {
			b.Events, r.EventID, r.Revision = append(b.Events, e.Event), e.ID, e.Revision
		}
	}
	return s.signed(r, b)
}

// encode seals the personal data of a draft, then builds the envelope. The
// clear part is written by domain.Private itself, which never writes a text:
// forgetting to seal a field loses it, and a test of every type holds that
// none is forgotten; it cannot show it.
func (s *Service) encode(m domain.Meta, d draft) ([]byte, error) {
	env := domain.Envelope{Suite: cmp.Or(s.Suite, domain.Suite), Meta: m}
	for _, f := range eligibility.Private(d.event) {
		sealed, err := s.seal(m, d.caseID, f)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", f.Path, m.Type, err)
		}
		if sealed != nil {
			env.Sealed = append(env.Sealed, *sealed)
		}
	}
	var err error
	if env.Clear, err = domain.Canonical(d.event); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Type, err)
	}
	return env.Encode()
}
