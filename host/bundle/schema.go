package bundle

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Schemas holds the JSON Schema of every document, as schemas/<stem>.schema.json,
// and of every row, as schemas/<stem>.row.schema.json. Each row's schema lists the
// fields that rows share (lane.Context) itself: where it takes them from a common
// part by allOf and forbids the rest by unevaluatedProperties, a row costs twice
// as much to check.
//
//go:embed schemas/*.schema.json
var Schemas embed.FS

// schemaBase is where the schemas' relative references resolve; nothing is
// ever loaded from outside the binary.
const schemaBase = "embed:///"

// schemaSet compiles all schemas once.
var schemaSet = sync.OnceValues(compileSchemas)

// compileSchemas reads the embedded schemas into a map by stem.
func compileSchemas() (map[string]*jsonschema.Schema, error) {
	files, err := Schemas.ReadDir("schemas")
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	for _, f := range files {
		text, err := Schemas.ReadFile("schemas/" + f.Name())
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("reading schema %s: %w", f.Name(), err)
		}
		if err := c.AddResource(schemaBase+f.Name(), doc); err != nil {
			return nil, fmt.Errorf("reading schema %s: %w", f.Name(), err)
		}
	}
	set := map[string]*jsonschema.Schema{}
	for _, f := range files {
		s, err := c.Compile(schemaBase + f.Name())
		if err != nil {
			return nil, fmt.Errorf("compiling schema %s: %w", f.Name(), err)
		}
		set[strings.TrimSuffix(f.Name(), ".schema.json")] = s
	}
	return set, nil
}

// stemOf returns the schema stem of a document: its name without extension.
func stemOf(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".jsonl"), ".json")
}

// validate holds JSON text against a schema, by stem.
func validate(stem string, text []byte) error {
	set, err := schemaSet()
	if err != nil {
		return err
	}
	schema := set[stem]
	if schema == nil {
		return fmt.Errorf("no schema for %q", stem)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return plainError(schema.Validate(value))
}

// plainError turns a validation error into one sentence about the innermost
// places.
func plainError(err error) error {
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return err
	}
	p := message.NewPrinter(language.English)
	var parts []string
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			at := clip("/" + strings.Join(e.InstanceLocation, "/"))
			parts = append(parts, fmt.Sprintf("at %s: %s", at, clip(e.ErrorKind.LocalizedString(p))))
		}
		for _, c := range e.Causes {
			walk(c)
		}
	}
	walk(invalid)
	sort.Strings(parts)
	return errors.New(strings.Join(parts[:min(4, len(parts))], "; "))
}
