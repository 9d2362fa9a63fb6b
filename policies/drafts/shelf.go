package drafts

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"leeway/domain"
)

// A Shelf is the folder of a server's drafts. It may be used from many
// goroutines of one process; the folder is made with the first draft.
//
// Errors wrap domain.ErrNotFound, domain.ErrRefused where a draft is sealed,
// is somebody else's or there are too many, and domain.ErrInvalid where what was
// sent is at fault; a *Moved says that it was changed meanwhile. On any error
// nothing was written.
type Shelf struct {
	dir string
	mu  sync.Mutex
}

// New is the shelf of a folder.
func New(dir string) *Shelf { return &Shelf{dir: dir} }

// The file of a draft has two lines: what is known of it, and its texts, so
// that a list need not read those.
const suffix = ".json"

var idName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*@[a-z0-9][a-z0-9.-]*$`)

// path is the file of a draft. A name that could be a path is not there.
func (s *Shelf) path(id string) (string, error) {
	if len(id) > 2*maxName+1 || !idName.MatchString(id) {
		return "", domain.Deny(domain.ErrNotFound, "there is no draft %.80q", "see the list of drafts", id)
	}
	return filepath.Join(s.dir, id+suffix), nil
}

// Get is a draft with its texts.
func (s *Shelf) Get(id string) (Draft, error) {
	path, err := s.path(id)
	if err != nil {
		return Draft{}, err
	}
	return read(path, id, true)
}

// List are the drafts by name, without their texts. One that cannot be read is
// in the error, and the others are told all the same.
func (s *Shelf) List() ([]Draft, error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []Draft
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok || !idName.MatchString(id) {
			continue // what a server that was killed began to write
		}
		d, failed := read(filepath.Join(s.dir, e.Name()), id, false)
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		list = append(list, d)
	}
	return list, err
}

// read reads the file of a draft.
func read(path, id string, texts bool) (Draft, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Draft{}, domain.Deny(domain.ErrNotFound, "there is no draft %.80q", "see the list of drafts", id)
	}
	if err != nil {
		return Draft{}, err
	}
	defer f.Close()
	var d Draft
	dec := json.NewDecoder(f)
	if err = dec.Decode(&d); err == nil && texts {
		err = dec.Decode(&d.Texts)
	}
	if err == nil && d.ID() != id {
		err = errors.New("it holds " + d.ID())
	}
	if err != nil {
		return Draft{}, fmt.Errorf("the draft %s cannot be read: %w", path, err)
	}
	return d, nil
}

// write replaces the file of a draft, on the disk before it has its name.
func (s *Shelf) write(d Draft) error {
	path, err := s.path(d.ID())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(s.dir, ".draft-*") // for its owner alone
	if err != nil {
		return err
	}
	enc := json.NewEncoder(f)
	err = errors.Join(enc.Encode(d), enc.Encode(d.Texts), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return s.sync()
}

// sync makes the names in the folder durable, where the system can.
func (s *Shelf) sync() error {
	dir, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	if err := dir.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return errors.Join(err, dir.Close())
	}
	return dir.Close()
}

// Open begins a draft of a version with files. A version that has a draft
// already is refused.
func (s *Shelf) Open(pack, version string, base domain.PackVersion, texts map[string]string, by string, now domain.Instant) (Draft, error) {
	d := Draft{Pack: pack, Version: version, Base: base, Author: by, Opened: now, Files: map[string]File{}, Texts: map[string]string{}}
	if !idName.MatchString(d.ID()) || len(pack) > maxName || len(version) > maxName {
		return Draft{}, domain.NewFault("version", "%.80q cannot name a draft", "write lower-case letters, digits, dots and -, such as my-pack and 2022.1", d.ID())
	}
	edits := map[string]*string{}
	for name, text := range texts {
		edits[name] = &text
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list, err := s.List()
	if err != nil {
		return Draft{}, err
	}
	own := 0
	for _, x := range list {
		if x.ID() == d.ID() {
			return Draft{}, domain.Deny(domain.ErrRefused, "there is a draft of %s already, by %s", "go on with that one, or give yours another version", d.ID(), x.Author)
		}
		if x.Author == by {
			own++
		}
	}
	if own >= MaxOwn || len(list) >= MaxAll {
		return Draft{}, domain.Deny(domain.ErrRefused, "there are %d drafts of your own and %d in all, at most %d and %d are kept", "discard one that is no longer needed", own, len(list), MaxOwn, MaxAll)
	}
	if err := d.apply(edits, by, now); err != nil {
		return Draft{}, err
	}
	return d, s.write(d)
}

// Change writes files of a draft; nil takes one out. Seen is the revision that
// the caller saw: a file that was changed since is not written over.
func (s *Shelf) Change(id string, seen int, edits map[string]*string, by string, now domain.Instant) (Draft, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.open(id)
	if err == nil && len(edits) > 0 {
		err = d.unmoved(seen, slices.Collect(maps.Keys(edits))...)
	}
	if err != nil {
		return d, err
	}
	return s.put(d, edits, by, now)
}

// Replace makes files the whole of a draft that nobody changed since.
func (s *Shelf) Replace(id string, seen int, texts map[string]string, by string, now domain.Instant) (Draft, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.open(id)
	if err == nil {
		err = d.unmoved(seen)
	}
	if err != nil {
		return d, err
	}
	edits := map[string]*string{}
	for name := range d.Files {
		edits[name] = nil
	}
	for name, text := range texts {
		edits[name] = &text
	}
	return s.put(d, edits, by, now)
}

// put keeps a draft with edits, unless they change nothing.
func (s *Shelf) put(d Draft, edits map[string]*string, by string, now domain.Instant) (Draft, error) {
	was := d.Revision
	if err := d.apply(edits, by, now); err != nil || d.Revision == was {
		return d, err
	}
	return d, s.write(d)
}

// Seal lets its author make a version of a draft that nobody changed since, and
// keeps which one it became. Nothing else is changed meanwhile.
func (s *Shelf) Seal(id string, seen int, by string, seal func(Draft) (domain.PackVersion, error)) (Draft, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.own(id, seen, by)
	if err == nil && d.IsSealed() {
		err = errSealed(d)
	}
	if err != nil {
		return d, err
	}
	if d.Sealed, err = seal(d); err != nil {
		return d, err
	}
	return d, s.write(d)
}

// Discard lets its author throw a draft away. A version that came of it stays.
func (s *Shelf) Discard(id string, seen int, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.own(id, seen, by); err != nil {
		return err
	}
	path, err := s.path(id)
	if err != nil {
		return err
	}
	return errors.Join(os.Remove(path), s.sync())
}

// open is a draft that can be changed. The caller holds the lock.
func (s *Shelf) open(id string) (Draft, error) {
	d, err := s.Get(id)
	if err == nil && d.IsSealed() {
		err = errSealed(d)
	}
	return d, err
}

// own is a draft of the caller's that he saw as it is.
func (s *Shelf) own(id string, seen int, by string) (Draft, error) {
	d, err := s.Get(id)
	switch {
	case err != nil:
	case d.Author != by:
		err = domain.Deny(domain.ErrRefused, "the draft %s is %s's", "leave it to him, or open a draft of your own from his files", id, d.Author)
	default:
		err = d.unmoved(seen)
	}
	return d, err
}

func errSealed(d Draft) error {
	return domain.Deny(domain.ErrRefused, "the draft %s is sealed", "open a new draft from %[2]s, with a version of its own", d.ID(), d.Sealed.Pack+"@"+d.Sealed.Version)
}

// unmoved refuses a change of files that were changed since a revision, of all
// where none is named.
func (d Draft) unmoved(seen int, names ...string) error {
	moved := d.Since(seen, names...)
	for name, f := range d.Files { // also where the log no longer reaches back
		if f.Revision > seen && (len(names) == 0 || slices.Contains(names, name)) && !slices.ContainsFunc(moved, func(c Change) bool { return c.File == name }) {
			moved = append(moved, Change{f.Revision, name, Changed, f.By, f.At})
		}
	}
	if len(moved) > 0 || seen > d.Revision {
		return &Moved{moved}
	}
	return nil
}

// apply writes files into the draft, as one change. The same text again is
// none.
func (d *Draft) apply(edits map[string]*string, by string, now domain.Instant) error {
	revision := d.Revision + 1
	for _, name := range slices.Sorted(maps.Keys(edits)) {
		text := edits[name]
		old, had := d.Texts[name]
		if text == nil {
			if had {
				delete(d.Texts, name)
				delete(d.Files, name)
				d.Log = append(d.Log, Change{revision, name, Removed, by, now})
			}
			continue
		}
		if err := cmp.Or(checkName(name), checkText(name, *text)); err != nil {
			return err
		}
		if had && old == *text {
			continue
		}
		how := Added
		if had {
			how = Changed
		}
		d.Texts[name], d.Files[name] = *text, File{len(*text), revision, by, now}
		d.Log = append(d.Log, Change{revision, name, how, by, now})
	}
	if len(d.Log) == 0 || d.Log[len(d.Log)-1].Revision != revision {
		return nil
	}
	d.Revision = revision
	d.Log = d.Log[max(0, len(d.Log)-maxLog):]
	if !slices.Contains(d.Authors, by) {
		d.Authors = append(d.Authors, by)
	}
	return d.fits()
}
