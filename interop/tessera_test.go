// Package interop holds our exports against verifiers that no one here wrote.
package interop

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"

	"leeway/eventstore"
	"leeway/eventstore/memory"
	"leeway/ledger"
)

const (
	origin = "ledger.example/interop"
	events = 700 // three tiles of leaves, the last one partial
)

// exported is a ledger with its tiles and entries in a folder, as an auditor
// takes them away: the folder, the key, and the raw events.
func exported(t *testing.T) (dir string, v note.Verifier, all [][]byte) {
	t.Helper()
	base := t.TempDir()
	dir = filepath.Join(base, "tiles")
	store := memory.New()
	record := func(from, to int) {
		for n := from; n < to; n++ {
			data := fmt.Appendf(nil, `{"n":%d,"text":"家庭月收入核定 %d 元"}`, n, 100*n)
			_, err := store.Append(t.Context(), eventstore.Batch{Stream: fmt.Sprintf("case-%d", n), Expected: eventstore.NoStream, Command: fmt.Sprintf("command-%d", n),
				Events: []eventstore.Event{{ID: fmt.Sprintf("00000000-0000-7000-8000-%012x", n), Type: "noted.v1", Data: data}}})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, data)
		}
	}
	h := ledger.Home{Key: filepath.Join(base, "key"), Policy: filepath.Join(base, "policy"), Checkpoints: filepath.Join(base, "checkpoints"), Tree: filepath.Join(base, "tree")}
	if err := h.Make(origin); err != nil {
		t.Fatal(err)
	}
	record(0, 300)
	l, err := h.Open(t.Context(), store, ledger.Access{Seal: true, First: true})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// Two exports into one folder: the second goes on from the first.
	for _, to := range []int{300, events} {
		record(len(all), to)
		if _, err := l.SealNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := l.ExportTiles(dir); err != nil {
			t.Fatal(err)
		}
		if err := l.ExportEntries(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
	}
	policy, err := os.ReadFile(h.Policy)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.TrimPrefix(strings.Split(string(policy), "\n")[0], "log ")
	if v, err = note.NewVerifier(line); err != nil {
		t.Fatal(err)
	}
	return dir, v, all
}

// leaves takes an entry bundle apart, by Tessera's own reader.
func leaves(bundle []byte) (hashes [][]byte, err error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	for _, e := range b.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return hashes, nil
}

func check(ctx context.Context, dir string, v note.Verifier) error {
	return fsck.New(origin, v, client.FileFetcher{Root: dir}, leaves, fsck.Opts{N: 2}).Check(ctx)
}

// TestTesseraFsck lets Tessera's file-system check derive every tile and the
// root again from our raw events. One changed byte of an entry or of a tile is
// found.
func TestTesseraFsck(t *testing.T) {
	dir, v, all := exported(t)
	if err := check(t.Context(), dir, v); err != nil {
		t.Fatalf("fsck: %v", err)
	}
	for name, what := range map[string][]byte{"tile/entries/001": all[256], "tile/0/001": rfc6962.DefaultHasher.HashLeaf(all[300]), "checkpoint": []byte("\n700\n")} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(good, what)
		if at < 0 {
			t.Fatalf("%s does not hold what it should", name)
		}
		bad := bytes.Clone(good)
		bad[at+1] ^= 1
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := check(t.Context(), dir, v); err == nil {
			t.Errorf("fsck finds nothing wrong with a changed %s", name)
		}
		if err := os.WriteFile(file, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTesseraClient reads our checkpoint, entries and tiles with Tessera's
// client, and verifies the proofs that it builds with a third implementation.
func TestTesseraClient(t *testing.T) {
	dir, v, all := exported(t)
	ctx, from := t.Context(), client.FileFetcher{Root: dir}
	cp, _, _, err := client.FetchCheckpoint(ctx, from.ReadCheckpoint, v, origin)
	if err != nil || cp.Size != events {
		t.Fatalf("checkpoint: %+v, %v", cp, err)
	}
	build, err := client.NewProofBuilder(ctx, cp.Size, from.ReadTile)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []uint64{0, 1, 255, 256, 511, 512, events - 1} {
		bundle, err := client.GetEntryBundle(ctx, from.ReadEntryBundle, i/256, cp.Size)
		if err != nil || !bytes.Equal(bundle.Entries[i%256], all[i]) {
			t.Fatalf("entry %d: %v", i, err)
		}
		p, err := build.InclusionProof(ctx, i)
		if err == nil {
			err = proof.VerifyInclusion(rfc6962.DefaultHasher, i, cp.Size, rfc6962.DefaultHasher.HashLeaf(all[i]), p, cp.Hash)
		}
		if err != nil {
			t.Errorf("event %d: %v", i, err)
		}
	}
	p, err := build.ConsistencyProof(ctx, 256, cp.Size)
	if err == nil {
		err = proof.VerifyConsistency(rfc6962.DefaultHasher, 256, cp.Size, p, rootOf(all[:256]), cp.Hash)
	}
	if err != nil {
		t.Errorf("consistency: %v", err)
	}
}

// rootOf is the root over some events, by the definition of RFC 6962.
func rootOf(events [][]byte) []byte {
	if len(events) == 1 {
		return rfc6962.DefaultHasher.HashLeaf(events[0])
	}
	k := 1
	for 2*k < len(events) {
		k *= 2
	}
	return rfc6962.DefaultHasher.HashChildren(rootOf(events[:k]), rootOf(events[k:]))
}
