package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
	"leeway/eventstore"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// ExportTiles writes the tree under the newest checkpoint into a folder in the
// tlog-tiles layout, and the checkpoint last. Any tlog-tiles client can verify
// and prove from it, and it tells an auditor which event was changed. It goes
// on from an earlier export and changes no tile: one that differs is
// ErrRewritten. Events themselves are written by ExportEntries alone.
func (l *Log) ExportTiles(dir string) error {
	s, c, root, err := l.exportTo(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, t := range tlog.NewTiles(tileHeight, 0, c.Size) {
		name := tileName(t)
		// Compared, not skipped: an export is often the only copy of the tree
		// that somebody else holds, and must not be mended silently.
		data, err := tlog.ReadTileData(t, l.tree)
		if err != nil {
			return fmt.Errorf("tile %s: %w", name, err)
		}
		have, err := root.ReadFile(name)
		if err == nil && bytes.Equal(have, data) {
			continue
		}
		if err == nil && len(have) == len(data) {
			return domain.Deny(ErrRewritten, "exported tile %s is not the one of this log", "keep both", name)
		}
		if err := put(root, name, data); err != nil {
			return fmt.Errorf("tile %s: %w", name, err)
		}
	}
	return put(root, "checkpoint", s.Note)
}

// ExportEntries writes the raw events under the newest checkpoint beside the
// tiles, as tlog-tiles entry bundles. They hold what the store holds, sealed
// personal data included: hand them to nobody who may not have the store. An
// event above 65,535 bytes does not fit the format and ends the export.
func (l *Log) ExportEntries(ctx context.Context, dir string) error {
	_, c, root, err := l.exportTo(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	var bundle []byte
	n := int64(0)
	for r, err := range l.cfg.Store.All(ctx, eventstore.Start) {
		if err != nil {
			return domain.Within(err, "event %d", n)
		}
		if n == c.Size {
			break
		}
		if len(r.Data) > math.MaxUint16 {
			return domain.NewFault("", "event %d (%s, revision %d of %s) has %d bytes, an entry bundle takes 65535", "export the case instead", n, r.Type, r.Revision, r.Stream, len(r.Data))
		}
		bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(r.Data)))
		bundle = append(bundle, r.Data...)
		if n++; n%tileWidth == 0 || n == c.Size {
			t := tlog.Tile{H: tileHeight, L: -1, N: (n - 1) / tileWidth, W: int((n-1)%tileWidth) + 1}
			if err := put(root, tileName(t), bundle); err != nil {
				return err
			}
			bundle = bundle[:0]
		}
	}
	return nil
}

// exportTo opens the folder of an export, and fixes the checkpoint it is of:
// sealing goes on meanwhile.
func (l *Log) exportTo(dir string) (Sealed, Checkpoint, *os.Root, error) {
	s := l.Latest()
	c, err := ParseCheckpoint(s.Note)
	if err != nil {
		return s, c, nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return s, c, nil, err
	}
	root, err := os.OpenRoot(dir)
	return s, c, root, err
}

// tileName is a tile's path in C2SP's layout, which has no height and calls
// the events "entries".
func tileName(t tlog.Tile) string {
	name, _ := strings.CutPrefix(t.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	if rest, ok := strings.CutPrefix(name, "data/"); ok {
		name = "entries/" + rest
	}
	return "tile/" + name
}

// put writes a file of an export whole, and makes the folders above it.
func put(root *os.Root, name string, data []byte) error {
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	return replace(root, name, data)
}

// TileLeaves reads the leaf hashes of an exported tree of that many events,
// for VerifyEvents. It reads each tile once when asked in order. What it
// returns is trusted by nobody until it leads to a signed root.
func TileLeaves(dir fs.FS, size int64) LeafHashes {
	have, data := int64(-1), []byte(nil)
	return func(i int64) (tlog.Hash, error) {
		if i < 0 || i >= size {
			return tlog.Hash{}, domain.Deny(ErrMissing, "tiles of %d events have no leaf %d", "", size, i)
		}
		if n := i / tileWidth; n != have {
			full := tlog.Tile{H: tileHeight, N: n, W: tileWidth}
			part := tlog.Tile{H: tileHeight, N: n, W: int(min(size-n*tileWidth, tileWidth))}
			b, err := fs.ReadFile(dir, tileName(part))
			if errors.Is(err, fs.ErrNotExist) {
				b, err = fs.ReadFile(dir, tileName(full)) // a full tile may have taken its place
			}
			if err != nil {
				return tlog.Hash{}, err
			}
			have, data = n, b
		}
		at := int(i%tileWidth) * tlog.HashSize
		if at+tlog.HashSize > len(data) {
			return tlog.Hash{}, domain.Deny(ErrMalformed, "tile of leaf %d is cut off", "", i)
		}
		return tlog.Hash(data[at:]), nil
	}
}

// TileEntries reads the raw events of an exported tree of that many events, as
// ExportEntries wrote them. A bundle that is damaged or cut off ends it with an
// error that wraps ErrMalformed.
func TileEntries(dir fs.FS, size int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for n := int64(0); n < size; n += tileWidth {
			width := int(min(size-n, tileWidth))
			name := tileName(tlog.Tile{H: tileHeight, L: -1, N: n / tileWidth, W: width})
			bundle, err := fs.ReadFile(dir, name)
			for range width {
				if err == nil && len(bundle) < 2 {
					err = domain.Deny(ErrMalformed, "bundle %s is cut off", "", name)
				}
				var data []byte
				if err == nil {
					if size := int(binary.BigEndian.Uint16(bundle)); len(bundle) < 2+size {
						err = domain.Deny(ErrMalformed, "bundle %s is cut off", "", name)
					} else {
						data, bundle = bundle[2:2+size], bundle[2+size:]
					}
				}
				if !yield(data, err) || err != nil {
					return
				}
			}
			if len(bundle) > 0 {
				yield(nil, domain.Deny(ErrMalformed, "bundle %s goes on after its last event", "", name))
				return
			}
		}
	}
}

// TreeLeaves reads the leaf hashes of the tree folder of a log, for
// VerifyEvents. Close ends it. Like those of tiles they are trusted by nobody.
func TreeLeaves(dir string) (LeafHashes, io.Closer, error) {
	f, err := os.Open(filepath.Join(dir, "hashes"))
	if err != nil {
		return nil, nil, err
	}
	return func(i int64) (h tlog.Hash, err error) {
		_, err = f.ReadAt(h[:], tlog.StoredHashIndex(0, i)*tlog.HashSize)
		return h, err
	}, f, nil
}
