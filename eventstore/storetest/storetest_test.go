package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"leeway/eventstore"
	"leeway/eventstore/memory"
)

// brokenVar names, for a child process, the fault its store has.
const brokenVar = "STORETEST_BROKEN"

type (
	events = iter.Seq2[eventstore.Recorded, error]
	yield  = func(eventstore.Recorded, error) bool
)

// wrapped is a sound store with one or two methods replaced.
type wrapped struct {
	eventstore.Store
	append    func(context.Context, eventstore.Batch) (int64, error)
	read      func(context.Context, string, int64) events
	all       func(context.Context, eventstore.Position) events
	subscribe func(context.Context, eventstore.Position) events
}

func (w wrapped) Append(ctx context.Context, b eventstore.Batch) (int64, error) {
	if w.append != nil {
		return w.append(ctx, b)
	}
	return w.Store.Append(ctx, b)
}

func (w wrapped) Read(ctx context.Context, stream string, from int64) events {
	if w.read != nil {
		return w.read(ctx, stream, from)
	}
	return w.Store.Read(ctx, stream, from)
}

func (w wrapped) All(ctx context.Context, after eventstore.Position) events {
	if w.all != nil {
		return w.all(ctx, after)
	}
	return w.Store.All(ctx, after)
}

func (w wrapped) Subscribe(ctx context.Context, after eventstore.Position) events {
	if w.subscribe != nil {
		return w.subscribe(ctx, after)
	}
	return w.Store.Subscribe(ctx, after)
}

// faults are mistakes an adapter may make, and the case that has to notice.
// Each was made by some store or driver before.
var faults = []struct {
	name    string
	noticed string
	wrap    func(eventstore.Store) wrapped
}{
	{"none", "", func(s eventstore.Store) wrapped { return wrapped{Store: s} }},
	{"appends wherever the stream stands", "conflict", anyRevision},
	{"loses a race without a word", "one winner per revision", func(s eventstore.Store) wrapped {
		return wrapped{Store: s, append: func(ctx context.Context, b eventstore.Batch) (int64, error) {
			last, err := s.Append(ctx, b)
			if errors.Is(err, eventstore.ErrConflict) {
				return b.Expected + int64(len(b.Events)), nil
			}
			return last, err
		}}
	}},
	{"appends event by event", "whole batches only", eventByEvent},
	{"leaves half a batch", "all or none", eventByEvent},
	{"folds case", "names that look alike", rename(strings.ToLower)},
	{"folds case, seldom", "hostile names", rename(strings.ToLower)},
	{"cuts at a hyphen", "names that look alike", rename(func(s string) string { return strings.TrimRight(s, "-") })},
	{"trims names", "hostile names", rename(strings.TrimSpace)},
	{"cuts names at 100 bytes", "hostile names", rename(func(s string) string { return s[:min(len(s), 100)] })},
	{"reads by prefix", "names that look alike", byPrefix},
	{"cuts data at NUL", "exact bytes", cutData},
	{"shares its memory", "bytes are copied", shareMemory},
	{"ends a read on an error", "read error is the last pair", dropErrors},
	{"goes on after an error", "read error is the last pair", repeatErrors},
	{"ends a read on cancellation", "cancelled context", dropErrors},
	{"reads nothing when closed", "closed", dropErrors},
	{"waits at a position of another store", "position past the end", func(s eventstore.Store) wrapped {
		return wrapped{Store: s, all: func(ctx context.Context, after eventstore.Position) events {
			return without(s.All(ctx, after), eventstore.ErrInvalid)
		}}
	}},
	{"starts at the position, not after it", "resume from a position", func(s eventstore.Store) wrapped {
		return wrapped{Store: s, all: func(ctx context.Context, after eventstore.Position) events {
			return s.All(ctx, max(after, 1)-1)
		}}
	}},
	{"reads from the next revision", "read from a revision", func(s eventstore.Store) wrapped {
		return wrapped{Store: s, read: func(ctx context.Context, stream string, from int64) events {
			return s.Read(ctx, stream, from+1)
		}}
	}},
	{"forgets commands", "command twice", forgetCommands},
	{"forgets commands that race", "command twice at once", forgetCommands},
	{"takes any content for a retry", "command reused", func(s eventstore.Store) wrapped {
		return wrapped{Store: s, append: func(ctx context.Context, b eventstore.Batch) (int64, error) {
			last, err := s.Append(ctx, b)
			if errors.Is(err, eventstore.ErrCommandReused) {
				return last, nil
			}
			return last, err
		}}
	}},
	{"takes an event id twice", "event id is unique", freshIDs},
	{"loses an event between past and present", "subscribe", everySeventh(0)},
	{"repeats an event between past and present", "subscribe", everySeventh(2)},
	{"loses an event under load", "subscribe under load", everySeventh(0)},
	{"steps over what it cannot read", "subscribe meets damage", stepOver},
	{"ends a subscription without a reason", "subscribe to nothing yet", func(s eventstore.Store) wrapped {
		return wrapped{Store: s, subscribe: func(ctx context.Context, after eventstore.Position) events {
			return without(s.Subscribe(ctx, after), context.Canceled)
		}}
	}},
	{"keeps nothing", "open again", nil},
	{"keeps no commands", "command twice across opening", nil},
}

// TestNotices: the suite fails for every broken store, in the case meant for
// it, and for no sound one. The failing runs take place in child processes.
func TestNotices(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			pattern := "^TestBroken$"
			if f.noticed != "" {
				pattern += "/^" + regexp.QuoteMeta(f.noticed) + "$"
			}
			cmd := exec.Command(os.Args[0], "-test.v", "-test.run="+pattern)
			cmd.Env = append(os.Environ(), brokenVar+"="+f.name)
			out, err := cmd.CombinedOutput()
			if f.noticed == "" {
				if err != nil {
					t.Errorf("the suite fails for a sound store: %v\n%s", err, out)
				}
				return
			}
			if fail := "--- FAIL: TestBroken/" + strings.ReplaceAll(f.noticed, " ", "_"); !strings.Contains(string(out), fail) {
				t.Errorf("the suite does not notice: %v\n%s", err, out)
			}
		})
	}
}

// TestBroken runs the suite on the broken store that the environment names.
func TestBroken(t *testing.T) {
	name := os.Getenv(brokenVar)
	for _, f := range faults {
		if f.name != name {
			continue
		}
		patience = 2 * time.Second // for what waits for an event that is lost
		Run(t, Adapter{
			Open: func(testing.TB, string) eventstore.Store {
				if f.wrap == nil {
					return memory.New()
				}
				return f.wrap(memory.New())
			},
			Damage: func(_ testing.TB, _ string, s eventstore.Store, at eventstore.Recorded) {
				if w, ok := s.(wrapped); ok {
					s = w.Store
				}
				s.(*memory.Store).Damage(at.Stream, at.Revision)
			},
			Volatile: f.wrap != nil,
		})
	}
}

func anyRevision(s eventstore.Store) wrapped {
	return wrapped{Store: s, append: func(ctx context.Context, b eventstore.Batch) (int64, error) {
		for b.Expected = eventstore.NoStream; ; b.Expected++ {
			last, err := s.Append(ctx, b)
			if !errors.Is(err, eventstore.ErrConflict) {
				return last, err
			}
		}
	}}
}

func eventByEvent(s eventstore.Store) wrapped {
	return wrapped{Store: s, append: func(ctx context.Context, b eventstore.Batch) (last int64, err error) {
		all := b.Events
		for i, e := range all {
			b.Events = []eventstore.Event{e}
			if last, err = s.Append(ctx, b); err != nil {
				return 0, err
			}
			b.Expected, b.Command = last, fmt.Sprintf("%s.%d", b.Command, i)
		}
		return last, nil
	}}
}

func rename(change func(string) string) func(eventstore.Store) wrapped {
	return func(s eventstore.Store) wrapped {
		return wrapped{
			Store: s,
			append: func(ctx context.Context, b eventstore.Batch) (int64, error) {
				b.Stream = change(b.Stream)
				return s.Append(ctx, b)
			},
			read: func(ctx context.Context, stream string, from int64) events {
				return s.Read(ctx, change(stream), from)
			},
		}
	}
}

func byPrefix(s eventstore.Store) wrapped {
	return wrapped{Store: s, read: func(ctx context.Context, stream string, from int64) events {
		return filter(s.All(ctx, eventstore.Start), func(r eventstore.Recorded) bool {
			return strings.HasPrefix(r.Stream, stream) && r.Revision >= from
		})
	}}
}

func cutData(s eventstore.Store) wrapped {
	return wrapped{Store: s, append: func(ctx context.Context, b eventstore.Batch) (int64, error) {
		b.Events = append([]eventstore.Event(nil), b.Events...)
		for i := range b.Events {
			b.Events[i].Data, _, _ = bytes.Cut(b.Events[i].Data, []byte{0})
		}
		return s.Append(ctx, b)
	}}
}

func shareMemory(s eventstore.Store) wrapped {
	var shared sync.Map
	return wrapped{Store: s, read: func(ctx context.Context, stream string, from int64) events {
		return func(yield yield) {
			for r, err := range s.Read(ctx, stream, from) {
				data, _ := shared.LoadOrStore(r.ID, r.Data)
				r.Data, _ = data.([]byte)
				if !yield(r, err) {
					return
				}
			}
		}
	}}
}

func dropErrors(s eventstore.Store) wrapped {
	return wrapped{Store: s, read: func(ctx context.Context, stream string, from int64) events {
		return without(s.Read(ctx, stream, from), nil)
	}}
}

func repeatErrors(s eventstore.Store) wrapped {
	return wrapped{Store: s, read: func(ctx context.Context, stream string, from int64) events {
		return func(yield yield) {
			for r, err := range s.Read(ctx, stream, from) {
				if !yield(r, err) || err != nil && !yield(r, err) {
					return
				}
			}
		}
	}}
}

func forgetCommands(s eventstore.Store) wrapped {
	return wrapped{Store: s, append: func(ctx context.Context, b eventstore.Batch) (int64, error) {
		b.Command = newID()
		return s.Append(ctx, b)
	}}
}

func freshIDs(s eventstore.Store) wrapped {
	return wrapped{Store: s, append: func(ctx context.Context, b eventstore.Batch) (int64, error) {
		last, err := s.Append(ctx, b)
		if errors.Is(err, eventstore.ErrInvalid) && len(b.Events) > 0 {
			b.Events = append([]eventstore.Event(nil), b.Events...)
			for i := range b.Events {
				b.Events[i].ID = newID()
			}
			return s.Append(ctx, b)
		}
		return last, err
	}}
}

// everySeventh yields every seventh event of a subscription so many times.
func everySeventh(times int) func(eventstore.Store) wrapped {
	return func(s eventstore.Store) wrapped {
		return wrapped{Store: s, subscribe: func(ctx context.Context, after eventstore.Position) events {
			return func(yield yield) {
				for r, err := range s.Subscribe(ctx, after) {
					n := 1
					if err == nil && r.Position%7 == 0 {
						n = times
					}
					for range n {
						if !yield(r, err) {
							return
						}
					}
				}
			}
		}}
	}
}

func stepOver(s eventstore.Store) wrapped {
	return wrapped{Store: s, subscribe: func(ctx context.Context, after eventstore.Position) events {
		return func(yield yield) {
			for ctx.Err() == nil {
				for r, err := range s.Subscribe(ctx, after) {
					if errors.Is(err, eventstore.ErrCorrupt) {
						after++
						break
					}
					if after = r.Position; !yield(r, err) {
						return
					}
				}
				after++
			}
		}
	}}
}

// without leaves out pairs with an error, or with one error.
func without(seq events, which error) events {
	return func(yield yield) {
		for r, err := range seq {
			if err != nil && (which == nil || errors.Is(err, which)) {
				return
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func filter(seq events, keep func(eventstore.Recorded) bool) events {
	return func(yield yield) {
		for r, err := range seq {
			if (err != nil || keep(r)) && !yield(r, err) {
				return
			}
		}
	}
}
