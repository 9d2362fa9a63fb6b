package policies

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"leeway/domain"
)

// Raised is a draft that is a pack version but for one standard of kind money,
// every value of which is higher by so many fen; negative: lower. It answers
// "what if", is called VERSION+raised, and is nobody's to activate: it lives in
// memory only.
func Raised(files fs.FS, standard string, by domain.Fen) (fs.FS, error) {
	draft, raised := fstest.MapFS{}, false
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, name)
		switch {
		case err != nil:
		case name == "pack.yaml":
			b, err = edited(b, func(doc *yaml.Node) bool {
				v := field(doc, "version")
				if v != nil {
					v.Value += "+raised"
				}
				return v != nil
			})
		case path.Dir(name) == "standards" && strings.HasSuffix(name, ".yaml"):
			b, err = edited(b, func(doc *yaml.Node) bool {
				found := raise(doc, standard, by)
				raised = raised || found
				return found
			})
		}
		draft[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err == nil && !raised {
		err = domain.NewFault("standard", "the pack has no standard %q with an amount", "name one of leeway policy show, without std.", standard)
	}
	return draft, err
}

// edited decodes a file, edits it and writes it again where that changed it.
func edited(b []byte, edit func(doc *yaml.Node) bool) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 || !edit(doc.Content[0]) {
		return b, nil
	}
	var out bytes.Buffer
	err := yaml.NewEncoder(&out).Encode(&doc)
	return out.Bytes(), err
}

// raise changes every known amount of a standard.
func raise(doc *yaml.Node, standard string, by domain.Fen) (found bool) {
	list := field(doc, "standards")
	if list == nil {
		return false
	}
	for _, s := range list.Content {
		if id, kind := field(s, "standard"), field(s, "kind"); id == nil || kind == nil || id.Value != standard || kind.Value != "money" {
			continue
		}
		values := field(s, "values")
		if values == nil {
			continue
		}
		for _, v := range values.Content {
			if n := field(v, "value"); n != nil && n.Tag != "!!null" {
				if fen, err := domain.ParseYuan(n.Value); err == nil {
					fen += by
					n.Value, n.Tag, found = fmt.Sprintf("%d.%02d", fen/100, fen%100), "", true
				}
			}
		}
	}
	return found
}

// field is a value of a mapping.
func field(n *yaml.Node, name string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}
