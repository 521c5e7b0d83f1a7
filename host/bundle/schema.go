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

	"github.com/hrhost/hrhost/internal/text"
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
const (
	schemaBase   = "embed:///"
	schemaSuffix = ".schema.json"
)

// schemaSet compiles all schemas once.
var schemaSet = sync.OnceValues(compileSchemas)

// compileSchemas reads the embedded schemas into a map by stem.
func compileSchemas() (map[string]*jsonschema.Schema, error) {
	c, stems, err := loadSchemas()
	if err != nil {
		return nil, err
	}
	return compileAll(c, stems)
}

// loadSchemas gives the embedded schemas to a compiler.
func loadSchemas() (c *jsonschema.Compiler, stems []string, err error) {
	files, err := Schemas.ReadDir("schemas")
	if err != nil {
		return nil, nil, err
	}
	c = jsonschema.NewCompiler()
	for _, f := range files {
		stem := strings.TrimSuffix(f.Name(), schemaSuffix)
		doc, err := readSchema(stem)
		if err == nil {
			err = c.AddResource(schemaBase+f.Name(), doc)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("reading schema %s: %w", f.Name(), err)
		}
		stems = append(stems, stem)
	}
	return c, stems, nil
}

// readSchema decodes one embedded schema.
func readSchema(stem string) (any, error) {
	text, err := Schemas.ReadFile("schemas/" + stem + schemaSuffix)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

func compileAll(c *jsonschema.Compiler, stems []string) (map[string]*jsonschema.Schema, error) {
	set := map[string]*jsonschema.Schema{}
	for _, stem := range stems {
		s, err := c.Compile(schemaBase + stem + schemaSuffix)
		if err != nil {
			return nil, fmt.Errorf("compiling schema %s: %w", stem, err)
		}
		set[stem] = s
	}
	return set, nil
}

// stemOf returns the schema stem of a document: its name without extension.
func stemOf(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".jsonl"), ".json")
}

// ValidateDocument checks JSON text against a version of a document's schema. Of an
// array document the text has an empty results, see [StreamRows].
func ValidateDocument(name string, version int, text []byte) error {
	return validate(stemOf(name), name, version, text)
}

// ValidateRow checks the text of a row against a version of its document's schema.
func ValidateRow(name string, version int, text []byte) error {
	return validate(stemOf(name)+".row", name, version, text)
}

// validate checks JSON text against the schema that a stem names, of a version of
// the document.
func validate(stem, document string, version int, text []byte) error {
	schema, err := schemaFor(stem, version, Version(document))
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return plainError(schema.Validate(value))
}

// schemaFor returns a compiled schema.
func schemaFor(stem string, version, current int) (*jsonschema.Schema, error) {
	compiled := schemaSet
	if version < current {
		compiled, stem = earlierSet, earlier(stem, version)
	}
	set, err := compiled()
	if err != nil {
		return nil, err
	}
	if set[stem] == nil {
		return nil, fmt.Errorf("no schema for %q", stem)
	}
	return set[stem], nil
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
			at := text.Brief("/" + strings.Join(e.InstanceLocation, "/"))
			parts = append(parts, fmt.Sprintf("at %s: %s", at, text.Brief(e.ErrorKind.LocalizedString(p))))
		}
		for _, c := range e.Causes {
			walk(c)
		}
	}
	walk(invalid)
	sort.Strings(parts)
	return errors.New(strings.Join(parts[:min(4, len(parts))], "; "))
}
