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

func (f *fixture) subscribeAll(o esdb.SubscribeToAllOptions) *esdb.Subscription {
	f.Helper()
	sub, err := f.client.SubscribeToAll(f.Context(), o)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { sub.Close() })
	return sub
}

// TestSubscribeAll: the past without the position itself, one word that it is
// over, and the present.
func TestSubscribeAll(t *testing.T) {
	for name, tt := range map[string]struct {
		from func(ps []esdb.Position) esdb.AllPosition
		past []string
	}{
		"from the start":      {func([]esdb.Position) esdb.AllPosition { return esdb.Start{} }, []string{"0", "1", "2"}},
		"from the first":      {func(ps []esdb.Position) esdb.AllPosition { return ps[0] }, []string{"1", "2"}},
		"from the last":       {func(ps []esdb.Position) esdb.AllPosition { return ps[2] }, nil},
		"from between events": {func(ps []esdb.Position) esdb.AllPosition { return esdb.Position{Commit: ps[1].Commit + 1} }, []string{"2"}},
		"from the end":        {func([]esdb.Position) esdb.AllPosition { return esdb.End{} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, Options{})
			f.mustAppend("s", esdb.NoStream{}, "0", "1", "2")
			sub := f.subscribeAll(esdb.SubscribeToAllOptions{From: tt.from(f.positions())})
			want := append(slices.Clone(tt.past), "caught up")
			if got := f.received(sub, len(want)); !slices.Equal(got, want) {
				t.Errorf("received %q, want %q", got, want)
			}
			f.mustAppend(name, esdb.NoStream{}, "live 0", "live 1")
			if got := f.received(sub, 2); !slices.Equal(got, []string{"live 0", "live 1"}) {
				t.Errorf("then %q", got)
			}
			sub.Close()
		})
	}
}

func TestSubscribeStream(t *testing.T) {
	for name, tt := range map[string]struct {
		from esdb.StreamPosition
		past []string
	}{
		"from the start":   {esdb.Start{}, []string{"s 0", "s 1", "s 2"}},
		"from revision 0":  {esdb.Revision(0), []string{"s 1", "s 2"}},
		"from revision 2":  {esdb.Revision(2), nil},
		"from the end":     {esdb.End{}, nil},
		"from past no end": {esdb.Revision(1 << 20), nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, Options{})
			f.fill("other", 2)
			f.fill("s", 3)
			sub, err := f.client.SubscribeToStream(t.Context(), "s", esdb.SubscribeToStreamOptions{From: tt.from})
			if err != nil {
				t.Fatal(err)
			}
			defer sub.Close()
			want := append(slices.Clone(tt.past), "caught up")
			if got := f.received(sub, len(want)); !slices.Equal(got, want) {
				t.Errorf("received %q, want %q", got, want)
			}
			if name == "from past no end" {
				return
			}
			f.mustAppend("other", esdb.Revision(1), "not this")
			f.mustAppend("s", esdb.Revision(2), "live")
			if got := f.received(sub, 1); !slices.Equal(got, []string{"live"}) {
				t.Errorf("then %q", got)
			}
		})
	}
}

// TestSubscribeToNothingYet: a stream that does not exist may be waited for.
func TestSubscribeToNothingYet(t *testing.T) {
	f := newFixture(t, Options{})
	sub, err := f.client.SubscribeToStream(t.Context(), "s", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	f.received(sub, 1)
	f.fill("s", 1)
	if got := f.received(sub, 1); got[0] != "s 0" {
		t.Errorf("received %q", got)
	}
}

// TestFilter: each kind of filter, with checkpoints where nothing passes.
func TestFilter(t *testing.T) {
	for name, tt := range map[string]struct {
		filter esdb.SubscriptionFilter
		want   []string
	}{
		"streams by prefix":    {esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"a", "c"}}, []string{"a 0", "c 2"}},
		"streams by regex":     {esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: "^[bc]$"}, []string{"b 1", "c 2"}},
		"types by prefix":      {esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"noted"}}, []string{"a 0", "b 1", "c 2"}},
		"types by regex":       {esdb.SubscriptionFilter{Type: esdb.EventFilterType, Regex: "x$"}, nil},
		"no system events":     {*esdb.ExcludeSystemEventsFilter(), []string{"a 0", "b 1", "c 2"}},
		"a prefix of no event": {esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"d"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, Options{})
			for i, stream := range []string{"a", "b", "c", "$system"} {
				e := event(fmt.Sprint(stream, " ", i))
				if stream == "$system" {
					e.EventType = "$of-the-server"
				}
				if _, err := f.append(stream, esdb.NoStream{}, e); err != nil {
					t.Fatal(err)
				}
			}
			ps := f.positions()
			sub := f.subscribeAll(esdb.SubscribeToAllOptions{
				From: esdb.Start{}, Filter: &tt.filter, MaxSearchWindow: 1, CheckpointInterval: 1,
			})
			var events, checkpoints []string
			for {
				got := f.received(sub, 1)[0]
				if got == "caught up" {
					break
				}
				if _, err := fmt.Sscanf(got, "checkpoint %d", new(int)); err == nil {
					checkpoints = append(checkpoints, got)
				} else {
					events = append(events, got)
				}
			}
			if !slices.Equal(events, tt.want) {
				t.Errorf("received %q, want %q", events, tt.want)
			}
			if last := fmt.Sprintf("checkpoint %d", ps[3].Commit); len(checkpoints) == 0 || checkpoints[len(checkpoints)-1] != last {
				t.Errorf("checkpoints %q, the last should be %q", checkpoints, last)
			}
			if skipped := 4 - len(tt.want); len(checkpoints) != skipped+1 {
				t.Errorf("%d checkpoints for %d events that did not pass", len(checkpoints), skipped)
			}
		})
	}
}

// TestCheckpointInterval: how far the server looks before it says how far.
func TestCheckpointInterval(t *testing.T) {
	f := newFixture(t, Options{})
	f.fill("skipped", 12)
	sub := f.subscribeAll(esdb.SubscribeToAllOptions{
		From: esdb.Start{}, MaxSearchWindow: 2, CheckpointInterval: 3,
		Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"x"}},
	})
	ps := f.positions()
	want := []string{
		fmt.Sprintf("checkpoint %d", ps[5].Commit), fmt.Sprintf("checkpoint %d", ps[11].Commit),
		fmt.Sprintf("checkpoint %d", ps[11].Commit), "caught up",
	}
	if got := f.received(sub, 4); !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
}

func TestFilterRefused(t *testing.T) {
	for name, o := range map[string]*streams.ReadReq_Options_FilterOptions{
		"neither prefix nor expression": {Filter: &streams.ReadReq_Options_FilterOptions_EventType{EventType: new(streams.ReadReq_Options_FilterOptions_Expression)}},
		"not Go's": {Filter: &streams.ReadReq_Options_FilterOptions_StreamIdentifier{
			StreamIdentifier: &streams.ReadReq_Options_FilterOptions_Expression{Regex: "(?<=a)b"},
		}},
	} {
		if _, err := newFilter(o); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s = %v, want InvalidArgument", name, err)
		}
	}
}

// TestSubscriptionMeetsDamage: a subscription does not step over what the
// store cannot read.
func TestSubscriptionMeetsDamage(t *testing.T) {
	f := newFixture(t, Options{})
	f.fill("s", 3)
	f.store.Damage("s", 1)
	sub := f.subscribeAll(esdb.SubscribeToAllOptions{From: esdb.Start{}})
	if got := f.received(sub, 1); got[0] != "s 0" {
		t.Errorf("received %q", got)
	}
	if e := sub.Recv(); e.SubscriptionDropped == nil || status.Code(e.SubscriptionDropped.Error) != codes.DataLoss {
		t.Errorf("then %+v, want DataLoss", e)
	}
}
