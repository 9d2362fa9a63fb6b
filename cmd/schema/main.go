// Command schema writes the JSON Schema of a line of a case file, made from
// the Go types that read it. Editors check and complete case files with it; it
// never takes the place of "leeway import", which knows the packs.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	"github.com/invopop/jsonschema"

	"leeway/domain/casework"
	"leeway/domain/eligibility"
)

//go:generate go run . ../..

// output is where the schema lies, seen from the root of the module.
const output = "docs/case-file.schema.json"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

// run writes the schema below the root of the module.
func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("name the root of the module")
	}
	if err := os.Chdir(args[0]); err != nil {
		return err
	}
	text, err := generate()
	if err != nil {
		return err
	}
	return os.WriteFile(output, text, 0o644)
}

// generate makes the schema. The descriptions are the comments of the Go
// types, read from the source: the root of the module is the working folder.
func generate() ([]byte, error) {
	r := &jsonschema.Reflector{Anonymous: true, RequiredFromJSONSchemaTags: true, Mapper: special}
	if err := r.AddGoComments("leeway", "./domain", jsonschema.WithFullComment()); err != nil {
		return nil, err
	}
	defs := jsonschema.Definitions{}
	for name, n := range named {
		defs[name] = n.schema
	}
	refer := func(v any) *jsonschema.Schema {
		s := r.Reflect(v)
		for name, def := range s.Definitions {
			defs[name] = mend(name, def)
		}
		return &jsonschema.Schema{Ref: s.Ref}
	}
	header, line := refer(casework.FileHeader{}), refer(casework.FileLine{})
	events(defs["FileLine"], refer)
	text, err := json.MarshalIndent(&jsonschema.Schema{
		Version:     jsonschema.Version,
		Title:       "Leeway case file: one line",
		Description: "A case file is NDJSON: an optional header, then one event per line. This schema is for one line.",
		If:          &jsonschema.Schema{Required: []string{"leeway"}},
		Then:        header,
		Else:        line,
		Definitions: defs,
	}, "", "  ")
	return append(text, '\n'), err
}

// events says which data each event type takes. Types of a case name the
// case, types of a register do not.
func events(line *jsonschema.Schema, refer func(any) *jsonschema.Schema) {
	var names []any
	add := func(name string, event any, ofCase bool) {
		then := &jsonschema.Schema{Properties: jsonschema.NewProperties()}
		then.Properties.Set("data", refer(event))
		if ofCase {
			then.Required = []string{"case"}
		} else {
			then.Properties.Set("case", jsonschema.FalseSchema)
		}
		when := &jsonschema.Schema{Properties: jsonschema.NewProperties()}
		when.Properties.Set("type", &jsonschema.Schema{Const: name})
		line.AllOf = append(line.AllOf, &jsonschema.Schema{If: when, Then: then})
		names = append(names, name)
	}
	for _, e := range eligibility.Kinds() {
		add(e.EventType(), reflect.ValueOf(e).Elem().Interface(), true)
	}
	for _, e := range eligibility.RegisterKinds() {
		add(e.EventType(), reflect.ValueOf(e).Elem().Interface(), false)
	}
	if p, ok := line.Properties.Get("type"); ok {
		p.Enum = names
	}
}
