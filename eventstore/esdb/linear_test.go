package esdb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"leeway/eventstore"
	"leeway/eventstore/esdbserver"
	"leeway/eventstore/memory"
)

// asked is one operation of a client: an append of one event, or a read when
// there is no text.
type asked struct {
	stream   string
	text     string
	expected int64
}

// told is what the client was told.
type told struct {
	last    int64  // of an append that was taken
	read    string // what the stream holds, each text followed by a blank
	err     error  // nil, ErrConflict or anything else, which is "not known"
	unknown bool
}

// streams is what a linearizable store does. A state is what a stream holds.
var streamModel = porcupine.NondeterministicModel{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		by := make(map[string][]porcupine.Operation)
		for _, o := range history {
			by[o.Input.(asked).stream] = append(by[o.Input.(asked).stream], o)
		}
		var parts [][]porcupine.Operation
		for _, part := range by {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() []any { return []any{""} },
	Step: func(state, input, output any) []any { return step(state.(string), input.(asked), output.(told)) },
	DescribeOperation: func(input, output any) string {
		return fmt.Sprintf("%+v: %+v", input, output)
	},
}

// step returns the states that may follow, none when the answer is impossible.
func step(state string, in asked, out told) []any {
	if in.text == "" {
		if out.unknown || out.read == state {
			return []any{state}
		}
		return nil
	}
	place := int64(strings.Count(state, " "))
	if before, _, there := strings.Cut(state, in.text+" "); there {
		// The command is on record: whatever is expected, it is a retry.
		if out.unknown || out.err == nil && out.last == int64(strings.Count(before, " ")) {
			return []any{state}
		}
		return nil
	}
	taken := state + in.text + " "
	switch fits := place-1 == in.expected; {
	case out.unknown && fits:
		return []any{state, taken}
	case out.unknown:
		return []any{state}
	case fits && out.err == nil && out.last == place:
		return []any{taken}
	case !fits && errors.Is(out.err, eventstore.ErrConflict):
		return []any{state}
	}
	return nil
}

// clerk is one client of the history.
type clerk struct {
	id      int
	store   *Store
	random  *rand.Rand
	begin   time.Time
	history *[]porcupine.Operation
	mu      *sync.Mutex
	doing   map[string]eventstore.Batch // by text, for a retry
}

// work carries out so many operations: it reads, appends where it thinks the
// stream stands, and sends again what it does not know the outcome of.
func (c *clerk) work(n int) {
	last := make(map[string]int64)
	var again *asked
	for i := range n {
		in := asked{stream: []string{"a", "b"}[c.random.IntN(2)]}
		if _, ok := last[in.stream]; ok && c.random.IntN(3) > 0 {
			in.text, in.expected = fmt.Sprintf("%d.%d", c.id, i), last[in.stream]
			if c.random.IntN(8) == 0 {
				in.expected += int64(c.random.IntN(3)) - 1
				in.expected = max(in.expected, eventstore.NoStream)
			}
		}
		if again != nil {
			in, again = *again, nil
		}
		out := c.carryOut(in)
		switch {
		case in.text == "" && !out.unknown:
			last[in.stream] = int64(strings.Count(out.read, " ")) - 1
		case in.text != "" && out.err == nil:
			last[in.stream] = out.last
		case in.text != "" && out.unknown:
			again = &in
		default:
			delete(last, in.stream)
		}
	}
}

func (c *clerk) carryOut(in asked) told {
	// Now and then a caller has so little patience that he learns nothing.
	patience := 10 * time.Second
	if c.random.IntN(10) == 0 {
		patience = time.Duration(c.random.IntN(2000)) * time.Microsecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out told
	called := time.Since(c.begin)
	if in.text == "" {
		var rs []eventstore.Recorded
		rs, out.err = collect(c.store.Read(ctx, in.stream, 0))
		for _, r := range rs {
			out.read += string(r.Data) + " "
		}
		out.unknown = out.err != nil
	} else {
		b, ok := c.doing[in.text]
		if !ok {
			b = batch(in.stream, in.expected, in.text)
			c.doing[in.text] = b
		}
		out.last, out.err = c.store.Append(ctx, b)
		out.unknown = out.err != nil && !errors.Is(out.err, eventstore.ErrConflict)
	}
	returned := time.Since(c.begin)
	if errors.Is(out.err, eventstore.ErrUnknown) {
		returned = math.MaxInt64 // it may still happen, at any later time
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	*c.history = append(*c.history, porcupine.Operation{
		ClientId: c.id, Input: in, Call: int64(called), Output: out, Return: int64(returned),
	})
	return out
}

// TestLinearizable: eight clients append with expected revisions to two
// streams and read them, over a network that cuts their connections and a
// server that forgets event ids. There is an order of all they did that
// explains everything they were told.
func TestLinearizable(t *testing.T) {
	const clients = 8
	seeds, each := 3, 50
	if n := rounds(t); n > 1 {
		seeds, each = 5*n, 1000/clients
	}
	for seed := range uint64(seeds) {
		n := startNode(t, memory.New(), esdbserver.Options{Forgetful: seed%2 == 0})
		p := startProxy(t, n.address, weather(2_000, 60_000))
		var history []porcupine.Operation
		var mu sync.Mutex
		var wg sync.WaitGroup
		begin := time.Now()
		stores := []*Store{openAt(t, p.address()), openAt(t, p.address())} // two processes
		for id := range clients {
			c := &clerk{
				id: id, store: stores[id%2], random: rand.New(rand.NewPCG(seed, uint64(id))),
				begin: begin, history: &history, mu: &mu, doing: make(map[string]eventstore.Batch),
			}
			wg.Go(func() { c.work(each) })
		}
		wg.Wait()
		for _, s := range stores {
			s.Close()
		}
		n.stop()
		taken, conflicts, unknown := tally(history)
		t.Logf("seed %d: %d operations, %d appends taken, %d conflicts, %d not known", seed, len(history), taken, conflicts, unknown)
		if taken == 0 || conflicts == 0 {
			t.Errorf("seed %d shows nothing", seed)
		}
		model := streamModel.ToModel()
		if res := porcupine.CheckOperationsTimeout(model, history, time.Minute); res != porcupine.Ok {
			t.Fatalf("seed %d: the history is %v", seed, res)
		}
	}
}

func tally(history []porcupine.Operation) (taken, conflicts, unknown int) {
	for _, o := range history {
		switch in, out := o.Input.(asked), o.Output.(told); {
		case out.unknown:
			unknown++
		case in.text != "" && out.err == nil:
			taken++
		case in.text != "":
			conflicts++
		}
	}
	return taken, conflicts, unknown
}

// TestModel: the model refuses the answers that a broken store would give.
func TestModel(t *testing.T) {
	for name, tt := range map[string]struct {
		state string
		in    asked
		out   told
		want  int // how many states may follow
	}{
		"taken at the end":          {"x y ", asked{text: "z", expected: 1}, told{last: 2}, 1},
		"taken twice at one place":  {"x y ", asked{text: "z", expected: 0}, told{last: 1}, 0},
		"told another place":        {"x y ", asked{text: "z", expected: 1}, told{last: 1}, 0},
		"refused without a reason":  {"x y ", asked{text: "z", expected: 1}, told{err: eventstore.ErrConflict}, 0},
		"refused with one":          {"x y ", asked{text: "z", expected: 0}, told{err: eventstore.ErrConflict}, 1},
		"a retry":                   {"x y ", asked{text: "x", expected: 9}, told{last: 0}, 1},
		"a retry that is a second":  {"x y ", asked{text: "x", expected: 1}, told{last: 2}, 0},
		"a retry that is refused":   {"x y ", asked{text: "x", expected: 9}, told{err: eventstore.ErrConflict}, 0},
		"not known":                 {"x y ", asked{text: "z", expected: 1}, told{unknown: true}, 2},
		"not known, but impossible": {"x y ", asked{text: "z", expected: 0}, told{unknown: true}, 1},
		"a read":                    {"x y ", asked{}, told{read: "x y "}, 1},
		"an old read":               {"x y ", asked{}, told{read: "x "}, 0},
	} {
		if got := step(tt.state, tt.in, tt.out); len(got) != tt.want {
			t.Errorf("%s: %d states may follow, want %d", name, len(got), tt.want)
		}
	}
}
