package casework

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"
)

// The standard decoder stops at the first mistake, names no path for an
// unknown field, takes "Day" for "day" and the second of two equal names
// without a word. Who writes a case file by hand or from a spreadsheet makes
// exactly these mistakes, and many at once. So every value is first walked
// along the Go type that it is to become, and what does not fit is listed; the
// standard decoder then reads what is known to fit.

// A flaw is a mistake in a piece of JSON: at which path, at which byte.
type flaw struct {
	path, wrong, mend string
	offset            int
}

// checkJSON reports a mistake in the syntax of one JSON value, or nesting
// that is too deep. What passes it can be walked.
func checkJSON(text []byte) (flaw, bool) {
	if !utf8.Valid(text) {
		return flaw{wrong: "it is not UTF-8", mend: "save the file as UTF-8"}, false
	}
	if at := tooDeep(text); at >= 0 {
		return flaw{wrong: fmt.Sprintf("more than %d objects and lists inside each other", MaxDepth), mend: "no event is that deep", offset: at}, false
	}
	var raw json.RawMessage
	err := json.Unmarshal(text, &raw)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return flaw{wrong: "it is no JSON: " + err.Error(), mend: "write one JSON object per line", offset: int(max(syntax.Offset-1, 0))}, false
	}
	return flaw{}, err == nil
}

// tooDeep is the first byte at which text nests deeper than MaxDepth, or -1.
func tooDeep(text []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return i
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return -1
}

var (
	jsonReader = reflect.TypeFor[json.Unmarshaler]()
	textReader = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// walk compares valid JSON with the Go type that it is to be read into, and
// lists everything that does not fit: unknown and repeated fields, other
// kinds of value, and what the types themselves refuse. Offset is where raw
// begins in the line.
func walk(path string, raw []byte, offset int, t reflect.Type) []flaw {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	p := reflect.PointerTo(t)
	switch {
	case p.Implements(jsonReader), p.Implements(textReader):
		return walkLeaf(path, raw, offset, t)
	case t.Kind() == reflect.Struct:
		return walkObject(path, raw, offset, t)
	case t.Kind() == reflect.Slice:
		return walkList(path, raw, offset, t)
	}
	return walkLeaf(path, raw, offset, t)
}

// walkLeaf lets a type read its own value. Messages of our own types say what
// is wrong and, behind ": write" or ": give", how to mend it.
func walkLeaf(path string, raw []byte, offset int, t reflect.Type) []flaw {
	err := json.Unmarshal(raw, reflect.New(t).Interface())
	if err == nil {
		return nil
	}
	f := flaw{path: path, offset: offset}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		f.wrong, f.mend = "it is a "+kind.Value, "write "+written(t)
		return []flaw{f}
	}
	f.wrong, f.mend = err.Error(), "write "+written(t)
	for _, verb := range []string{": write ", ": give "} {
		if before, after, ok := strings.Cut(err.Error(), verb); ok {
			f.wrong, f.mend = before, strings.TrimPrefix(verb, ": ")+after
		}
	}
	return []flaw{f}
}

// written says in words how a value of a type is written.
func written(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		if t.Name() == "Fen" {
			return "a whole number of fen"
		}
		return "a whole number"
	case reflect.Struct:
		return "an object in braces"
	case reflect.Slice:
		return "a list in brackets"
	}
	return "text in quotes"
}

// walkObject walks an object field by field, in the order of the text.
func walkObject(path string, raw []byte, offset int, t reflect.Type) []flaw {
	if raw[0] != '{' {
		return []flaw{{path, "it is no object", "write " + written(t), offset}}
	}
	fields := shapeOf(t)
	seen := map[string]bool{}
	var flaws []flaw
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.Token() // the brace; raw is valid JSON, so that nothing here fails
	for dec.More() {
		token, _ := dec.Token()
		name := token.(string)
		at := offset + int(dec.InputOffset()) - len(name) - 1
		var value json.RawMessage
		dec.Decode(&value)
		start := offset + int(dec.InputOffset()) - len(value)
		field, known := fields.types[name]
		switch inner := join(path, name); {
		case !known:
			flaws = append(flaws, flaw{inner, "no such field", "use one of " + strings.Join(fields.names, ", ") + near(name, fields.names), at})
		case seen[name]:
			flaws = append(flaws, flaw{inner, "it is given twice", "give it once", at})
		default:
			flaws = append(flaws, walk(inner, value, start, field)...)
		}
		seen[name] = true
	}
	return flaws
}

// walkList walks every item, under the path of its place: "statements[2]".
func walkList(path string, raw []byte, offset int, t reflect.Type) []flaw {
	if raw[0] != '[' {
		return []flaw{{path, "it is no list", "write " + written(t), offset}}
	}
	var flaws []flaw
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.Token()
	for i := 0; dec.More(); i++ {
		var value json.RawMessage
		dec.Decode(&value)
		start := offset + int(dec.InputOffset()) - len(value)
		flaws = append(flaws, walk(fmt.Sprintf("%s[%d]", path, i), value, start, t.Elem())...)
	}
	return flaws
}

// join is the path of a field inside a path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// shape is what a struct looks like in JSON: the names of its fields in their
// order, those of embedded structs among them, with their types.
type shape struct {
	names []string
	types map[string]reflect.Type
}

// shapes keeps the shape of every type that was walked, by reflect.Type.
var shapes sync.Map

func shapeOf(t reflect.Type) shape {
	if known, ok := shapes.Load(t); ok {
		return known.(shape)
	}
	s := shape{types: map[string]reflect.Type{}}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && !f.Anonymous {
			s.names = append(s.names, name)
			s.types[name] = f.Type
		}
	}
	shapes.Store(t, s)
	return s
}
