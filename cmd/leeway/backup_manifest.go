package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"leeway/eventstore"
	"leeway/eventstore/sqlite"
)

const backupFormat = "leeway-backup.v1"

// A manifest says what a backup holds, by digests: of its files and, in the
// list of sums, of every event. It is written last; a folder without one is no
// backup. Whoever can change the backup can change the manifest too: that the
// events are those of the ledger is for its checkpoints to prove.
type manifest struct {
	Format  string    `json:"format"`
	Made    time.Time `json:"made"`
	Version string    `json:"version"` // of the program
	Store   string    `json:"store"`   // what the events were kept by
	Events  int64     `json:"events"`
	Last    string    `json:"last,omitempty"`  // id of the newest event
	Ledger  string    `json:"ledger"`          // SHA-256 of the ledger file
	Sums    string    `json:"sums"`            // of the list of sums
	Packs   string    `json:"packs,omitempty"` // of the rule packs of the data folder, where it has some
	// Checkpoints is of the log's checkpoints and policy, as they were then.
	Checkpoints string `json:"checkpoints,omitempty"`
	Keys        string `json:"keys,omitempty"` // of the file of keys that was made with it
}

// seal writes the list of sums and the manifest of a folder that holds a
// ledger file, and makes all of it durable. Reading the copy back is also what
// finds a disk that did not keep it.
func (m *manifest) seal(ctx context.Context, dir string) error {
	sums, err := os.OpenFile(filepath.Join(dir, sumsFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(sums)
	err = eachEvent(ctx, filepath.Join(dir, ledgerFile), func(r eventstore.Recorded) error {
		m.Events, m.Last = m.Events+1, r.ID
		_, err := fmt.Fprintln(w, sumOf(r))
		return err
	})
	if err := errors.Join(err, w.Flush(), sums.Close()); err != nil {
		return err
	}
	if m.Sums, err = digestOf(filepath.Join(dir, sumsFile)); err != nil {
		return err
	}
	if m.Ledger, err = digestOf(filepath.Join(dir, ledgerFile)); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := writeOnce(filepath.Join(dir, manifestFile), append(text, '\n')); err != nil {
		return err
	}
	return syncTree(dir)
}

// eachEvent reads a ledger file that nobody writes to, from its beginning.
func eachEvent(ctx context.Context, path string, use func(eventstore.Recorded) error) error {
	store, err := sqlite.OpenReader(path)
	if err != nil {
		return err
	}
	for r, err := range store.All(ctx, eventstore.Start) {
		if err == nil {
			err = use(r)
		}
		if err != nil {
			return errors.Join(err, store.Close())
		}
	}
	return store.Close()
}

// check holds a folder against its manifest: the files, and then every event
// against its line in the list of sums.
func (m *manifest) check(ctx context.Context, dir string) error {
	for name, want := range map[string]string{ledgerFile: m.Ledger, sumsFile: m.Sums, packsFile: m.Packs, checkpointsFile: m.Checkpoints} {
		got, err := digestOf(filepath.Join(dir, name))
		if want == "" && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errDiffers, err)
		}
		if got != want {
			return fmt.Errorf("%w: %s has digest %s, the manifest says %s", errDiffers, name, got, want)
		}
	}
	f, err := os.Open(filepath.Join(dir, sumsFile))
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	n := int64(0)
	err = eachEvent(ctx, filepath.Join(dir, ledgerFile), func(r eventstore.Recorded) error {
		n++
		if !lines.Scan() || lines.Text() != sumOf(r) {
			return fmt.Errorf("%w: event %d, %s at revision %d of %s, is not what was backed up", errDiffers, n, r.ID, r.Revision, r.Stream)
		}
		return nil
	})
	if err == nil && (n != m.Events || lines.Scan()) {
		err = fmt.Errorf("%w: it holds %d events, the manifest says %d", errDiffers, n, m.Events)
	}
	return err
}

// readManifest reads the manifest of a folder.
func readManifest(dir string) (manifest, error) {
	var m manifest
	f, err := os.Open(filepath.Join(dir, manifestFile))
	if err != nil {
		return m, err
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, 1<<20)).Decode(&m); err != nil {
		return m, fmt.Errorf("%w: %s: %w", errDiffers, manifestFile, err)
	}
	if m.Format != backupFormat {
		return m, fmt.Errorf("%w: %s has format %q, not %q", errDiffers, manifestFile, m.Format, backupFormat)
	}
	return m, nil
}

// sumOf is the digest of all that an event is, each part behind its length so
// that no two events run together to the same bytes.
func sumOf(r eventstore.Recorded) string {
	h := sha256.New()
	var length [8]byte
	part := func(b []byte) {
		binary.BigEndian.PutUint64(length[:], uint64(len(b)))
		h.Write(length[:])
		h.Write(b)
	}
	part([]byte(r.Stream))
	part(binary.BigEndian.AppendUint64(nil, uint64(r.Revision)))
	for _, text := range []string{r.ID, r.Type, r.Command} {
		part([]byte(text))
	}
	part(r.Data)
	return hex.EncodeToString(h.Sum(nil))
}

// digestOf is the SHA-256 of a file.
func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
