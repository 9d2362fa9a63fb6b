package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
	"leeway/eventstore"
)

// receiptHead is the first line of a receipt and names its version.
const receiptHead = "leeway receipt v1"

// Receipt is what an operator signs when a command is on record, before any
// checkpoint covers it. Whoever acted keeps it: from then on his events cannot
// disappear without two signatures of the operator that disagree.
type Receipt struct {
	Origin     string
	Command    string
	Stream     string
	RecordedAt time.Time // to the millisecond, UTC
	Events     []Received
}

// Received is one event of a receipt.
type Received struct {
	Revision int64
	ID       string
	Leaf     tlog.Hash // of the exact bytes
}

// Receipts signs receipts. The keys are a log's keys: the text cannot be taken
// for a checkpoint, whose second line is a number. Who knows one of the keys
// verifies by its line and passes the others over.
type Receipts struct {
	Origin  string
	Signers []Signer
}

// receiptsWith signs receipts with the first key of each algorithm. During a
// rotation that is the old key: everybody has it.
func receiptsWith(origin string, all []Signer) Receipts {
	r := Receipts{Origin: origin}
	taken := map[bool]bool{}
	for _, s := range all {
		if sm := isSM2(s); !taken[sm] {
			taken[sm] = true
			r.Signers = append(r.Signers, s)
		}
	}
	return r
}

// Issue signs the receipt of a batch that has been appended, last being the
// revision that Append returned and at the clock reading of the command. Call
// it after the append and never before. The same batch gives the same bytes.
func (r Receipts) Issue(b eventstore.Batch, last int64, at time.Time) ([]byte, error) {
	t := Receipt{r.Origin, b.Command, b.Stream, at.UTC().Truncate(time.Millisecond), nil}
	for i, e := range b.Events {
		t.Events = append(t.Events, Received{last - int64(len(b.Events)-1-i), e.ID, tlog.RecordHash(e.Data)})
	}
	if again, err := parseReceipt(t.text()); err != nil || again.text() != t.text() {
		return nil, domain.Deny(ErrMalformed, "a receipt for command %.80q cannot be written down", "", b.Command)
	}
	return note.Sign(&note.Note{Text: t.text()}, r.Signers...)
}

// text is the canonical form, which is signed. Every line is a word and what it
// says; the names in it cannot hold a line break, since no store takes one.
func (t Receipt) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\norigin %s\ncommand %s\nstream %s\nrecorded_at %s\n",
		receiptHead, t.Origin, t.Command, t.Stream, t.RecordedAt.Format(recordTime))
	for _, e := range t.Events {
		fmt.Fprintf(&b, "event %d %s %s\n", e.Revision, e.ID, e.Leaf)
	}
	return b.String()
}

// parseReceipt reads the text of a receipt and takes no other spelling of it:
// what it read is written again and must give the same bytes.
func parseReceipt(text string) (t Receipt, err error) {
	bad := func() (Receipt, error) {
		return Receipt{}, domain.Deny(ErrMalformed, "receipt begins with %.80q", "", text)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 6 {
		return bad()
	}
	var at string
	for i, field := range []*string{nil, &t.Origin, &t.Command, &t.Stream, &at} {
		word, rest, _ := strings.Cut(lines[i], " ")
		if field != nil && word == [...]string{"", "origin", "command", "stream", "recorded_at"}[i] {
			*field = rest
		}
	}
	if t.RecordedAt, err = time.Parse(recordTime, at); err != nil {
		return bad()
	}
	for _, line := range lines[5:] {
		f := strings.Split(line, " ")
		if len(f) != 4 || f[0] != "event" {
			return bad()
		}
		rev, err1 := strconv.ParseInt(f[1], 10, 64)
		leaf, err2 := tlog.ParseHash(f[3])
		if err1 != nil || err2 != nil || rev < 0 || f[2] == "" {
			return bad()
		}
		t.Events = append(t.Events, Received{rev, f[2], leaf})
	}
	if t.text() != text || t.Origin == "" || t.Command == "" || t.Stream == "" {
		return bad()
	}
	return t, nil
}

// VerifyReceipt checks a receipt: its one spelling, and a signature by a key
// of the log. It shows what the operator promised, not that he kept it. The
// error wraps ErrMalformed or ErrUntrusted.
func (p *Policy) VerifyReceipt(signed []byte) (Receipt, error) {
	text, _, err := splitNote(signed)
	if err != nil {
		return Receipt{}, err
	}
	t, err := parseReceipt(text)
	if err != nil {
		return Receipt{}, err
	}
	n, err := p.openNote(signed, t.Origin)
	if err != nil {
		return Receipt{}, err
	}
	for _, s := range n.Sigs {
		if _, ok := p.witness(s); !ok {
			return t, nil
		}
	}
	return Receipt{}, domain.Deny(ErrUntrusted, "no key of log %s has signed the receipt; the policy names %s", "", t.Origin, p.origins())
}

// Again signs the receipt of the command that put a revision of a stream on
// record, from what is on record: the bytes are those that Issue gave, however
// often it is asked. The time is that in the command's last event.
func (r Receipts) Again(ctx context.Context, store eventstore.Store, stream string, revision int64) ([]byte, error) {
	b := eventstore.Batch{Stream: stream}
	last := int64(-1)
	// A command's events lie together, and how many come before is not known.
	for e, err := range store.Read(ctx, stream, max(0, revision-mostOfCommand)) {
		if err != nil {
			return nil, err
		}
		if b.Command != e.Command {
			if last >= revision {
				break
			}
			b.Command, b.Events = e.Command, nil
		}
		b.Events, last = append(b.Events, e.Event), e.Revision
	}
	if last < revision {
		return nil, domain.Deny(ErrMissing, "%s has no revision %d", "", stream, revision)
	}
	at, err := recordedAt(b.Events[len(b.Events)-1].Data)
	if err != nil {
		return nil, err
	}
	return r.Issue(b, last, at)
}

// mostOfCommand is more events than a step of a person appends to one stream.
const mostOfCommand = 5000

// recordedAt is the clock reading that an event carries. It is the one thing
// that a receipt takes from inside an event.
func recordedAt(data []byte) (time.Time, error) {
	var e struct {
		RecordedAt time.Time `json:"recorded_at"`
	}
	if err := json.Unmarshal(data, &e); err != nil || e.RecordedAt.IsZero() {
		return time.Time{}, domain.Deny(ErrMalformed, "the event says not when it was recorded", "")
	}
	return e.RecordedAt, nil
}
