package policies

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"leeway/domain"
)

// maxNesting bounds how deep a pack file may nest, so that no file can
// exhaust the stack.
const maxNesting = 40

// A decoder reads one YAML file into structs and keeps the line of everything.
// It is stricter than the YAML library's own: an unknown key, a key written
// twice, an anchor and a value of the wrong kind are problems, each with its
// line. A struct field is read when it has a `key` tag; a field of type at
// gets the position.
type decoder struct {
	file  string
	probs *Problems
	depth int
}

// A scanner is a type that reads its own YAML form.
type scanner interface {
	scan(d *decoder, n *yaml.Node)
}

var (
	atType      = reflect.TypeFor[at]()
	dayType     = reflect.TypeFor[domain.Day]()
	monthType   = reflect.TypeFor[domain.Month]()
	nodeType    = reflect.TypeFor[*yaml.Node]()
	scannerType = reflect.TypeFor[scanner]()
)

// yamlLine finds the line in an error of the YAML library.
var yamlLine = regexp.MustCompile(`line (\d+)`)

// parse reads the single document of a file.
func (d *decoder) parse(data []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	err := dec.Decode(&doc)
	if err == nil && !errors.Is(dec.Decode(new(yaml.Node)), io.EOF) {
		err = errors.New("the file holds more than one document")
	}
	if err != nil {
		line := 1
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			line, _ = strconv.Atoi(m[1])
		}
		d.probs.add(at{d.file, line}, "not readable as YAML: %s", "write one YAML document with spaces for indentation", strings.TrimPrefix(err.Error(), "yaml: "))
		return nil
	}
	return doc.Content[0]
}

// into decodes a whole file into a struct.
func (d *decoder) into(data []byte, v any) {
	if n := d.parse(data); n != nil {
		d.value(n, reflect.ValueOf(v).Elem())
	}
}

// at is the position of a node.
func (d *decoder) at(n *yaml.Node) at { return at{d.file, n.Line} }

// fail notes a mistake at a node.
func (d *decoder) fail(n *yaml.Node, what, instead string, args ...any) {
	d.probs.add(d.at(n), what, instead, args...)
}

// value decodes one node into v.
func (d *decoder) value(n *yaml.Node, v reflect.Value) {
	// A type that reads itself comes first; a raw node is kept for values whose
	// kind only the schema knows.
	if d.depth++; d.depth > maxNesting {
		d.fail(n, "nested too deep", "write at most %[1]d levels", maxNesting)
	} else if n.Kind == yaml.AliasNode || n.Anchor != "" {
		d.fail(n, "anchors and aliases are not read", "write the value out")
	} else if v.CanAddr() && reflect.PointerTo(v.Type()).Implements(scannerType) {
		v.Addr().Interface().(scanner).scan(d, n)
	} else if v.Type() == nodeType {
		v.Set(reflect.ValueOf(n))
	} else {
		d.byKind(n, v)
	}
	d.depth--
}

// byKind decodes by the shape that the Go type asks for. The shape of the YAML
// is checked against it, never guessed from.
func (d *decoder) byKind(n *yaml.Node, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		d.value(n, p.Elem())
		v.Set(p)
	case reflect.Struct:
		d.structure(n, v)
	case reflect.Slice:
		d.list(n, v)
	case reflect.Map:
		d.mapping(n, v)
	default:
		d.scalar(n, v)
	}
}

// structure reads a mapping into a struct, key by key.
func (d *decoder) structure(n *yaml.Node, v reflect.Value) {
	// What the struct can take, by the name in its tag.
	fields, required := map[string]int{}, []string{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Type == atType {
			*(v.Field(i).Addr().Interface().(*at)) = d.at(n)
		}
		name, opt, _ := strings.Cut(f.Tag.Get("key"), ",")
		if name == "" {
			continue
		}
		fields[name] = i
		if opt == "required" {
			required = append(required, name)
		}
	}
	seen := map[string]bool{}
	d.pairs(n, func(key, val *yaml.Node) {
		i, ok := fields[key.Value]
		if !ok {
			d.unknownKey(key, fields)
			return
		}
		seen[key.Value] = true
		d.value(val, v.Field(i))
	})
	// On a node that is no mapping a missing key would be a second complaint
	// about one mistake.
	for _, name := range required {
		if !seen[name] && n.Kind == yaml.MappingNode {
			d.fail(n, "%s is missing", "write %[1]s: … here", name)
		}
	}
}

// unknownKey reports a key that no field has, with the one that was probably
// meant. A key that is read over in silence would be a rule that does not hold.
func (d *decoder) unknownKey(key *yaml.Node, fields map[string]int) {
	names := make([]string, 0, len(fields))
	for f := range fields {
		names = append(names, f)
	}
	slices.Sort(names)
	if near := nearest(key.Value, names); near != "" {
		d.fail(key, "unknown key %q", "write %[2]s, or one of %[3]s", key.Value, near, domain.List(names))
		return
	}
	d.fail(key, "unknown key %q", "write one of %[2]s", key.Value, domain.List(names))
}

// pairs walks a mapping and reports keys that stand twice.
func (d *decoder) pairs(n *yaml.Node, each func(key, val *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.fail(n, "a mapping is wanted here", "write key: value lines")
		return
	}
	seen := map[string]int{}
	// YAML keeps keys and values in turn. Its library lets a key stand twice in
	// a node and the last one win; here the first stays and the second is told.
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if first, dup := seen[key.Value]; dup {
			d.fail(key, "key %q stands twice", "keep one; the first is on line %[2]d", key.Value, first)
			continue
		}
		seen[key.Value] = key.Line
		each(key, n.Content[i+1])
	}
}

// list decodes a sequence, item by item.
func (d *decoder) list(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.fail(n, "a list is wanted here", "write [a, b] or lines that start with -")
		return
	}
	for _, item := range n.Content {
		e := reflect.New(v.Type().Elem()).Elem()
		d.value(item, e)
		v.Set(reflect.Append(v, e))
	}
}

// mapping decodes a mapping whose keys are free, such as the facts of a test.
func (d *decoder) mapping(n *yaml.Node, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(n, func(key, val *yaml.Node) {
		e := reflect.New(v.Type().Elem()).Elem()
		d.value(val, e)
		v.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), e)
	})
}

// scalar reads a single value. Days stay civil days: YAML's own reading of
// dates, with its time zones, is never used.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.fail(n, "a single value is wanted here", "write it on one line")
		return
	}
	var err error
	switch {
	case v.Type() == dayType:
		var day domain.Day
		if day, err = domain.ParseDay(n.Value); err == nil && day == 0 {
			err = errors.New("the day is empty")
		}
		v.SetInt(int64(day))
	case v.Type() == monthType:
		var m domain.Month
		m, err = domain.ParseMonth(n.Value)
		v.SetInt(int64(m))
	case v.Kind() == reflect.String:
		v.SetString(n.Value)
	case v.Kind() == reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(n.Value)
		v.SetBool(b)
	default:
		var i int
		i, err = strconv.Atoi(n.Value)
		v.SetInt(int64(i))
	}
	if err != nil {
		d.probs.note(d.at(n), domain.Say("%q cannot be read here", n.Value), scalarHint(v))
	}
}

// scalarHint says how a value of the type is written.
func scalarHint(v reflect.Value) domain.Said {
	switch {
	case v.Type() == dayType:
		return domain.Say("write a civil day as YYYY-MM-DD, such as 2020-01-31")
	case v.Type() == monthType:
		return domain.Say("write a benefit month as YYYY-MM, such as 2020-01")
	case v.Kind() == reflect.Bool:
		return domain.Say("write true or false")
	}
	return domain.Say("write a whole number")
}
