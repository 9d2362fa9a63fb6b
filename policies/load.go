package policies

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/google/cel-go/common/env"
	"go.yaml.in/yaml/v3"

	"leeway/domain"
)

// maxFile bounds one file of a pack.
const maxFile = 1 << 20

// files are the exact bytes of one pack version, by path.
type files map[string][]byte

// readFiles reads every file of a pack version.
func readFiles(fsys fs.FS) (files, error) {
	fl := files{}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		// A link could stand for other bytes tomorrow.
		if !info.Mode().IsRegular() || info.Size() > maxFile {
			return fmt.Errorf("%s: not a plain file of at most %d bytes", p, maxFile)
		}
		fl[p], err = fs.ReadFile(fsys, p)
		return err
	})
	if err == nil && len(fl) == 0 {
		err = errors.New("the pack has no files")
	}
	return fl, err
}

// digest names the exact bytes of a pack version: SHA-256 over the sorted
// lines "file digest, two spaces, path". Test files are part of the pack. An
// overlay has one more line, which names its base by digest.
func (fl files) digest(more ...string) string {
	lines := slices.Clone(more)
	for p, data := range fl {
		sum := sha256.Sum256(data)
		lines = append(lines, hex.EncodeToString(sum[:])+"  "+p+"\n")
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:])
}

// sourceFiles is a pack version as decoded, before anything is compiled.
type sourceFiles struct {
	// One field per kind of file; lists are over all files of the kind.
	man        manifest
	env        *env.Config
	schema     schema
	sources    []*source
	facts      []*fact
	standards  []*standard
	rules      []*rule
	procedures []*procedure
	findings   []*finding
	grounds    []*ground
	tests      []*testFile
}

// decodeFiles reads every file into its structs and reports each mistake of
// form. Files that belong to no known place are mistakes too.
func decodeFiles(fl files, probs *Problems) *sourceFiles {
	src := new(sourceFiles)
	for _, name := range []string{"pack.yaml", "env.yaml", "schema.yaml", "sources.yaml"} {
		if fl[name] == nil {
			probs.add(at{name, 1}, "the file is missing", "write the file %[1]s", name)
		}
	}
	// In order of names, so that the same folder gives the same pack and the
	// same problems every time.
	for _, name := range sortedKeys(fl) {
		data, dir := fl[name], path.Dir(name)
		d := &decoder{file: name, probs: probs}
		switch {
		case name == "pack.yaml":
			d.into(data, &src.man)
		case name == "env.yaml":
			src.env = readEnv(name, data, probs)
		case name == "schema.yaml":
			d.into(data, &src.schema)
		case name == "sources.yaml":
			decodeList(d, data, "sources", &src.sources)
		// Anything that is not read would still be under the digest, and
		// somebody might believe that it counts.
		case path.Ext(name) != ".yaml":
			probs.add(at{name, 1}, "the file is no part of a pack", "keep .yaml files only")
		case strings.HasSuffix(name, "_test.yaml") && (dir == "rules" || dir == "procedure" || dir == "liability"):
			t := &testFile{}
			d.into(data, t)
			src.tests = append(src.tests, t)
		case dir == "facts":
			decodeList(d, data, "facts", &src.facts)
		case dir == "standards":
			decodeList(d, data, "standards", &src.standards)
		case dir == "rules":
			decodeList(d, data, "rules", &src.rules)
		case dir == "procedure":
			decodeList(d, data, "procedures", &src.procedures)
		case name == "liability/schema.yaml":
			decodeList(d, data, "findings", &src.findings)
		case dir == "liability":
			decodeList(d, data, "grounds", &src.grounds)
		default:
			probs.add(at{name, 1}, "the file is no part of a pack", "put it under facts, standards, rules, procedure or liability")
		}
	}
	return src
}

// decodeList reads a file that is one list under one key.
func decodeList[T any](d *decoder, data []byte, key string, into *[]*T) {
	n := d.parse(data)
	if n == nil {
		return
	}
	// A file is one list under one key, so that a file never holds half of
	// something else.
	found := false
	var list []*T
	d.pairs(n, func(k, v *yaml.Node) {
		if k.Value != key {
			d.fail(k, "unknown key %q", "write %[2]s", k.Value, key)
			return
		}
		found = true
		d.value(v, reflect.ValueOf(&list).Elem())
	})
	if !found {
		d.fail(n, "%s is missing", "write %[1]s: and its list", key)
	}
	*into = append(*into, list...)
}

// load reads a pack version and compiles all of it. The problems are those
// that keep it from being used; Check looks for more. What an overlay extends
// is looked for among the bases.
func load(fsys fs.FS, bases roots) (*pack, Problems, error) {
	fl, err := readFiles(fsys)
	if err != nil {
		return nil, nil, err
	}
	if fl.extends() {
		return loadOverlay(fl, bases)
	}
	p, probs := compileFiles(fl)
	return p, probs, nil
}

// compileFiles compiles a pack that stands by itself.
func compileFiles(fl files) (*pack, Problems) {
	var probs Problems
	src := decodeFiles(fl, &probs)
	if len(probs) > 0 {
		// Form comes first: a file that cannot be read would only lead to
		// a hundred names that are not known.
		return nil, probs.sorted()
	}
	p := newPack(src, &probs)
	p.id = domain.PackVersion{Pack: src.man.Pack, Version: src.man.Version, Digest: fl.digest()}
	return p, probs.sorted()
}
