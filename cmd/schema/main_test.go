package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"leeway/domain/eligibility"
)

// TestSchemaIsFresh makes the schema anew and compares.
func TestSchemaIsFresh(t *testing.T) {
	t.Chdir("../..")
	want, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	got, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale: run go generate ./cmd/schema", output)
	}
}

func TestRunNeedsTheRoot(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{nil, {"a", "b"}, {"not-there"}} {
		if err := run(args); err == nil {
			t.Errorf("run(%q) = nil", args)
		}
	}
}

type fields = map[string]any

// schema is the committed schema with as much of a validator as it needs. An
// unknown keyword is an error, so that nothing is passed over.
type schema struct{ root fields }

func load(t *testing.T) schema {
	t.Helper()
	text, err := os.ReadFile("../../" + output)
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(text, &s.root); err != nil {
		t.Fatal(err)
	}
	return s
}

// check lists what is wrong with a value.
func (s schema) check(rule any, v any, at string) (wrong []string) {
	if allowed, ok := rule.(bool); ok {
		if !allowed {
			return []string{at + ": not allowed"}
		}
		return nil
	}
	r := rule.(fields)
	have, _ := v.(fields)
	for key, arg := range r {
		switch key {
		case "$schema", "$defs", "title", "description", "then", "else", "format":
		case "$ref":
			name := strings.TrimPrefix(arg.(string), "#/$defs/")
			wrong = append(wrong, s.check(s.root["$defs"].(fields)[name], v, at)...)
		case "type":
			if !isType(v, arg.(string)) {
				wrong = append(wrong, fmt.Sprintf("%s: %v is no %v", at, v, arg))
			}
		case "const":
			if v != arg {
				wrong = append(wrong, fmt.Sprintf("%s: %v is not %v", at, v, arg))
			}
		case "enum":
			if !slices.Contains(arg.([]any), v) {
				wrong = append(wrong, fmt.Sprintf("%s: %v is none of %v", at, v, arg))
			}
		case "pattern":
			if text, ok := v.(string); ok && !regexp.MustCompile(arg.(string)).MatchString(text) {
				wrong = append(wrong, fmt.Sprintf("%s: %q does not match %s", at, text, arg))
			}
		case "required":
			for _, name := range arg.([]any) {
				if _, ok := have[name.(string)]; !ok && have != nil {
					wrong = append(wrong, at+": "+name.(string)+" is missing")
				}
			}
		case "properties", "additionalProperties":
			wrong = append(wrong, s.checkField(key, r, have, at)...)
		default:
			wrong = append(wrong, s.combine(key, r, v, at)...)
		}
	}
	return wrong
}

// checkField checks the fields that are listed, or those that are not.
func (s schema) checkField(key string, r, have fields, at string) (wrong []string) {
	listed, _ := r["properties"].(fields)
	for name, v := range have {
		rule, ok := listed[name]
		switch {
		case key == "properties" && ok:
			wrong = append(wrong, s.check(rule, v, at+"."+name)...)
		case key == "additionalProperties" && !ok:
			wrong = append(wrong, s.check(r[key], v, at+"."+name)...)
		}
	}
	return wrong
}

func (s schema) combine(key string, r fields, v any, at string) (wrong []string) {
	switch key {
	case "items":
		list, _ := v.([]any)
		for i, item := range list {
			wrong = append(wrong, s.check(r[key], item, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case "allOf":
		for _, rule := range r[key].([]any) {
			wrong = append(wrong, s.check(rule, v, at)...)
		}
	case "oneOf":
		n := 0
		for _, rule := range r[key].([]any) {
			if len(s.check(rule, v, at)) == 0 {
				n++
			}
		}
		if n != 1 {
			wrong = append(wrong, fmt.Sprintf("%s: %v fits %d of the forms", at, v, n))
		}
	case "if":
		branch := "else"
		if len(s.check(r[key], v, at)) == 0 {
			branch = "then"
		}
		if rule, ok := r[branch]; ok {
			wrong = s.check(rule, v, at)
		}
	default:
		wrong = []string{"keyword " + key + " is not known"}
	}
	return wrong
}

func isType(v any, name string) bool {
	switch v := v.(type) {
	case fields:
		return name == "object"
	case []any:
		return name == "array"
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case float64:
		return name == "integer" && v == float64(int64(v))
	}
	return false
}

// line checks one line against the schema.
func (s schema) line(t *testing.T, text string) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s.check(s.root, v, "line")
}

// TestSchemaTakesWhatIsStored checks the stored clear part of every event type
// against the schema, after giving back the text that was sealed.
func TestSchemaTakesWhatIsStored(t *testing.T) {
	s := load(t)
	golden, err := os.ReadFile("../../domain/casework/testdata/golden.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	registers := map[string]bool{}
	for _, k := range eligibility.RegisterKinds() {
		registers[k.EventType()] = true
	}
	known := map[string]bool{}
	for _, k := range eligibility.Kinds() {
		known[k.EventType()] = true
	}
	seen := 0
	for text := range strings.Lines(string(golden)) {
		var e struct {
			Type  string
			Clear fields
		}
		text = strings.ReplaceAll(text, `{"sealed":true,"subject":"m1"}`, `{"subject":"m1","text":"x"}`)
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatal(err)
		}
		// A case file brings in events of cases and registers, and no others.
		if !known[e.Type] && !registers[e.Type] {
			continue
		}
		seen++
		codes(e.Clear)
		l := fields{"type": e.Type, "data": e.Clear}
		if !registers[e.Type] {
			l["case"] = "F1"
		}
		if wrong := s.check(s.root, l, "line"); len(wrong) > 0 {
			t.Errorf("%s: %q", e.Type, wrong)
		}
		e.Clear["no_such_field"] = 1
		if wrong := s.check(s.root, l, "line"); len(wrong) == 0 {
			t.Errorf("%s takes any field", e.Type)
		}
	}
	if want := len(known) + len(registers); seen != want {
		t.Errorf("%d types checked, want %d", seen, want)
	}
}

// codes puts codes where the golden file, which holds no real event, has the
// name of the field.
func codes(v any) {
	real := fields{"outcome": "granted", "source": "check", "proof": "A", "relation": "self", "programme": "dibao"}
	switch v := v.(type) {
	case fields:
		delete(v, "advice")
		for name := range maps.Keys(v) {
			if word, ok := v[name].(string); ok && strings.HasSuffix(word, " 值") && real[name] != nil {
				v[name] = real[name]
			}
			if name == "visible" {
				v[name] = []any{"office:town"}
			}
			codes(v[name])
		}
	case []any:
		for _, item := range v {
			codes(item)
		}
	}
}

func TestSchemaOfALine(t *testing.T) {
	s := load(t)
	for text, ok := range map[string]bool{
		`{"leeway":"case-file.v1"}`: true,
		`{"leeway":"case-file.v1","title":{"zh":"案","en":"case"},"note":{"zh":"注"},"grade":"A","actor":{"person":"w1","office":"o","post":"p"}}`: true,
		`{"leeway":"case-file.v2"}`:                                                     false,
		`{"leeway":"case-file.v1","grade":"D"}`:                                         false,
		`{"leeway":"case-file.v1","x":1}`:                                               false,
		`{"case":"C","type":"case-closed.v1","data":{"day":"2020-01-08","reason":"x"}}`: true,
		`{"case":"C","type":"case-closed.v1","claimed":{"at":"2020-01-08T10:00:00+08:00","grade":"B"},"visible":["post:reviewer"],"data":{"day":"2020-01-08"}}`: true,
		`{"type":"case-closed.v1","data":{"day":"2020-01-08"}}`:                                                                                                         false,
		`{"case":"C","type":"source-connected.v1","data":{"day":"2020-01-08","source":"bank"}}`:                                                                         false,
		`{"type":"source-connected.v1","data":{"day":"2020-01-08","source":"bank"}}`:                                                                                    true,
		`{"type":"rules-activated.v1","data":{"day":"2020-01-08","rules":{"pack":"p","version":"1"}}}`:                                                                  true,
		`{"case":"C","type":"case-closed.v2","data":{"day":"2020-01-08"}}`:                                                                                              false,
		`{"case":"C","type":"case-closed.v1"}`:                                                                                                                          false,
		`{"case":"C","type":"case-closed.v1","data":{}}`:                                                                                                                false,
		`{"case":"C","type":"case-closed.v1","data":{"day":"8.1.2020"}}`:                                                                                                false,
		`{"case":"C","type":"benefit-paid.v1","data":{"day":"2020-01-08","month":"2020-02","amount":378.5}}`:                                                            false,
		`{"case":"C","type":"decision-made.v1","data":{"day":"2020-01-08","outcome":"maybe"}}`:                                                                          false,
		`{"case":"C","type":"decision-made.v1","data":{"day":"2020-01-08","outcome":"granted","advice":{}}}`:                                                            false,
		`{"case":"C","type":"change-reported.v1","data":{"day":"2020-01-08","statements":[{"subject":"m1","attribute":"income","value":{"fen":1}}]}}`:                   true,
		`{"case":"C","type":"change-reported.v1","data":{"day":"2020-01-08","statements":[{"subject":"m1","attribute":"income","value":{"fen":1,"int":1}}]}}`:           false,
		`{"case":"C","type":"change-reported.v1","data":{"day":"2020-01-08","statements":[{"subject":"m1","attribute":"income","value":{"fen":1},"source":"rumour"}]}}`: false,
		`{"case":"C","type":"complaint-received.v1","data":{"day":"2020-01-08","text":"plain"}}`:                                                                        false,
		`{"case":"C","type":"complaint-received.v1","data":{"day":"2020-01-08","text":{"subject":"x","text":"sealed"}}}`:                                                true,
		`{"case":"C","type":"case-closed.v1","visible":["town"],"data":{"day":"2020-01-08"}}`:                                                                           false,
	} {
		if wrong := s.line(t, text); ok != (len(wrong) == 0) {
			t.Errorf("%s: %q", text, wrong)
		}
	}
}

// TestSchemaTakesTheSamples checks the case files that come with Leeway.
func TestSchemaTakesTheSamples(t *testing.T) {
	s := load(t)
	n := 0
	files, err := os.ReadDir("../leeway/demo")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile("../leeway/demo/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(text)) {
			n++
			if wrong := s.line(t, l); len(wrong) > 0 {
				t.Errorf("%s: %s: %q", f.Name(), l, wrong)
			}
		}
	}
	if n == 0 {
		t.Error("there are no samples")
	}
}
