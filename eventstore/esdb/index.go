package esdb

import (
	"sync"

	"leeway/eventstore"
)

// index knows which commands and event ids are on record, and how far each
// stream goes. It is told of events in the order of their stream, of some of
// them twice: by the append that put them there, by the subscription, and by
// whoever reads the end of a stream to catch up.
//
// It never knows too much, and may know too little: another process may have
// appended a moment ago. So it may be the reason for a refusal, as what is on
// record stays there, and never the reason for an answer "it is not there":
// that one comes from the server, by the expected revision.
type index struct {
	ready  chan struct{} // closed when what was on record at first is known, or cannot be
	opened sync.Once

	mu       sync.Mutex
	broken   error // why it knows no more than it does
	streams  map[string]int64
	commands map[string]place
	ids      map[eventID]struct{}
	flights  map[string]*flight   // by command
	claimed  map[eventID]*flight  // by event id
	unknown  map[*flight]struct{} // flights that ended without an outcome
}

// place is where a command's events begin.
type place struct {
	stream string
	first  int64
}

// flight is one append that is being carried out, or that may have been. While
// it lasts its command and its event ids are its own.
type flight struct {
	batch eventstore.Batch
	ids   []eventID // of its events
	over  chan struct{}
}

// claim is what an append is told when it begins: one of four things.
type claim struct {
	flight *flight         // it may begin, or
	wait   <-chan struct{} // it has to wait for another and ask again, or
	place  *place          // its command is on record here, or
	err    error           // it is refused
}

func newIndex() *index {
	return &index{
		ready:    make(chan struct{}),
		streams:  make(map[string]int64),
		commands: make(map[string]place),
		ids:      make(map[eventID]struct{}),
		flights:  make(map[string]*flight),
		claimed:  make(map[eventID]*flight),
		unknown:  make(map[*flight]struct{}),
	}
}

// claim reserves a batch's command and event ids, so that no other append of
// this process can put them on record in the meantime.
func (x *index) claim(b eventstore.Batch) claim {
	ids := make([]eventID, len(b.Events))
	for i, e := range b.Events {
		ids[i] = parseID(e.ID)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.broken != nil {
		return claim{err: x.broken}
	}
	if p, ok := x.commands[b.Command]; ok {
		return claim{place: &p}
	}
	if other, ok := x.flights[b.Command]; ok {
		if _, ended := x.unknown[other]; !ended {
			return claim{wait: other.over}
		}
		if !other.batch.Same(b) {
			return claim{err: reused(b, other.batch.Stream, "may be on record")}
		}
		x.forget(other) // this append takes its place
	}
	for i, id := range ids {
		other, ok := x.claimed[id]
		if !ok {
			continue
		}
		if _, ended := x.unknown[other]; ended {
			return claim{err: taken(b.Events[i].ID)}
		}
		return claim{wait: other.over}
	}
	f := &flight{batch: b, ids: ids, over: make(chan struct{})}
	x.flights[b.Command] = f
	for _, id := range ids {
		x.claimed[id] = f
	}
	return claim{flight: f}
}

// land ends a flight. An unknown one keeps what it has claimed until its
// stream shows what became of it.
func (x *index) land(f *flight, outcome error, unknown bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case outcome == nil:
		x.forget(f)
		x.add(f)
	case unknown && x.standsAt(f.batch.Stream) <= f.batch.Expected:
		x.unknown[f] = struct{}{}
	default:
		x.forget(f)
	}
	close(f.over)
}

// add notes a batch of which the server has said that it is on record.
func (x *index) add(f *flight) {
	for i, id := range f.ids {
		x.note(f.batch.Stream, f.batch.Expected+1+int64(i), id, f.batch.Command)
	}
}

// see notes an event that was read. It also settles what was not known.
func (x *index) see(r eventstore.Recorded) {
	id := parseID(r.ID)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.note(r.Stream, r.Revision, id, r.Command)
	for f := range x.unknown {
		// Where it would stand now stands something: itself, and then its
		// command is on record, or another, and then it never will be.
		if f.batch.Stream == r.Stream && f.batch.Expected < r.Revision {
			x.forget(f)
		}
	}
}

// note enters one event. Of a command it keeps where its first event stands.
func (x *index) note(stream string, revision int64, id eventID, command string) {
	if last, ok := x.streams[stream]; !ok || revision > last {
		x.streams[stream] = revision
	}
	x.ids[id] = struct{}{}
	if _, ok := x.commands[command]; !ok && command != "" {
		x.commands[command] = place{stream, revision}
	}
}

// forget gives back what a flight has claimed, unless another has it by now.
func (x *index) forget(f *flight) {
	delete(x.unknown, f)
	if x.flights[f.batch.Command] == f {
		delete(x.flights, f.batch.Command)
	}
	for _, id := range f.ids {
		if x.claimed[id] == f {
			delete(x.claimed, id)
		}
	}
}

// last is how far a stream is known.
func (x *index) last(stream string) int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.standsAt(stream)
}

// standsAt is last for who holds the lock.
func (x *index) standsAt(stream string) int64 {
	if last, ok := x.streams[stream]; ok {
		return last
	}
	return eventstore.NoStream
}

// lookup returns where a command is on record, and the first of a batch's
// event ids that is.
func (x *index) lookup(b eventstore.Batch) (at *place, id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if p, ok := x.commands[b.Command]; ok {
		return &p, ""
	}
	for _, e := range b.Events {
		if _, ok := x.ids[parseID(e.ID)]; ok {
			return nil, e.ID
		}
	}
	return nil, ""
}

// open lets claims begin. With an error they are all refused, until it is
// opened again without.
func (x *index) open(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.broken = err
	x.opened.Do(func() { close(x.ready) })
}
