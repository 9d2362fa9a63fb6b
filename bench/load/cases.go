package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/eventstore"
	"leeway/eventstore/sqlite"
	"leeway/ledger/vault"
)

// The city that is put on record: copies of the sample cases, spread over so
// many offices. Of every wholeOf cases one has all its steps and its personal
// data; the others stand in the middle of the procedure, without names: a data
// key costs an fsync.
const (
	offices  = 22
	wholeOf  = 8
	begun    = 6  // steps of a case in the middle
	atLeast  = 20 // steps of a sample that is copied
	sampleOf = "zhugentan"
)

// caseID is the i-th copy. Its office is that of the samples where i is
// divided by offices.
func caseID(i int) string { return fmt.Sprintf("L%06d", i) }

// fill puts n copies on record, straight into the store: importing them would
// check again what was checked with the samples.
func fill(ctx context.Context, dir string, n int, told func(done int, events int64)) (events int64, err error) {
	store, err := sqlite.Open(filepath.Join(dir, "ledger.db"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	keys, err := vault.Open(filepath.Join(dir, "keys"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	samples, err := read(ctx, store)
	if err != nil {
		return 0, err
	}
	var next, done, all atomic.Int64
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var copiers sync.WaitGroup
	for range 8 * runtime.NumCPU() { // most of them wait for an fsync
		copiers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				b, err := copied(samples[i%len(samples)], i, keys)
				if err == nil {
					_, err = store.Append(ctx, b)
				}
				if err != nil {
					cancel(fmt.Errorf("%s: %w", caseID(i), err))
					return
				}
				done.Add(1)
				all.Add(int64(len(b.Events)))
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		copiers.Wait()
		close(ended)
	}()
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return all.Load(), context.Cause(ctx)
		case <-tick.C:
			told(int(done.Load()), all.Load())
		}
	}
}

// read is every sample case that is long enough, opened.
func read(ctx context.Context, store eventstore.Store) ([][]domain.Envelope, error) {
	at := map[string]int{}
	var all [][]domain.Envelope
	for e, err := range store.All(ctx, eventstore.Start) {
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(e.Stream, casework.CaseStream("")) {
			continue
		}
		env, err := domain.DecodeEnvelope(e.Data)
		if err != nil {
			return nil, err
		}
		i, ok := at[e.Stream]
		if !ok {
			i = len(all)
			at[e.Stream], all = i, append(all, nil)
		}
		all[i] = append(all[i], env)
	}
	var long [][]domain.Envelope
	for _, one := range all {
		if len(one) >= atLeast {
			long = append(long, one)
		}
	}
	if len(long) == 0 {
		return nil, fmt.Errorf("the demo has no case of %d steps", atLeast)
	}
	return long, nil
}

// copied is a sample under another id, in another office, as one batch.
func copied(sample []domain.Envelope, i int, keys *vault.Vault) (eventstore.Batch, error) {
	id, whole := caseID(i), i%wholeOf == 0
	stream := casework.CaseStream(id)
	b := eventstore.Batch{Stream: stream, Expected: eventstore.NoStream, Command: newID()}
	if !whole {
		sample = sample[:begun]
	}
	old := sample[0].Stream
	office, renamed := officeOf(i)
	for _, e := range sample {
		e.Meta.ID, e.Command, e.Stream, e.RecordedAt = newID(), b.Command, stream, domain.At(time.Now())
		if e.Actor.Office == sampleOf {
			e.Actor.Office, e.Actor.Person = office, strings.Trim(renamed.Replace(`"`+e.Actor.Person+`"`), `"`)
		}
		basis := make(domain.Basis, len(e.Basis))
		for j, r := range e.Basis {
			if r.Stream == old {
				r.Stream = stream
			}
			basis[j] = r
		}
		e.Basis = basis
		if len(basis) == 0 {
			e.Basis = nil
		}
		e.Clear = json.RawMessage(renamed.Replace(string(e.Clear)))
		var err error
		if e.Clear, e.Sealed, err = sealed(e, id, whole, keys); err != nil {
			return b, err
		}
		data, err := e.Encode()
		if err != nil {
			return b, err
		}
		b.Events = append(b.Events, eventstore.Event{ID: e.ID, Type: e.Type, Data: data})
	}
	return b, nil
}

// officeOf is where the i-th copy is handled, and what turns the officers of
// the sample into those of that office.
func officeOf(i int) (string, *strings.Replacer) {
	n := i % offices
	if n == 0 {
		return sampleOf, strings.NewReplacer()
	}
	office := fmt.Sprintf("town-%02d", n)
	pairs := []string{`"` + sampleOf + `"`, `"` + office + `"`}
	for w := 1; w <= 9; w++ {
		pairs = append(pairs, fmt.Sprintf(`"w%d"`, w), fmt.Sprintf(`"w%02d%d"`, n, w), fmt.Sprintf(`"t%d"`, w), fmt.Sprintf(`"t%02d%d"`, n, w))
	}
	return office, strings.NewReplacer(pairs...)
}

// sealed is the clear part of a copy with what is sealed beside it: made up
// anew for a whole case, taken out of the others.
func sealed(e domain.Envelope, id string, whole bool, keys *vault.Vault) (json.RawMessage, []domain.Sealed, error) {
	if len(e.Sealed) == 0 {
		return e.Clear, nil, nil
	}
	event, err := eligibility.Decode(e.Type, e.Clear)
	if err != nil {
		return nil, nil, err
	}
	var list []domain.Sealed
	for _, f := range eligibility.Private(event) {
		switch {
		case !f.Data.Present:
		case !whole:
			*f.Data = domain.Private{}
		default:
			own := domain.Personal(casework.SubjectKey(id, f.Data.Subject), "测试 "+id+" "+f.Data.Subject)
			one, err := keys.Seal(e.Stream, e.Meta.ID, domain.PrivateField{Path: f.Path, Data: &own})
			if err != nil {
				return nil, nil, err
			}
			list = append(list, one)
		}
	}
	clear, err := domain.Canonical(event)
	return bytes.Clone(clear), list, err
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
