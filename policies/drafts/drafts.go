// Package drafts keeps pack versions that are being written: the files of each,
// who wrote what, and what its check is compared with. A draft is work in
// progress and no part of the record: what is sealed leaves it as a version of
// its own, and from then on the draft is only read.
//
// Each draft is one file, which is replaced as a whole: it is never there by
// half, and no name that somebody sends becomes a path.
package drafts

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"testing/fstest"
	"unicode/utf8"

	"leeway/domain"
)

// Limits of drafts. They bound what somebody who may write rules can make a
// server keep, and what a check has to read.
const (
	MaxFile  = 256 << 10 // bytes of one file
	MaxBytes = 2 << 20   // of all files of a draft
	MaxFiles = 200       // of a draft
	MaxOwn   = 20        // drafts of one author
	MaxAll   = 200       // drafts of a server
	maxLog   = 1000      // changes that a draft remembers
)

// A Draft is a pack version that is being written.
type Draft struct {
	Pack    string `json:"pack"`
	Version string `json:"version"`
	// Base is the version that it was begun from, or extends, and is compared
	// with; none: it was begun from nothing.
	Base domain.PackVersion `json:"base,omitzero"`
	// Author opened it, and alone seals or discards it. Authors are all who
	// changed it: none of them approves what comes of it.
	Author  string         `json:"author"`
	Authors []string       `json:"authors"`
	Opened  domain.Instant `json:"opened"`
	// Revision counts the changes, from 1.
	Revision int                `json:"revision"`
	Sealed   domain.PackVersion `json:"sealed,omitzero"` // what came of it; none: nothing yet
	Files    map[string]File    `json:"files"`
	Log      []Change           `json:"log"`
	// Texts are the files themselves. List leaves them out.
	Texts map[string]string `json:"-"`
}

// A File is one file of a draft.
type File struct {
	Size     int            `json:"size"` // bytes
	Revision int            `json:"revision"`
	By       string         `json:"by"`
	At       domain.Instant `json:"at"`
}

// How a file of a draft was changed.
const (
	Added   = "added"
	Changed = "changed"
	Removed = "removed"
)

// A Change is what somebody did to one file.
type Change struct {
	Revision int            `json:"revision"`
	File     string         `json:"file"`
	How      string         `json:"how"`
	By       string         `json:"by"`
	At       domain.Instant `json:"at"`
}

// A Moved says that files were changed since the caller looked, by whom and
// how; nothing was written.
type Moved struct{ Since []Change }

// Error says how many.
func (e *Moved) Error() string {
	return fmt.Sprintf("%d changes were made since", len(e.Since))
}

// ID is how people write the version.
func (d Draft) ID() string { return d.Pack + "@" + d.Version }

// IsSealed reports whether a version came of it: it is only read then.
func (d Draft) IsSealed() bool { return d.Sealed != domain.PackVersion{} }

// Names are its files in order.
func (d Draft) Names() []string { return slices.Sorted(maps.Keys(d.Files)) }

// Last is the newest change.
func (d Draft) Last() Change {
	if len(d.Log) == 0 {
		return Change{}
	}
	return d.Log[len(d.Log)-1]
}

// FS is the folder that the draft stands for.
func (d Draft) FS() fs.FS {
	dir := fstest.MapFS{}
	for name, text := range d.Texts {
		dir[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return dir
}

// Since are the last changes of each file behind a revision, oldest first, of
// all files where none is named.
func (d Draft) Since(revision int, names ...string) []Change {
	last := map[string]Change{}
	for _, c := range d.Log {
		if c.Revision > revision && (len(names) == 0 || slices.Contains(names, c.File)) {
			last[c.File] = c
		}
	}
	return slices.SortedFunc(maps.Values(last), func(a, b Change) int { return a.Revision - b.Revision })
}

// fileName is what may name a file of a pack: no name of a file is that of a
// folder, on no system.
var fileName = regexp.MustCompile(`^([a-z0-9][a-z0-9_-]*/)?[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)+$`)

// maxName bounds the name of a pack, of a version and of a file, in bytes.
const maxName = 100

// checkName refuses what is no name of a file of a pack.
func checkName(name string) error {
	if len(name) > maxName || !fileName.MatchString(name) {
		return domain.NewFault("files", "%.80q is no file name", "write names such as pack.yaml or rules/dibao.yaml", name)
	}
	return nil
}

// checkText refuses what is no text, or too much of it.
func checkText(name, text string) error {
	switch {
	case len(text) > MaxFile:
		return domain.NewFault("files", "%s has %d bytes, at most %d are kept", "divide it into several files", name, len(text), MaxFile)
	case !utf8.ValidString(text) || slices.Contains([]byte(text), 0):
		return domain.NewFault("files", "%s is no text in UTF-8", "save it as UTF-8", name)
	}
	return nil
}

// fits refuses more than a draft may hold.
func (d Draft) fits() error {
	bytes := 0
	for _, text := range d.Texts {
		bytes += len(text)
	}
	switch {
	case len(d.Texts) > MaxFiles:
		return domain.NewFault("files", "%d files, at most %d are kept", "a pack has few files: join some", len(d.Texts), MaxFiles)
	case bytes > MaxBytes:
		return domain.NewFault("files", "%d bytes in all, at most %d are kept", "take out what the pack does not need", bytes, MaxBytes)
	case len(d.Texts) == 0:
		return domain.NewFault("files", "the draft would have no file", "leave pack.yaml in it")
	}
	return nil
}
