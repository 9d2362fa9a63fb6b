package main

import (
	"encoding/json"
	"reflect"

	"github.com/invopop/jsonschema"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
)

// named are the types that are written otherwise than their Go fields show,
// under the names by which the schema refers to them.
var named = map[string]struct {
	is     reflect.Type
	schema *jsonschema.Schema
}{
	"Day":     {reflect.TypeFor[domain.Day](), text(`^\d{4}-\d{2}-\d{2}$`, "A civil day in Asia/Shanghai: YYYY-MM-DD.")},
	"Month":   {reflect.TypeFor[domain.Month](), text(`^\d{4}-\d{2}$`, "A benefit month: YYYY-MM.")},
	"Instant": {reflect.TypeFor[domain.Instant](), &jsonschema.Schema{Type: "string", Format: "date-time", Description: "A moment with its zone: 2020-01-31T09:30:00+08:00."}},
	"Fen":     {reflect.TypeFor[domain.Fen](), &jsonschema.Schema{Type: "integer", Description: "An amount in fen, a hundredth of a yuan."}},
	"Grade": {reflect.TypeFor[domain.Grade](), enum("The strength of the proof: A a system's log, B dated paper, C a claim.",
		domain.GradeA, domain.GradeB, domain.GradeC)},
	"SourceKind": {reflect.TypeFor[domain.SourceKind](), enum("How the statement came to be made.",
		domain.Discovery, domain.Document, domain.Check, domain.Survey, domain.Declaration)},
	"Result": {reflect.TypeFor[eligibility.Result](), enum("What a decision leads to.",
		eligibility.Granted, eligibility.Refused, eligibility.Adjusted, eligibility.Stopped)},
	"Visibility": {reflect.TypeFor[domain.Visibility](), &jsonschema.Schema{Type: "array", Items: text("^(office|post):.", ""),
		Description: "Who may see it: office:ID or post:ID."}},
	"Private": {reflect.TypeFor[domain.Private](), object("Personal data, sealed before it is recorded.",
		"subject", text("", "Whose it is, by pseudonym."), "text", text("", "The data itself."))},
	"Value": {reflect.TypeFor[domain.Value](), value()},
	"Data":  {reflect.TypeFor[json.RawMessage](), &jsonschema.Schema{Type: "object", Description: "The fields of the event, by its type."}},
}

// special refers to the types in named, and leaves out the engine's advice,
// which no file brings in; nil for all other types.
func special(t reflect.Type) *jsonschema.Schema {
	if t == reflect.TypeFor[eligibility.Advice]() {
		return jsonschema.FalseSchema
	}
	for name, n := range named {
		if n.is == t {
			return &jsonschema.Schema{Ref: "#/$defs/" + name}
		}
	}
	return nil
}

// value is the schema of a value: an object with the one field that names its
// kind.
func value() *jsonschema.Schema {
	v := &jsonschema.Schema{Description: `What a statement says, such as {"fen":40000}.`}
	for _, kind := range []struct {
		name string
		is   *jsonschema.Schema
	}{
		{"fen", &jsonschema.Schema{Type: "integer"}},
		{"int", &jsonschema.Schema{Type: "integer"}},
		{"bool", &jsonschema.Schema{Type: "boolean"}},
		{"day", &jsonschema.Schema{Ref: "#/$defs/Day"}},
		{"code", text("", "")},
	} {
		v.OneOf = append(v.OneOf, object("", kind.name, kind.is))
	}
	return v
}

// object is an object of the fields given as name and schema in turn, and of
// no other; all are required.
func object(says string, fields ...any) *jsonschema.Schema {
	o := &jsonschema.Schema{Type: "object", Description: says, Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	for i := 0; i < len(fields); i += 2 {
		o.Properties.Set(fields[i].(string), fields[i+1].(*jsonschema.Schema))
		o.Required = append(o.Required, fields[i].(string))
	}
	return o
}

func text(pattern, says string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: pattern, Description: says}
}

func enum[T ~string](says string, codes ...T) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string", Description: says}
	for _, c := range codes {
		s.Enum = append(s.Enum, string(c))
	}
	return s
}

// required lists the fields without which a line is refused whatever else it
// says. Which others an event needs, its decider says.
var required = map[string][]string{
	"FileHeader":  {"leeway"},
	"FileLine":    {"type", "data"},
	"Actor":       {"person", "office", "post"},
	"Statement":   {"subject", "attribute", "value"},
	"Person":      {"id", "relation"},
	"PackVersion": {"pack", "version"},
}

// mend puts into a definition what the Go type cannot say.
func mend(name string, def *jsonschema.Schema) *jsonschema.Schema {
	if def.Properties == nil {
		return def
	}
	def.Required = required[name]
	if _, event := def.Properties.Get("day"); event {
		def.Required = []string{"day"}
	}
	def.Properties.Delete("advice") // given by the engine only
	codes := func(field string, list []any) {
		if p, ok := def.Properties.Get(field); ok {
			p.Enum = list
		}
	}
	switch name {
	case "FileHeader":
		codes("leeway", []any{casework.FileFormat})
	case "CaseOpened":
		codes("programme", anyOf(eligibility.Programmes()))
	case "Person":
		codes("relation", anyOf(eligibility.Relations))
	}
	return def
}

// anyOf is a list of codes as a schema has them.
func anyOf(codes []string) []any {
	list := make([]any, len(codes))
	for i, c := range codes {
		list[i] = c
	}
	return list
}
