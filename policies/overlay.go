package policies

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"leeway/domain"
)

// An overlay is a small pack on top of another one: an office supplies what
// is its own to set, and copies nothing. It may give dated values of
// standards, day limits of steps and the articles of its own measure to
// liability rules. Everything else is the base's, to the byte: the overlay's
// digest covers the digest of the base.
type overlay struct {
	// What the files say, kind by kind.
	man       overlayManifest
	sources   []*source
	standards []*overlayStandard
	limits    []*limit
	articles  []*article
	tests     []*testFile
	// What they stand on: the base compiled by itself, for its own tests, and
	// its name with the digest that goes into the overlay's.
	plain  *pack
	baseID domain.PackVersion
}

// overlayManifest is the pack.yaml of an overlay. What it does not say is as
// the base says.
type overlayManifest struct {
	At         at
	Pack       string    `key:"pack,required"`
	Version    string    `key:"version,required"`
	Extends    extends   `key:"extends,required"`
	Title      text      `key:"title,required"`
	Authority  text      `key:"authority,required"`
	Reason     text      `key:"reason,required"`
	Supersedes string    `key:"supersedes"`
	Corrects   string    `key:"corrects"`
	Approval   *approval `key:"approval"`
	// Synthetic marks values that somebody made up for tests and simulations.
	Synthetic bool `key:"synthetic"`
}

// extends names the base. A digest pins its bytes; without one the version at
// hand is taken, whose digest goes into the overlay's all the same.
type extends struct {
	At      at
	Pack    string `key:"pack,required"`
	Version string `key:"version,required"`
	Digest  string `key:"digest"`
}

// overlayStandard adds values to a standard of the base, or replaces those
// that start on the same days. Its kind and title stay the base's.
type overlayStandard struct {
	At     at
	ID     string     `key:"standard,required"`
	Values []stdValue `key:"values,required"`
}

// limit gives a step of a procedure another day limit, from a day to the end
// of the procedure's version in force then: what comes after it is a new
// procedure, for which the office has to decide anew.
type limit struct {
	At        at
	Procedure string     `key:"procedure,required"`
	Step      string     `key:"step,required"`
	From      domain.Day `key:"from,required"`
	Days      int        `key:"days,required"`
	Working   bool       `key:"working"`
	Cite      []cite     `key:"cite,required"`
}

// article is the place of a liability rule in the office's own measure.
type article struct {
	At           at
	Ground       string `key:"ground,required"`
	LocalArticle string `key:"local_article,required"`
	Source       string `key:"source,required"`
}

// overlayMark stands before the file names of an overlay while it is being
// compiled, for base and overlay may have files of one name. No pack has a
// folder of that name.
const overlayMark = "overlay/"

// extends reports whether the files are those of an overlay.
func (fl files) extends() bool {
	// Only the presence of the key decides. What is wrong with the file is found
	// by whoever decodes it afterwards, with its line.
	d := &decoder{file: "pack.yaml", probs: new(Problems)}
	n := d.parse(fl["pack.yaml"])
	if n == nil || n.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "extends" {
			return true
		}
	}
	return false
}

// decodeOverlay reads the files of an overlay and refuses those that would
// change more than an overlay may.
func decodeOverlay(fl files, probs *Problems) *overlay {
	o := new(overlay)
	for _, name := range sortedKeys(fl) {
		data, dir := fl[name], path.Dir(name)
		d := &decoder{file: overlayMark + name, probs: probs}
		// What is not listed here is refused: a rule that lay in an overlay and
		// was not read would be under its digest, and somebody might believe in
		// it.
		switch {
		case name == "pack.yaml":
			d.into(data, &o.man)
		case name == "sources.yaml":
			decodeList(d, data, "sources", &o.sources)
		case path.Ext(name) == ".yaml" && strings.HasSuffix(name, "_test.yaml") && slices.Contains([]string{"rules", "procedure", "liability"}, dir):
			t := &testFile{}
			d.into(data, t)
			o.tests = append(o.tests, t)
		case path.Ext(name) == ".yaml" && dir == "standards":
			decodeList(d, data, "standards", &o.standards)
		case path.Ext(name) == ".yaml" && dir == "procedure":
			decodeList(d, data, "limits", &o.limits)
		case path.Ext(name) == ".yaml" && dir == "liability":
			decodeList(d, data, "articles", &o.articles)
		default:
			probs.add(at{overlayMark + name, 1}, "an overlay does not bring this file", "an overlay gives values under standards, limits under procedure, articles under liability, their sources.yaml and tests; what changes a rule or a fact is a new version of the base")
		}
	}
	return o
}

// base finds and decodes what the overlay extends: freshly, for compiling
// writes into what was decoded.
func (o *overlay) base(bases roots, probs *Problems) *sourceFiles {
	x := &o.man.Extends
	key := x.Pack + "/" + x.Version
	unfit := func(what, instead string, args ...any) *sourceFiles {
		probs.add(x.At, what, instead, args...)
		return nil
	}
	// All problems stand at the line that names the base: the author of the
	// overlay can do nothing at the lines of the base itself.
	root := bases[key]
	if root == nil {
		if near := nearest(key, sortedKeys(bases)); near != "" {
			return unfit("pack %s is not at hand", "write %[2]s, or name the folder that holds the pack", key, strings.Replace(near, "/", " ", 1))
		}
		return unfit("pack %s is not at hand", "name a version at hand, or the folder that holds it", key)
	}
	fl, err := readFiles(root)
	if err != nil {
		return unfit("pack %s cannot be read: %v", "put its folder right", key, err)
	}
	// One level only. Whose value counts would otherwise depend on an order that
	// nobody sees on any screen.
	if fl.extends() {
		return unfit("pack %s is an overlay itself", "extend the pack that it extends, and take its values over", key)
	}
	base, found := compileFiles(fl)
	if len(found) > 0 {
		return unfit("pack %s has %d problems, the first: %s", "mend the base first, with leeway policy check", key, len(found), found[0].What)
	}
	o.plain, o.baseID = base, base.id
	// A pinned digest says that the author has seen these bytes and no others.
	if x.Digest != "" && x.Digest != base.id.Digest {
		return unfit("pack %s has digest %s, not %s", "find out what changed with leeway policy diff, then write the new digest, or leave it out", key, base.id.Digest, x.Digest)
	}
	return decodeFiles(fl, probs)
}

// loadOverlay compiles the base with what the overlay puts into it.
func loadOverlay(fl files, bases roots) (*pack, Problems, error) {
	var probs Problems
	o := decodeOverlay(fl, &probs)
	if len(probs) > 0 {
		return nil, o.named(probs).sorted(), nil
	}
	// The base is decoded twice, once for itself and once to be changed: what is
	// shared between two packs could never be told apart again.
	src := o.base(bases, &probs)
	if src == nil {
		return nil, o.named(probs).sorted(), nil
	}
	o.apply(src, &probs)
	p := newPack(src, &probs)
	p.man.over = o
	p.id = domain.PackVersion{Pack: o.man.Pack, Version: o.man.Version, Digest: fl.digest(fmt.Sprintf("%s  extends %s/%s\n", o.baseID.Digest, o.baseID.Pack, o.baseID.Version))}
	return p, o.named(probs).sorted(), nil
}

// named writes file names as people know them: those of the overlay without
// the mark, those of the base behind its name.
func (o *overlay) named(probs Problems) Problems {
	out := slices.Clone(probs)
	for i, p := range out {
		out[i].File = o.file(p.File)
	}
	return out
}

// file is the name of one file as people know it.
func (o *overlay) file(name string) string {
	if own, ok := strings.CutPrefix(name, overlayMark); ok {
		return own
	}
	return o.man.Extends.Pack + "/" + o.man.Extends.Version + "/" + name
}

// overlaid keeps, of what was found by looking at the whole, what the author
// of an overlay can mend: for the base was checked by itself. Of a pack that
// is no overlay it keeps everything.
func (p *pack) overlaid(probs Problems) Problems {
	if p.man.over == nil {
		return probs
	}
	// A source of the base may be cited by nothing because the overlay replaced
	// the one value that cited it; that is no mistake of anybody.
	own := slices.DeleteFunc(slices.Clone(probs), func(x Problem) bool { return !strings.HasPrefix(x.File, overlayMark) })
	return p.man.over.named(own)
}

// A roots holds the folders of pack versions, by PACK/VERSION.
type roots map[string]fs.FS

// findRoots lists what stands in folders laid out as
// PACK/VERSION. Only names are looked at: files are read when a version is
// asked for, as an office rarely needs all of them.
func findRoots(dirs []fs.FS) (roots, error) {
	all := roots{}
	// None comes before another: a folder cannot take the place of a bundle, nor
	// hide behind one.
	for _, dir := range dirs {
		found, err := fs.Glob(dir, "*/*/pack.yaml")
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			key := path.Dir(file)
			if all[key] != nil {
				all[key] = twice(key)
				continue
			}
			sub, err := fs.Sub(dir, key)
			if err != nil {
				return nil, err
			}
			all[key] = sub
		}
	}
	return all, nil
}

// twice stands for a version that was found in two places. Who asks for it
// gets an error, and nobody gets one of the two by chance.
type twice string

// Open refuses to say what the version holds.
func (t twice) Open(string) (fs.File, error) {
	return nil, domain.NewFault("", "pack %s stands in two places", "keep one of the two folders", string(t))
}

// loadBeside loads a pack version whose base may stand among the bundles or in
// one of the folders given.
func loadBeside(fsys fs.FS, dirs []fs.FS) (*pack, Problems, error) {
	bases, err := findRoots(append([]fs.FS{Bundles()}, dirs...))
	if err != nil {
		return nil, nil, err
	}
	return load(fsys, bases)
}
