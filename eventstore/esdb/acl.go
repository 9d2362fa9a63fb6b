package esdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"leeway/eventstore"
)

// everybody is the group of all users of a server.
const everybody = "$all"

// ACL says who may do what with a stream that says nothing itself: users and
// groups of the server.
type ACL struct {
	Read, Write, Delete, MetaRead, MetaWrite []string
}

// Erasable reports whether every user of the server may delete a stream, or
// truncate it by its metadata.
func (a ACL) Erasable() bool {
	return slices.Contains(a.Delete, everybody) || slices.Contains(a.MetaWrite, everybody)
}

// rights is an access list as the server keeps it: names, or one name.
type rights []string

func (r *rights) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*r = rights{one}
		return nil
	}
	var many []string // not into the list that is there: it is the default of others too
	if err := json.Unmarshal(text, &many); err != nil {
		return err
	}
	*r = many
	return nil
}

// DefaultACL reads from the server's settings what holds for streams without
// an access list of their own, as those of a ledger are. Without settings a
// server lets everybody do everything. By default only admins may read the
// settings: anybody else gets eventstore.ErrDenied.
func (s *Store) DefaultACL(ctx context.Context) (ACL, error) {
	if !s.gate.enter() {
		return ACL{}, eventstore.ErrClosed
	}
	defer s.gate.leave()
	var settings []byte
	opts := esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}
	err := s.steady(ctx, func(ctx context.Context) (bool, error) {
		return false, s.read(ctx, func(ctx context.Context, c *esdb.Client) (*esdb.ReadStream, error) {
			return c.ReadStream(ctx, "$settings", opts, 1)
		}, func(e *esdb.RecordedEvent) error {
			settings = e.Data
			return nil
		})
	})
	if err != nil && classify(err) != faultNotFound {
		return ACL{}, fmt.Errorf("read the server's settings: %w", translate(err))
	}
	return parseSettings(settings)
}

// parseSettings reads the default access list. What it does not mention is
// open to everybody.
func parseSettings(text []byte) (ACL, error) {
	all := rights{everybody}
	var doc struct {
		User struct {
			Read      rights `json:"$r"`
			Write     rights `json:"$w"`
			Delete    rights `json:"$d"`
			MetaRead  rights `json:"$mr"`
			MetaWrite rights `json:"$mw"`
		} `json:"$userStreamAcl"`
	}
	u := &doc.User
	u.Read, u.Write, u.Delete, u.MetaRead, u.MetaWrite = all, all, all, all, all
	if len(text) > 0 {
		if err := json.Unmarshal(text, &doc); err != nil {
			return ACL{}, fmt.Errorf("the server's settings cannot be read: %w", err)
		}
	}
	return ACL{u.Read, u.Write, u.Delete, u.MetaRead, u.MetaWrite}, nil
}

// beyond is a revision at which no stream ever stands.
const beyond = 1 << 40

// Writable reports whether the server would take an append, as an error if
// not. It sends one that the server must refuse for the revision it expects,
// so nothing is written.
func (s *Store) Writable(ctx context.Context) error {
	if !s.gate.enter() {
		return eventstore.ErrClosed
	}
	defer s.gate.leave()
	probe := eventstore.Batch{
		Stream: "leeway-doctor", Expected: beyond, Command: "leeway-doctor",
		Events: []eventstore.Event{{ID: "00000000-0000-8000-8000-000000000000", Type: "probe.v1", Data: []byte("{}")}},
	}
	hangUps := 0
	err := s.steady(ctx, func(ctx context.Context) (bool, error) {
		err := s.send(ctx, probe)
		if classify(err) != faultUnsent {
			return false, err
		}
		// The server refused it while the client was still sending, and the
		// client has lost the reason. A read may be told it.
		if _, _, lookErr := s.look(ctx, probe); lookErr != nil {
			return false, lookErr
		}
		if hangUps++; hangUps == mostRefusals {
			return false, fmt.Errorf("%w: it reads and hangs up on appends: %w", eventstore.ErrDenied, err)
		}
		return false, fmt.Errorf("%w: %w", eventstore.ErrUnavailable, err)
	})
	if classify(err) == faultConflict {
		return nil
	}
	if err == nil {
		err = errors.New("the server took an append that it had to refuse")
	}
	return fmt.Errorf("append: %w", translate(err))
}
