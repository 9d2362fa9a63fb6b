package ledger

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"
)

// frontier is the right edge of a growing tree: for every bit that is set in
// size, the root of one complete subtree. It is all that is needed to go on,
// so a stream of any length is hashed in a few hundred bytes.
type frontier struct {
	size int64
	edge []tlog.Hash // edge[l] is the root of 2^l leaves, where bit l of size is set
}

// add puts a leaf hash to the right end. It appends to out the hashes that
// the leaf completes, in the order in which tlog stores them: the leaf first.
func (f *frontier) add(leaf tlog.Hash, out []tlog.Hash) []tlog.Hash {
	out = append(out, leaf)
	level := 0
	for ; f.size>>level&1 == 1; level++ {
		leaf = tlog.NodeHash(f.edge[level], leaf)
		out = append(out, leaf)
	}
	if level == len(f.edge) {
		f.edge = append(f.edge, leaf)
	}
	f.edge[level] = leaf
	f.size++
	return out
}

// root is the RFC 6962 hash of the tree: its complete subtrees, joined from the
// smallest on the right to the largest on the left. The empty tree has the hash
// of nothing.
func (f *frontier) root() tlog.Hash {
	root, started := tlog.Hash(sha256.Sum256(nil)), false
	for level, h := range f.edge {
		switch {
		case f.size>>level&1 == 0:
		case !started:
			root, started = h, true
		default:
			root = tlog.NodeHash(h, root)
		}
	}
	return root
}

// frontierAt is the right edge of the first size leaves, from stored hashes. It
// believes them; whoever calls it compares the root with a signed one.
func frontierAt(size int64, r tlog.HashReader) (frontier, error) {
	f := frontier{size: size}
	for level := 0; size>>level > 0; level++ {
		f.edge = append(f.edge, tlog.Hash{})
		if size>>level&1 == 0 {
			continue
		}
		h, err := r.ReadHashes([]int64{tlog.StoredHashIndex(level, size>>level-1)})
		if err != nil {
			return frontier{}, err
		}
		f.edge[level] = h[0]
	}
	return f, nil
}
