package esdb

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"

	"leeway/eventstore"
)

// received is what a server that keeps everything shows of a batch's events.
func received(prefix string, b eventstore.Batch) ([]*esdb.RecordedEvent, error) {
	sent, err := encode(b)
	var out []*esdb.RecordedEvent
	for i, e := range sent {
		p := uint64(64 * (i + 1))
		out = append(out, &esdb.RecordedEvent{
			EventID: e.EventID, EventType: e.EventType, StreamID: prefix + b.Stream, Data: e.Data, UserMetadata: e.Metadata,
			EventNumber: uint64(b.Expected + 1 + int64(i)), Position: esdb.Position{Commit: p, Prepare: p}, CreatedDate: time.Unix(7, 0),
		})
	}
	return out, err
}

// TestRoundTrip: what was sent is what comes back, whatever the names hold.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[^\p{Cc}$][^\p{Cc}]{0,20}`)
		b := eventstore.Batch{
			Stream: name.Draw(t, "stream"), Command: name.Draw(t, "command"), Expected: rapid.Int64Range(-1, 1<<40).Draw(t, "expected"),
			Events: []eventstore.Event{{ID: newID(), Type: name.Draw(t, "type"), Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data")}},
		}
		if err := b.Validate(); err != nil {
			t.Skip(err)
		}
		s := &Store{prefix: rapid.SampledFrom([]string{"", "leeway-"}).Draw(t, "prefix")}
		es, err := received(s.prefix, b)
		if err != nil {
			t.Fatal(err)
		}
		r, ours, err := s.checked(es[0])
		if err != nil || !ours {
			t.Fatalf("checked = %v, %v", ours, err)
		}
		back := eventstore.Batch{Stream: r.Stream, Command: r.Command, Expected: r.Revision - 1, Events: []eventstore.Event{r.Event}}
		if !back.Same(b) || back.Expected != b.Expected || r.Position != 64 || !r.Created.Equal(time.Unix(7, 0)) {
			t.Fatalf("sent %+v, got %+v", b, r)
		}
	})
}

// TestSumFinds: a change of anything that was appended is found.
func TestSumFinds(t *testing.T) {
	for name, change := range map[string]func(*esdb.RecordedEvent){
		"data":      func(e *esdb.RecordedEvent) { e.Data = []byte("Data") },
		"data cut":  func(e *esdb.RecordedEvent) { e.Data = e.Data[:2] },
		"data gone": func(e *esdb.RecordedEvent) { e.Data = nil },
		"type":      func(e *esdb.RecordedEvent) { e.EventType = "noted.v2" },
		"id":        func(e *esdb.RecordedEvent) { e.EventID[0] ^= 1 },
		"stream":    func(e *esdb.RecordedEvent) { e.StreamID = "t" },
		"revision":  func(e *esdb.RecordedEvent) { e.EventNumber++ },
		"command": func(e *esdb.RecordedEvent) {
			e.UserMetadata = []byte(strings.Replace(string(e.UserMetadata), `"c1"`, `"c2"`, 1))
		},
		"moved boundary": func(e *esdb.RecordedEvent) { e.StreamID, e.EventType = "sn", "oted.v1" },
		"transaction":    func(e *esdb.RecordedEvent) { e.Position.Prepare-- },
	} {
		b := batch("s", eventstore.NoStream, "data")
		b.Command = "c1"
		es, err := received("", b)
		if err != nil {
			t.Fatal(err)
		}
		change(es[0])
		if _, _, err := new(Store).checked(es[0]); !errors.Is(err, eventstore.ErrCorrupt) {
			t.Errorf("%s: %v, want ErrCorrupt", name, err)
		}
	}
}

// TestForeign: what another program wrote is shown as it is, and what is the
// server's or another ledger's is not shown.
func TestForeign(t *testing.T) {
	p := esdb.Position{Commit: 1, Prepare: 1}
	for _, tt := range []struct {
		prefix, stream, metadata string
		ours                     bool
		command                  string
	}{
		{"", "s", "", true, ""},
		{"", "s", "{}", true, ""},
		{"", "s", "[1]", true, ""},
		{"", "s", "no JSON", true, ""},
		{"", "s", `{"command":"c"}`, true, "c"},
		{"", "$settings", "{}", false, ""},
		{"", "$$s", "{}", false, ""},
		{"a-", "a-s", "{}", true, ""},
		{"a-", "b-s", "{}", false, ""},
		{"a-", "$a-s", "{}", false, ""},
	} {
		s := &Store{prefix: tt.prefix}
		r, ours, err := s.checked(&esdb.RecordedEvent{StreamID: tt.stream, UserMetadata: []byte(tt.metadata), Position: p})
		if err != nil || ours != tt.ours || r.Command != tt.command {
			t.Errorf("%+v: ours %v, command %q, %v", tt, ours, r.Command, err)
		}
	}
}

// TestClassify: each way in which an error can come back.
func TestClassify(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want fault
	}{
		{nil, faultNone},
		{status.Error(codes.Unavailable, ""), faultUnavailable},
		{fmt.Errorf("wrapped: %w", status.Error(codes.Unavailable, "")), faultUnavailable},
		{status.Error(codes.DeadlineExceeded, ""), faultUnavailable},
		{status.Error(codes.Canceled, ""), faultUnavailable},
		{status.Error(codes.Aborted, ""), faultUnavailable},
		{status.Error(codes.Unauthenticated, ""), faultDenied},
		{status.Error(codes.PermissionDenied, ""), faultDenied},
		{status.Error(codes.InvalidArgument, ""), faultInvalid},
		{status.Error(codes.DataLoss, ""), faultCorrupt},
		{status.Error(codes.FailedPrecondition, ""), faultRefused},
		{status.Error(codes.Internal, ""), faultOther},
		{fmt.Errorf("%w: so", eventstore.ErrCorrupt), faultCorrupt},
		{visitorError{fmt.Errorf("%w: so", eventstore.ErrInvalid)}, faultInvalid},
		{fmt.Errorf("could not send append request. Reason: %w", io.EOF), faultUnsent},
		{io.EOF, faultOther},
		{fmt.Errorf("%w: so", eventstore.ErrUnavailable), faultUnavailable},
		{errors.New("else"), faultOther},
	} {
		if got := classify(tt.err); got != tt.want {
			t.Errorf("classify(%v) = %v, want %v", tt.err, got, tt.want)
		}
	}
	if translate(nil) != nil {
		t.Error("translate makes an error of nil")
	}
	if err := errors.New("else"); translate(err) != err {
		t.Error("translate changes what it does not know")
	}
}

// TestOnlyConcreteRevisions: the expectations under which a server may append
// twice do not occur in this package.
func TestOnlyConcreteRevisions(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		looked++
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Any" || sel.Sel.Name == "StreamExists") {
				t.Errorf("%s uses %s", e.Name(), sel.Sel.Name)
			}
			return true
		})
	}
	if looked < 5 {
		t.Errorf("looked into %d files", looked)
	}
}
