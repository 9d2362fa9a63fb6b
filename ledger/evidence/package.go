package evidence

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/ledger"
)

// A Manifest says what a package holds. All of it follows from the rest, so
// that it needs no signature of its own: it is there to be read, and to say what
// an event was where its bytes no longer do.
type Manifest struct {
	Format  string               `json:"format"`
	Kind    string               `json:"kind"` // case or review
	ID      string               `json:"id"`
	Origin  string               `json:"origin"` // of the ledger
	Size    int64                `json:"size"`   // events under the checkpoint
	Root    string               `json:"root"`
	Streams []Stream             `json:"streams"`
	Packs   []domain.PackVersion `json:"packs"`
	Events  []Event              `json:"events"` // by index
}

// A Stream is in the package from its first event on, without a gap.
type Stream struct {
	Name   string `json:"name"`
	Events int64  `json:"events"`
}

// An Event of a package. Index is its number in the whole ledger, from 0.
type Event struct {
	Index    int64  `json:"index"`
	Leaf     string `json:"leaf"`
	ID       string `json:"id"`
	Type     string `json:"type"`
	Stream   string `json:"stream"`
	Revision int64  `json:"revision"`
}

// content is what a package is made of; everything else in it follows.
type content struct {
	kind, id   string
	checkpoint []byte // signed
	keys       []byte // policy of the keys that signed it
	events     []piece
	packs      []pack
	document   string // determination of a review
}

// piece is one event with its proof.
type piece struct {
	index       int64
	data, proof []byte
	env         domain.Envelope
}

// pack is the bytes of a rule pack, by path.
type pack struct {
	id    domain.PackVersion
	files map[string][]byte
}

// manifest is what the content says of itself.
func (c *content) manifest() (Manifest, error) {
	cp, err := ledger.ParseCheckpoint(c.checkpoint)
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Format: Format, Kind: c.kind, ID: c.id, Origin: cp.Origin, Size: cp.Size, Root: cp.Root.String(), Packs: []domain.PackVersion{}}
	count := map[string]int64{}
	for _, e := range c.events {
		count[e.env.Stream]++
		m.Events = append(m.Events, Event{e.index, ledger.LeafHash(e.data).String(), e.env.ID, e.env.Type, e.env.Stream, e.env.Revision})
	}
	for _, name := range slices.Sorted(maps.Keys(count)) {
		m.Streams = append(m.Streams, Stream{name, count[name]})
	}
	for _, p := range c.packs {
		m.Packs = append(m.Packs, p.id)
	}
	return m, nil
}

// assemble writes the package: the same content, the same bytes.
func (c *content) assemble() ([]byte, error) {
	m, err := c.manifest()
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, err
	}
	files := []file{{"package.json", append(text, '\n')}}
	for _, lang := range []string{"zh", "en"} {
		report, err := c.report(m, lang)
		if err != nil {
			return nil, err
		}
		files = append(files, file{"report." + lang + ".txt", []byte(report)})
	}
	if c.document != "" {
		files = append(files, file{"determination.txt", []byte(c.document)})
	}
	files = append(files, file{"checkpoint", c.checkpoint}, file{"keys", c.keys})
	for _, e := range c.events {
		files = append(files, file{fmt.Sprintf("events/%012d.json", e.index), e.data})
	}
	for _, e := range c.events {
		files = append(files, file{fmt.Sprintf("proofs/%012d.tlog-proof", e.index), e.proof})
	}
	for _, p := range c.packs {
		for _, name := range slices.Sorted(maps.Keys(p.files)) {
			files = append(files, file{path.Join("packs", p.id.Pack, p.id.Version, name), p.files[name]})
		}
	}
	return writeZip(files)
}

// disassemble takes a package apart. Nothing of it is believed yet; the
// manifest is what the package says of its events.
func disassemble(b []byte) (*content, Manifest, error) {
	files, err := readZip(b)
	if err != nil {
		return nil, Manifest{}, err
	}
	c := &content{}
	var m Manifest
	proofs := map[string][]byte{}
	packs := map[string]map[string][]byte{}
	for _, f := range files {
		switch dir, name := path.Split(f.name); {
		case f.name == "package.json":
			if err := decodeManifest(f.data, &m); err != nil {
				return nil, m, err
			}
		case f.name == "checkpoint":
			c.checkpoint = f.data
		case f.name == "keys":
			c.keys = f.data
		case f.name == "determination.txt":
			c.document = string(f.data)
		case dir == "events/":
			var index int64
			fmt.Sscanf(name, "%d", &index) // twelve digits, as the name was let through
			c.events = append(c.events, piece{index: index, data: f.data})
		case dir == "proofs/":
			proofs[strings.TrimSuffix(name, ".tlog-proof")] = f.data
		case strings.HasPrefix(dir, "packs/"):
			part := strings.SplitN(f.name, "/", 4) // packs, name, version, path
			key := part[1] + "/" + part[2]
			if packs[key] == nil {
				packs[key] = map[string][]byte{}
			}
			packs[key][part[3]] = f.data
		}
	}
	c.kind, c.id = m.Kind, m.ID
	for i := range c.events {
		c.events[i].proof = proofs[fmt.Sprintf("%012d", c.events[i].index)]
	}
	for _, v := range m.Packs {
		c.packs = append(c.packs, pack{v, packs[v.Pack+"/"+v.Version]})
	}
	return c, m, nil
}

func decodeManifest(b []byte, m *Manifest) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(m); err != nil {
		return domain.Deny(ErrAltered, "package.json cannot be read as it should have been written", "")
	}
	switch {
	case m.Format != Format:
		return domain.Deny(ErrUnsupported, "the package has format %.80q, this program reads %s", "", m.Format, Format)
	case m.Kind != OfCase && m.Kind != OfReview || m.ID == "":
		return domain.Deny(ErrAltered, "it is of no case and no review", "")
	}
	return nil
}

// packFolder is the packs of a package, laid out as PACK/VERSION/….
func packFolder(b []byte) (fs.FS, error) {
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	return fs.Sub(r, "packs")
}
