package casework

import (
	"bytes"
	"reflect"
	"sync"
)

// Most lines of a large file are sound, and walk makes a decoder for every
// object in one. So a line is first gone over once, without a decoder: do its
// names fit the Go type? Where they do and the standard decoder takes the line,
// walk would find nothing; where not, walk says what is wrong.

// fits reports whether every object in valid JSON has only fields of the Go
// type that it is to become, spelt as they are, each once. What stands in them
// is left to the decoder. False may also mean that it did not look closely.
func fits(text []byte, t reflect.Type) bool {
	s := &glance{text: text}
	return s.value(moldOf(t))
}

// A mold is a Go type as a glance needs it.
type mold struct {
	leaf   bool           // reads itself, or is no object or list
	item   *mold          // of a list
	fields map[string]int // of an object: where in molds
	molds  []*mold
}

// molds keeps the mold of every type that was looked at, by reflect.Type.
var molds sync.Map

func moldOf(t reflect.Type) *mold {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if known, ok := molds.Load(t); ok {
		return known.(*mold)
	}
	m := &mold{}
	p := reflect.PointerTo(t)
	switch {
	case p.Implements(jsonReader), p.Implements(textReader):
		m.leaf = true
	case t.Kind() == reflect.Struct:
		m.fields = map[string]int{}
		shape := shapeOf(t)
		for i, name := range shape.names {
			m.fields[name] = i
			m.molds = append(m.molds, moldOf(shape.types[name]))
		}
	case t.Kind() == reflect.Slice:
		m.item = moldOf(t.Elem())
	default:
		m.leaf = true
	}
	molds.Store(t, m)
	return m
}

// glance goes over valid JSON.
type glance struct {
	text []byte
	at   int
}

// next is the next byte that is no space, which stays ahead.
func (g *glance) next() byte {
	for g.text[g.at] == ' ' || g.text[g.at] == '\t' || g.text[g.at] == '\n' || g.text[g.at] == '\r' {
		g.at++
	}
	return g.text[g.at]
}

// value goes over one value.
func (g *glance) value(m *mold) bool {
	switch c := g.next(); {
	case m.leaf || c != '{' && c != '[':
		g.skip()
		return true
	case c == '{':
		return m.fields != nil && g.object(m)
	}
	return m.item != nil && g.list(m.item)
}

// object goes over an object, from its brace on. A name with an escape, or more
// fields than there are bits to note them, is for walk.
func (g *glance) object(m *mold) bool {
	seen := uint64(0)
	for g.at++; g.next() != '}'; {
		if g.text[g.at] == ',' {
			g.at++
			continue
		}
		end := bytes.IndexByte(g.text[g.at+1:], '"')
		name := g.text[g.at+1 : g.at+1+end]
		i, known := m.fields[string(name)]
		if !known || i >= 64 || seen&(1<<i) != 0 {
			return false
		}
		seen |= 1 << i
		g.at += end + 2
		g.next() // the colon
		g.at++
		if !g.value(m.molds[i]) {
			return false
		}
	}
	g.at++
	return true
}

func (g *glance) list(item *mold) bool {
	for g.at++; g.next() != ']'; {
		if g.text[g.at] == ',' {
			g.at++
		} else if !g.value(item) {
			return false
		}
	}
	g.at++
	return true
}

// skip passes over one value, whatever stands in it.
func (g *glance) skip() {
	depth := 0
	for ; g.at < len(g.text); g.at++ {
		switch g.text[g.at] {
		case '"':
			g.quoted()
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		case ',', ':', ' ', '\t', '\n', '\r':
			continue
		default:
			g.literal()
		}
		if depth == 0 {
			g.at++
			return
		}
	}
}

// quoted goes to the last byte of a string.
func (g *glance) quoted() {
	for g.at++; g.text[g.at] != '"'; g.at++ {
		if g.text[g.at] == '\\' {
			g.at++
		}
	}
}

// literal goes to the last byte of a number, true, false or null.
func (g *glance) literal() {
	for g.at+1 < len(g.text) {
		switch g.text[g.at+1] {
		case ',', ':', ' ', '\t', '\n', '\r', '}', ']':
			return
		}
		g.at++
	}
}
