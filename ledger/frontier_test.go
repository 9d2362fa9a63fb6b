package ledger

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// TestRootsAgree holds our root against the definition of RFC 6962, against
// tlog's own, and against an implementation by other people.
func TestRootsAgree(t *testing.T) {
	var f frontier
	var leaves, stored []tlog.Hash
	theirs := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, x := range at {
			out[i] = stored[x]
		}
		return out, nil
	})
	for n := range int64(300) {
		other := rfc6962.DefaultHasher.EmptyRoot()
		if n > 0 {
			var err error
			if other, err = theirs.GetRootHash(nil); err != nil {
				t.Fatal(err)
			}
		}
		ours, err := tlog.TreeHash(n, reader)
		if err != nil {
			t.Fatal(err)
		}
		if root := f.root(); root != ours || root != slowRoot(leaves) || !bytes.Equal(root[:], other) {
			t.Fatalf("%d leaves: root %s, tlog %s, definition %s, merkle %x", n, root, ours, slowRoot(leaves), other)
		}
		data := fmt.Appendf(nil, "event %d", n)
		leaf := tlog.RecordHash(data)
		if hashed := rfc6962.DefaultHasher.HashLeaf(data); !bytes.Equal(leaf[:], hashed) {
			t.Fatalf("leaf %d is hashed otherwise", n)
		}
		if err := theirs.Append(leaf[:], nil); err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leaf)
		stored = f.add(leaf, stored)
	}
	if int64(len(stored)) != tlog.StoredHashCount(300) {
		t.Errorf("%d hashes are stored, tlog wants %d", len(stored), tlog.StoredHashCount(300))
	}
}

// TestProofsAgree draws trees and proofs and has them verified by the other
// implementation, which must also refuse what we refuse.
func TestProofsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 200).Draw(t, "events")
		i := rapid.Int64Range(0, n-1).Draw(t, "event")
		old := rapid.Int64Range(1, n).Draw(t, "old size")
		tr, leaves := draw(t, n)
		root, before := slowRoot(leaves), slowRoot(leaves[:old])

		record, err := tlog.ProveRecord(n, i, tr)
		if err != nil {
			t.Fatal(err)
		}
		growth, err := tlog.ProveTree(n, old, tr)
		if err != nil {
			t.Fatal(err)
		}
		included := func(leaf tlog.Hash, p []tlog.Hash) error {
			return proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(i), uint64(n), leaf[:], raw(p), root[:])
		}
		grown := func(p []tlog.Hash) error {
			return proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(old), uint64(n), raw(p), before[:], root[:])
		}
		c := Checkpoint{origin, n, root}
		if err := included(leaves[i], record); err != nil || checkRecord(c, i, leaves[i], record) != nil {
			t.Fatalf("inclusion: theirs %v, ours %v", err, checkRecord(c, i, leaves[i], record))
		}
		if err := grown(growth); err != nil || checkGrowth(Checkpoint{origin, old, before}, c, growth) != nil {
			t.Fatalf("consistency: theirs %v, ours %v", err, checkGrowth(Checkpoint{origin, old, before}, c, growth))
		}

		p := [2][]tlog.Hash{record, growth}[rapid.IntRange(0, 1).Draw(t, "proof")]
		if len(p) == 0 {
			return
		}
		p[rapid.IntRange(0, len(p)-1).Draw(t, "hash")][rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
		ours1, ours2 := checkRecord(c, i, leaves[i], record), checkGrowth(Checkpoint{origin, old, before}, c, growth)
		if (ours1 == nil) != (included(leaves[i], record) == nil) || (ours2 == nil) != (grown(growth) == nil) || ours1 == nil && ours2 == nil {
			t.Fatalf("a changed proof passes: inclusion %v, consistency %v", ours1, ours2)
		}
	})
}

func TestFrontierGoesOnFromStoredHashes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 200).Draw(t, "events")
		cut := rapid.Int64Range(0, n).Draw(t, "cut")
		tr, leaves := draw(t, n)
		f, err := frontierAt(cut, tr)
		if err != nil {
			t.Fatal(err)
		}
		for _, leaf := range leaves[cut:] {
			f.add(leaf, nil)
		}
		if f.size != n || f.root() != slowRoot(leaves) {
			t.Errorf("going on from %d of %d leaves gives another root", cut, n)
		}
	})
}

// hashes is a tree in memory, as tlog stores it.
type hashes []tlog.Hash

func (h hashes) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, x := range at {
		if x >= int64(len(h)) {
			return nil, fmt.Errorf("no hash %d", x)
		}
		out[i] = h[x]
	}
	return out, nil
}

// draw makes a tree of n leaves.
func draw(t *rapid.T, n int64) (hashes, []tlog.Hash) {
	seed := rapid.Uint64().Draw(t, "seed")
	var f frontier
	var stored hashes
	var leaves []tlog.Hash
	for i := range n {
		leaf := tlog.RecordHash(fmt.Appendf(nil, "%d %d", seed, i))
		leaves = append(leaves, leaf)
		stored = f.add(leaf, stored)
	}
	return stored, leaves
}

func raw(p []tlog.Hash) [][]byte {
	var list [][]byte
	for _, h := range p {
		list = append(list, h[:])
	}
	return list
}
