package main

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/eventstore"
	"leeway/ledger"
)

// TestProofsOfTheServer: an event has its proof, the newest checkpoint can be
// had, and what is not there is not found.
func TestProofsOfTheServer(t *testing.T) {
	dir := t.TempDir()
	if r := leeway(t, "--data", dir, "import", "testdata/cases/sample.ndjson"); r.code != 0 {
		t.Fatal(r.errors)
	}
	s := &session{ctx: t.Context(), call: call{out: io.Discard, err: io.Discard, env: func(string) string { return "" }, now: time.Now}, lang: "zh", dir: dir}
	err := s.looking(func(log *ledger.Log, store eventstore.Store) error {
		p := proofs{log, store}
		stream := casework.CaseStream("SAMPLE-1")
		proof, err := p.Prove(t.Context(), stream, 3)
		if err != nil || !bytes.HasPrefix(proof, []byte("c2sp.org/tlog-proof@v1")) {
			t.Errorf("the proof is %.60q, %v", proof, err)
		}
		for _, revision := range []int64{999, 26} {
			if _, err := p.Prove(t.Context(), stream, revision); !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("revision %d: %v", revision, err)
			}
		}
		note, err := p.Checkpoint(t.Context())
		if err != nil {
			return err
		}
		newest, err := ledger.ParseCheckpoint(note)
		if err != nil {
			return err
		}
		_, known, err := p.KnownOn(t.Context(), domain.DayOf(time.Now()).String())
		if err != nil || known.Size != newest.Size {
			t.Errorf("today holds %d events, the newest checkpoint %d, %v", known.Size, newest.Size, err)
		}
		if covered, all, err := p.Covered(t.Context(), known.Checkpoint, "SAMPLE-1"); err != nil || covered != 26 || all != 26 {
			t.Errorf("%d of %d events are covered, %v", covered, all, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
