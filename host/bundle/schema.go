package bundle

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/hrhost/hrhost/internal/jsonschema"
)

// Schemas holds the JSON Schema of every document, as schemas/<stem>.schema.json,
// and of every row, as schemas/<stem>.row.schema.json.
//
//go:embed schemas/*.schema.json
var Schemas embed.FS

// schemaSet compiles all schemas once.
var schemaSet = sync.OnceValues(compileSchemas)

// compileSchemas reads the embedded schemas, which refer to each other by their
// files' names; nothing is ever loaded from outside the binary.
func compileSchemas() (*jsonschema.Set, error) {
	files, err := Schemas.ReadDir("schemas")
	if err != nil {
		return nil, err
	}
	texts := map[string][]byte{}
	for _, f := range files {
		if texts[f.Name()], err = Schemas.ReadFile("schemas/" + f.Name()); err != nil {
			return nil, err
		}
	}
	return jsonschema.Compile(texts)
}

// stemOf returns the schema stem of a document: its name without extension.
func stemOf(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".jsonl"), ".json")
}

// validate holds JSON text that passes [CheckJSON] against a schema, by stem.
func validate(stem string, text []byte) error {
	set, err := schemaSet()
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	problems, err := set.Validate(stem+".schema.json", value)
	if err != nil || len(problems) == 0 {
		return err
	}
	parts := make([]string, len(problems))
	for i, p := range problems {
		parts[i] = fmt.Sprintf("at %s: %s", clip(orRoot(p.At)), clip(p.What))
	}
	return errors.New(strings.Join(parts, "; "))
}

// orRoot names the whole of a value too.
func orRoot(at string) string {
	if at == "" {
		return "/"
	}
	return at
}
