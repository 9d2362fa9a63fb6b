package esdbserver

import (
	"fmt"
	"slices"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestReadStream: both ways a read includes the revision it starts from.
func TestReadStream(t *testing.T) {
	f := newFixture(t, Options{})
	f.fill("other", 2)
	f.fill("s", 4)
	const back, forth = esdb.Backwards, esdb.Forwards
	for _, tt := range []struct {
		name  string
		way   esdb.Direction
		from  esdb.StreamPosition
		count uint64
		want  []string
	}{
		{"all", forth, esdb.Start{}, everything, []string{"s 0", "s 1", "s 2", "s 3"}},
		{"two", forth, esdb.Start{}, 2, []string{"s 0", "s 1"}},
		{"none", forth, esdb.Start{}, 0, []string{}},
		{"from 2", forth, esdb.Revision(2), everything, []string{"s 2", "s 3"}},
		{"past the end", forth, esdb.Revision(9), everything, []string{}},
		{"from the end", forth, esdb.End{}, everything, []string{}},
		{"all backwards", back, esdb.End{}, everything, []string{"s 3", "s 2", "s 1", "s 0"}},
		{"the last", back, esdb.End{}, 1, []string{"s 3"}},
		{"backwards from 1", back, esdb.Revision(1), everything, []string{"s 1", "s 0"}},
		{"backwards from past the end", back, esdb.Revision(9), 1, []string{"s 3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := f.read("s", esdb.ReadStreamOptions{Direction: tt.way, From: tt.from}, tt.count)
			if !slices.Equal(got, tt.want) {
				t.Errorf("read %q, want %q", got, tt.want)
			}
		})
	}
}

// TestReadAll: forwards a read includes the position it starts from, and
// backwards it does not.
func TestReadAll(t *testing.T) {
	f := newFixture(t, Options{})
	for i := range 5 {
		f.mustAppend([]string{"a", "b"}[i%2], revision(i/2-1), fmt.Sprint(i))
	}
	all := []string{"0", "1", "2", "3", "4"}
	if got := f.readAll(esdb.ReadAllOptions{}, everything); !slices.Equal(got, all) {
		t.Fatalf("$all is %q", got)
	}
	for i, p := range f.positions() {
		if got := f.readAll(esdb.ReadAllOptions{From: p}, everything); !slices.Equal(got, all[i:]) {
			t.Errorf("from event %d: %q", i, got)
		}
		want := slices.Clone(all[:i])
		slices.Reverse(want)
		if got := f.readAll(esdb.ReadAllOptions{From: p, Direction: esdb.Backwards}, everything); !slices.Equal(got, want) {
			t.Errorf("backwards from event %d: %q, want %q", i, got, want)
		}
		// A position between two events begins with the later one.
		p.Commit++
		if got := f.readAll(esdb.ReadAllOptions{From: p}, 1); i < 4 && !slices.Equal(got, all[i+1:i+2]) {
			t.Errorf("from just after event %d: %q", i, got)
		}
	}
	if got := f.readAll(esdb.ReadAllOptions{From: esdb.End{}}, everything); len(got) != 0 {
		t.Errorf("from the end: %q", got)
	}
	if got := f.readAll(esdb.ReadAllOptions{From: esdb.Start{}, Direction: esdb.Backwards}, everything); len(got) != 0 {
		t.Errorf("backwards from the start: %q", got)
	}
}

// TestEndOfAll: the end of $all is right after every append, whether it is at
// hand or has to be looked for.
func TestEndOfAll(t *testing.T) {
	f := newFixture(t, Options{})
	if got := f.readAll(esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards}, 1); len(got) != 0 {
		t.Errorf("the end of nothing is %q", got)
	}
	var want []string
	for i := range 3 * tailLength {
		f.mustAppend("s", revision(i-1), fmt.Sprint(i))
		want = append(want, fmt.Sprint(i))
		for _, n := range []int{1, 3, tailLength, tailLength + 1, everything} {
			if n > 3 && i%50 != 0 {
				continue
			}
			last := slices.Clone(want[max(0, len(want)-n):])
			slices.Reverse(last)
			got := f.readAll(esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards}, uint64(n))
			if !slices.Equal(got, last) {
				t.Fatalf("after %d events the last %d are %q", i+1, n, got)
			}
		}
	}
}

// TestPositionsHaveGaps: nobody may count them.
func TestPositionsHaveGaps(t *testing.T) {
	f := newFixture(t, Options{})
	f.mustAppend("s", esdb.NoStream{}, "0", "1", "2")
	ps := f.positions()
	for i := 1; i < len(ps); i++ {
		if ps[i].Commit <= ps[i-1].Commit+1 || ps[i].Commit != ps[i].Prepare {
			t.Errorf("position %+v after %+v", ps[i], ps[i-1])
		}
	}
}

// TestRecorded: everything about an event comes back as it was sent.
func TestRecorded(t *testing.T) {
	f := newFixture(t, Options{})
	e := event("内容")
	e.EventType, e.ContentType, e.Metadata = "记录.v1", esdb.ContentTypeJson, []byte(`{"命令":1}`)
	if _, err := f.append("案件-1", esdb.NoStream{}, e); err != nil {
		t.Fatal(err)
	}
	r, err := f.client.ReadStream(t.Context(), "案件-1", esdb.ReadStreamOptions{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := r.Recv()
	if err != nil {
		t.Fatal(err)
	}
	switch g := got.OriginalEvent(); {
	case g.EventID != e.EventID, g.EventType != e.EventType, g.StreamID != "案件-1", g.EventNumber != 0,
		string(g.Data) != "内容", string(g.UserMetadata) != `{"命令":1}`, g.ContentType != "application/json",
		g.CreatedDate.Year() < 2020, *got.Commit != g.Position.Commit:
		t.Errorf("got %+v, sent %+v", g, e)
	}
}

func TestNotFound(t *testing.T) {
	f := newFixture(t, Options{})
	for _, way := range []esdb.Direction{esdb.Forwards, esdb.Backwards} {
		_, err := f.drain(f.client.ReadStream(t.Context(), "none", esdb.ReadStreamOptions{Direction: way}, 1))
		if code(err) != esdb.ErrorCodeResourceNotFound {
			t.Errorf("%v: %v, want not found", way, err)
		}
	}
}

// TestUnreadable: an error of the store reaches the reader, after what came
// before it.
func TestUnreadable(t *testing.T) {
	f := newFixture(t, Options{})
	f.fill("s", 3)
	f.store.Damage("s", 1)
	got, err := f.drain(f.client.ReadStream(t.Context(), "s", esdb.ReadStreamOptions{}, everything))
	if len(got) != 1 || status.Code(err) != codes.DataLoss {
		t.Errorf("read %q, %v, want one event and DataLoss", got, err)
	}
}

// TestDirect: what was appended to the store itself is served too.
func TestDirect(t *testing.T) {
	f := newFixture(t, Options{})
	b := direct("s", -1, "0")
	b.Command = "命令-1"
	if _, err := f.store.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	r, err := f.client.ReadStream(t.Context(), "s", esdb.ReadStreamOptions{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := r.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if g := got.OriginalEvent(); g.EventID.String() != b.Events[0].ID || string(g.UserMetadata) != `{"command":"命令-1"}` || string(g.Data) != "0" {
		t.Errorf("got %+v", g)
	}
}

func TestReadNeitherStreamNorAll(t *testing.T) {
	f := newFixture(t, Options{})
	call, err := f.raw().Read(t.Context(), new(streams.ReadReq))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := call.Recv(); status.Code(err) != codes.InvalidArgument {
		t.Errorf("Recv = %v, want InvalidArgument", err)
	}
}
