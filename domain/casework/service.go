package casework

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/eventstore"
)

// Rules is what casework needs of the policies room, beside what a replay
// needs of it.
type Rules interface {
	replay.Rules
	// Resolve names a sealed version at hand by its digest. The error wraps
	// replay.ErrNoRules and says what is at hand.
	Resolve(pack, version string) (domain.PackVersion, error)
	// Quorum is whose approvals a version needs to be activated. The error
	// wraps domain.ErrRefused where the version is never to be activated.
	Quorum(domain.PackVersion) (domain.Quorum, error)
	// Engine names the program that evaluates rules, with its version.
	Engine() string
}

// A Question asks what the rules say of a decision that is about to be
// recorded. The case and the register are as the basis says, before it.
type Question struct {
	Case     *eligibility.Case
	Register *eligibility.Register
	Basis    domain.Basis
	Actor    domain.Actor
	Month    domain.Month // first benefit month that the decision is about
	Day      domain.Day   // on which it is recorded
	Event    eligibility.Event
}

// Service is casework over one store. Its fields are set once, before use;
// its methods may be called from many goroutines, and by several processes
// over one store: the store's revisions keep them apart.
type Service struct {
	Store eventstore.Store
	Rules Rules
	// Sealer seals personal data and opens it. With none, personal data is
	// refused when it is to be recorded, and stays sealed when it is read.
	Sealer domain.Sealer
	// Approved checks the signature of an approval, and that the key is the
	// person's; none: approvals that claim a signature are refused.
	Approved func(domain.PackVersion, domain.Approval) error
	// Suite is the cryptographic suite of the ledger, which each envelope names:
	// the sealer's. None: domain.Suite. Events of another are not read.
	Suite string
	// Now is the clock, read once per command. What is recorded takes its
	// time from here and from nowhere else.
	Now func() time.Time
	// Advise is asked when a decision is recorded; none: no advice. An error
	// that wraps replay.ErrNoRules means that there is no advice to give; any
	// other keeps the decision from being recorded.
	Advise func(context.Context, Question) (*eligibility.Advice, error)
	// Sign signs the receipt of a batch that is on record, last being the
	// revision of its last event and at its recorded_at; the same batch gives
	// the same receipt. None: receipts are not signed. It is called after the
	// append, so that an error of it is ErrUnsigned.
	Sign func(b eventstore.Batch, last int64, at time.Time) ([]byte, error)

	registers decoded
}

// ErrUnsigned says that a command is on record and its receipt could not be
// signed. The same command again gets it.
var ErrUnsigned = errors.New("on record, but the receipt could not be signed")

// Request is who asks, and as what. The same Command again is a retry: it
// gets the first receipt, and nothing is recorded twice.
type Request struct {
	Command string // UUID; none: a new one
	Actor   domain.Actor
	Visible domain.Visibility // who may see what is recorded; none: every office that handles the case
	// Check is asked in every try, with the case as it stands on record, before
	// anything is decided; its error refuses the step. A retry is not asked: it
	// gets its first receipt. None: nothing is checked.
	Check func([]Entry) error
}

// CommandOf is the command id that stands for what a caller names a request
// by: the same names, the same id.
func CommandOf(names ...string) string {
	return uuid.NewSHA1(commands, []byte(strings.Join(names, "\x00"))).String()
}

// commands is the space of the ids that CommandOf gives.
var commands = uuid.MustParse("6f0f5f3e-2a55-4c6b-9a0b-5b1f3f5d7a10")

// Receipt says that an event is durably on record, and where. It is given
// after the store has said so. A command that is on record already gets the
// receipt that it got then, to the byte.
type Receipt struct {
	EventID    string         `json:"event_id,omitempty"` // none: the record said so already, nothing was added
	Command    string         `json:"command"`
	Stream     string         `json:"stream"`
	Revision   int64          `json:"revision"` // the event's; with no event, the stream's last
	RecordedAt domain.Instant `json:"recorded_at"`
	// Signed is the operator's signature under the command, for the hand of
	// whoever acted: from then on his events cannot disappear unnoticed. Empty:
	// nothing was added, or receipts are not signed here.
	Signed string `json:"signed,omitempty"`
}

const casePrefix = "case-"

// CaseStream is the stream of a case.
func CaseStream(id string) string { return casePrefix + id }

// SubjectKey is the subject under whose data key the personal data of a case
// is sealed. A pseudonym is unique inside its case only, so the case is part
// of it: destroying one household's keys touches no other.
func SubjectKey(caseID, subject string) string { return caseID + "/" + subject }

// eventID is the id of the n-th event of a command, the same in every retry.
// It keeps the time in which a command id of version 7 begins, so that ids of
// one time lie together in a store's index.
func eventID(command string, n byte) string {
	c := uuid.MustParse(command)
	id := uuid.NewSHA1(c, []byte{n})
	if c.Version() == 7 {
		copy(id[:6], c[:6])
		id[6] = id[6]&0x0f | 0x80 // version 8: a layout of our own
	}
	return id.String()
}

// newID is a fresh command id, ordered by time.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// isID reports whether s is a UUID in the one spelling that stores take. Two
// spellings of one command would be two commands.
func isID(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.String() == s
}
