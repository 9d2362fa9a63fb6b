package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"leeway/eventstore"
)

func TestReceiptIsExchangedForProofs(t *testing.T) {
	o := newOffice(t, 3)
	l := o.create()
	b := eventstore.Batch{Stream: "案件-甲 1", Expected: eventstore.NoStream, Command: "c 1"}
	for n := range 3 {
		e := batch(100 + n).Events[0]
		b.Events = append(b.Events, e)
	}
	last := appendTo(t, o.store, b)
	now := time.Date(2026, 11, 24, 9, 30, 0, 123_456_789, shanghai)
	receipt, err := Receipts{origin, []Signer{o.key}}.Issue(b, last, now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Receipts{origin, []Signer{o.key}}.Issue(b, appendTo(t, o.store, b), now)
	if err != nil || !bytes.Equal(again, receipt) {
		t.Errorf("the same command gets another receipt: %v\n%s", err, again)
	}
	r, err := o.cfg.Policy.VerifyReceipt(receipt)
	if err != nil {
		t.Fatal(err)
	}
	if r.Stream != b.Stream || r.Command != b.Command || r.Origin != origin || !r.RecordedAt.Equal(at("2026-11-24T01:30:00.123Z")) {
		t.Errorf("the receipt says %+v", r)
	}

	_, err = l.Exchange(t.Context(), receipt)
	wantErr(t, err, ErrPending)
	seal(t, l)
	proofs, err := l.Exchange(t.Context(), receipt)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range proofs {
		in, err := o.cfg.Policy.VerifyInclusion(p.Proof, p.Data)
		if err != nil || in.Index != int64(3+i) || tlog.RecordHash(p.Data) != r.Events[i].Leaf || r.Events[i].Revision != int64(i) || r.Events[i].ID != b.Events[i].ID {
			t.Errorf("event %d of the receipt is proven as %d: %v", i, in.Index, err)
		}
	}
}

func TestExchangeFindsAMissingEvent(t *testing.T) {
	o := newOffice(t, 6)
	l := o.create()
	gone := batch(6) // revision 2 of case-0: signed for, never appended
	receipt, err := Receipts{origin, []Signer{o.key}}.Issue(gone, 2, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Exchange(t.Context(), receipt)
	wantErr(t, err, ErrMissing)
	changed := batch(4)
	changed.Events[0].Data = []byte("other bytes")
	receipt, err = Receipts{origin, []Signer{o.key}}.Issue(changed, 1, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Exchange(t.Context(), receipt)
	wantErr(t, err, ErrMissing)
	_, err = l.Exchange(t.Context(), l.Latest().Note)
	wantErr(t, err, ErrMalformed)
}

// TestJudge hears complaints, just and unjust.
func TestJudge(t *testing.T) {
	o := newOffice(t, 9)
	w := o.witnesses("quorum A", "A")[0]
	l := o.create()
	s := cosign(t, l, w, 0)
	all := recorded(t, o.store)
	issue := func(n int, recorded time.Time) []byte {
		b, err := Receipts{origin, []Signer{o.key}}.Issue(batch(n), int64(n/3), recorded)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	hourAgo, now := time.Now().Add(-time.Hour), time.Now()
	there, gone := issue(5, hourAgo), issue(77, hourAgo)
	var leaves []tlog.Hash
	for _, r := range all {
		leaves = append(leaves, tlog.RecordHash(r.Data))
	}
	changed := slices.Clone(datas(all))
	changed[3] = []byte("{}")
	other := newOffice(t, 9)
	theirs := other.create().Latest()
	for _, c := range []struct {
		name string
		Complaint
		want error
	}{
		{"the event is there", Complaint{Receipt: there, Checkpoint: s.Note, Leaves: values(datas(all))}, nil},
		{"the event is there, by hashes", Complaint{Receipt: there, Checkpoint: s.Note, Hashes: values(leaves)}, nil},
		{"the event is gone", Complaint{Receipt: gone, Checkpoint: s.Note, Leaves: values(datas(all))}, ErrMissing},
		{"the event is gone, by hashes", Complaint{Receipt: gone, Checkpoint: s.Note, Hashes: values(leaves)}, ErrMissing},
		{"too early to tell, whatever the complainant says",
			Complaint{Receipt: issue(77, now), Checkpoint: s.Note, Leaves: values(datas(all)), Seen: now.AddDate(1, 0, 0)}, ErrPending},
		{"events that are not the operator's", Complaint{Receipt: gone, Checkpoint: s.Note, Leaves: values(changed)}, ErrRewritten},
		{"too few events", Complaint{Receipt: gone, Checkpoint: s.Note, Leaves: values(datas(all)[:8])}, ErrRolledBack},
		{"a receipt that nobody signed",
			Complaint{Receipt: bytes.Replace(gone, []byte("case-2"), []byte("case-1"), 1), Checkpoint: s.Note, Leaves: values(datas(all))}, ErrUntrusted},
		{"a checkpoint of somebody else", Complaint{Receipt: gone, Checkpoint: theirs.Note, Leaves: values(datas(all))}, ErrUntrusted},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := o.cfg.Policy.Judge(c.Complaint)
			if !errors.Is(err, c.want) {
				t.Fatalf("judged %v, want %v", err, c.want)
			}
			if c.want == ErrMissing && !strings.Contains(err.Error(), "revision 25 of case-2") {
				t.Errorf("the judgement does not name the event: %v", err)
			}
		})
	}

	// Without a witness the time at which the checkpoint was seen counts.
	other.cfg.Dir = "" // beside the log that is open
	s2, _ := seal(t, other.open())
	b, err := Receipts{origin, []Signer{other.key}}.Issue(batch(77), 25, at("2026-11-24T01:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	for seen, want := range map[string]error{"2026-11-24T01:00:59Z": ErrPending, "2026-11-24T01:01:00Z": ErrMissing} {
		wantErr(t, other.cfg.Policy.Judge(Complaint{Receipt: b, Checkpoint: s2.Note, Leaves: values(datas(all)), Seen: at(seen)}), want)
	}
}

// TestReceiptIsNoCheckpoint: one key signs both, so neither text may pass for
// the other, whatever the names in it are.
func TestReceiptIsNoCheckpoint(t *testing.T) {
	o := newOffice(t, 1)
	l := o.create()
	_, err := o.cfg.Policy.VerifyReceipt(l.Latest().Note)
	wantErr(t, err, ErrMalformed)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[^\x00-\x1f]{1,40}`)
		b := batch(0)
		b.Command, b.Stream = name.Draw(t, "command"), name.Draw(t, "stream")
		receipt, err := Receipts{origin, []Signer{o.key}}.Issue(b, 0, time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "time")))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.cfg.Policy.Verify(receipt); !errors.Is(err, ErrMalformed) {
			t.Fatalf("a receipt passes for a checkpoint: %v", err)
		}
		r, err := o.cfg.Policy.VerifyReceipt(receipt)
		if err != nil || r.Command != b.Command || r.Stream != b.Stream {
			t.Fatalf("%q is read back as %+v, %v", receipt, r, err)
		}
	})
	// What would break the lines is not signed at all.
	for _, bad := range []string{"", "a\nevent 0 x y", "a\n", "\n"} {
		b := batch(0)
		b.Command = bad
		_, err := Receipts{origin, []Signer{o.key}}.Issue(b, 0, time.Now())
		wantErr(t, err, ErrMalformed)
	}
	// A witness' signature is none of the operator's.
	w := o.witnesses("quorum none", "A")[0]
	text := Receipt{Origin: origin, Command: "c", Stream: "s", RecordedAt: at("2026-11-24T00:00:00Z"), Events: []Received{{0, "id", tlog.Hash{}}}}.text()
	signed, err := note.Sign(&note.Note{Text: text}, w.key.Signer)
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.cfg.Policy.VerifyReceipt(signed)
	wantErr(t, err, ErrUntrusted)
}

func TestReceiptTextIsStrict(t *testing.T) {
	good := Receipt{Origin: origin, Command: "c", Stream: "s", RecordedAt: at("2026-11-24T00:00:00Z"), Events: []Received{{3, "id", tlog.Hash{1}}}}.text()
	if _, err := parseReceipt(good); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{"v1", "v2"}, {"event 3", "event +3"}, {"event 3", "event 03"}, {"event 3", "event -3"}, {"event 3", "event  3"},
		{"000Z", "000+00:00"}, {".000Z", "Z"}, {"stream s", "stream s\nstream t"}, {"origin", "Origin"}, {"command c\n", ""},
		{"stream s", "stream "}, {"id", "a b"}, {"event 3 id", "event 3 "}, {"AQAA", "AQA"}, {"\nevent", "\n\nevent"},
	} {
		bad := strings.Replace(good, c[0], c[1], 1)
		if bad == good {
			t.Fatalf("%q is not in the receipt", c[0])
		}
		_, err := parseReceipt(bad)
		wantErr(t, err, ErrMalformed)
	}
	if _, err := parseReceipt(strings.Join(strings.Split(good, "\n")[:5], "\n")); err == nil {
		t.Error("a receipt without an event is taken")
	}
	if _, err := parseReceipt(good + fmt.Sprintf("event 4 id2 %s\n", tlog.Hash{2})); err != nil {
		t.Errorf("two events: %v", err)
	}
}
