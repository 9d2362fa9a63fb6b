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

	"leeway/domain"
)

// The standard decoder stops at the first mistake, names no path for an
// unknown field, takes "Day" for "day" and the second of two equal names
// without a word. Who writes a case file by hand or from a spreadsheet makes
// exactly these mistakes, and many at once. So every value is first walked
// along the Go type that it is to become, and what does not fit is listed; the
// standard decoder then reads what is known to fit.

// A flaw is a mistake in a piece of JSON: at which path, at which byte.
type flaw struct {
	path        string
	wrong, mend domain.Said
	offset      int
}

func flawed(path string, offset int, wrong, mend string, args ...any) flaw {
	return flaw{path, domain.Say(wrong, args...), domain.Say(mend, args...), offset}
}

// checkJSON reports a mistake in the syntax of one JSON value, or nesting
// that is too deep. What passes it can be walked.
func checkJSON(text []byte) (flaw, bool) {
	if !utf8.Valid(text) {
		return flawed("", 0, "it is not UTF-8", "save the file as UTF-8"), false
	}
	if at := tooDeep(text); at >= 0 {
		return flawed("", at, "more than %d objects and lists inside each other", "no event is that deep", MaxDepth), false
	}
	if json.Valid(text) {
		return flaw{}, true
	}
	var raw json.RawMessage
	err := json.Unmarshal(text, &raw)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return flawed("", int(max(syntax.Offset-1, 0)), "it is no JSON: %v", "write one JSON object per line", err), false
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

// walkLeaf lets a type read its own value. Our own types answer with a Fault
// that says how to mend it.
func walkLeaf(path string, raw []byte, offset int, t reflect.Type) []flaw {
	err := json.Unmarshal(raw, reflect.New(t).Interface())
	if err == nil {
		return nil
	}
	var kind *json.UnmarshalTypeError
	var own *domain.Fault
	switch {
	case errors.As(err, &kind):
		return []flaw{flawed(path, offset, "it is a %s", "write %[2]s", given(kind.Value), written(t))}
	case errors.As(err, &own):
		return []flaw{{path, own.Wrong, own.Mend, offset}}
	}
	return []flaw{flawed(path, offset, "it cannot be read: %v", "write %[2]s", err, written(t))}
}

// given says in words what kind of JSON value stands there, as the decoder
// names it.
func given(kind string) domain.Said {
	switch word, rest, _ := strings.Cut(kind, " "); word {
	case "string":
		return domain.Say("string")
	case "array":
		return domain.Say("array")
	case "object":
		return domain.Say("object")
	case "bool":
		return domain.Say("bool")
	default:
		return domain.Say("number %s", rest)
	}
}

// written says in words how a value of a type is written.
func written(t reflect.Type) domain.Said {
	switch t.Kind() {
	case reflect.Bool:
		return domain.Say("true or false")
	case reflect.Int, reflect.Int64:
		if t.Name() == "Fen" {
			return domain.Say("a whole number of fen")
		}
		return domain.Say("a whole number")
	case reflect.Struct:
		return domain.Say("an object in braces")
	case reflect.Slice:
		return domain.Say("a list in brackets")
	}
	return domain.Say("text in quotes")
}

// walkObject walks an object field by field, in the order of the text.
func walkObject(path string, raw []byte, offset int, t reflect.Type) []flaw {
	if raw[0] != '{' {
		return []flaw{flawed(path, offset, "it is no object", "write %[1]s", written(t))}
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
			flaws = append(flaws, flawed(inner, at, "no such field", "use one of %[1]s%[2]s", domain.List(fields.names), near(name, fields.names)))
		case seen[name]:
			flaws = append(flaws, flawed(inner, at, "it is given twice", "give it once"))
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
		return []flaw{flawed(path, offset, "it is no list", "write %[1]s", written(t))}
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
