package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/hrhost/hrhost/internal/text"
)

// schemaFamily is what every schema version starts with.
const schemaFamily = "hardened-runtime."

// Version returns the version of a document that this hrhost writes. verify reads it
// and every earlier one.
func Version(name string) int { return max(1, byName[name].Version) }

// SchemaOf returns the schema string of a JSON document as this hrhost writes it,
// such as "hardened-runtime.run_manifest.v1", or "" for a file that has none.
func SchemaOf(name string) string { return SchemaAt(name, Version(name)) }

// SchemaAt returns the schema string of a version of a JSON document, "" for a
// file that has none.
func SchemaAt(name string, version int) string {
	if strings.Contains(name, "/") {
		return ""
	}
	stem := stemOf(name)
	if stem == name {
		return ""
	}
	return schemaFamily + stem + ".v" + strconv.Itoa(version)
}

// VersionIn reads the version out of a schema string of the document, 0 when the
// string is not one.
func VersionIn(name, schema string) int {
	head, ok := strings.CutSuffix(SchemaAt(name, 1), "1")
	number, found := strings.CutPrefix(schema, head)
	v, err := strconv.Atoi(number)
	if !ok || !found || err != nil || v < 1 || schema != SchemaAt(name, v) {
		return 0
	}
	return v
}

// Newer returns an error that names the version of a document which a later
// hrhost wrote, nil for every other string.
func Newer(name, schema string) error {
	if VersionIn(name, schema) <= Version(name) {
		return nil
	}
	return fmt.Errorf("schema version %q is newer than this hrhost, which reads up to v%d; use a newer hrhost",
		text.Brief(schema), Version(name))
}

// earlierSet compiles the schemas of earlier versions once a bundle needs one.
var earlierSet = sync.OnceValues(compileEarlier)

// earlier names the schema of an earlier version.
func earlier(stem string, version int) string { return stem + ".v" + strconv.Itoa(version) }

// compileEarlier derives the schemas of earlier versions from the current ones.
// A version that only adds optional members, or an order, differs in the name of
// the version alone.
func compileEarlier() (map[string]*jsonschema.Schema, error) {
	c, _, err := loadSchemas()
	if err != nil {
		return nil, err
	}
	var stems []string
	for _, d := range documents {
		for _, stem := range []string{stemOf(d.Name), stemOf(d.Name) + ".row"} {
			for v := 1; v < d.Version; v++ {
				doc, err := readSchema(stem)
				if errors.Is(err, fs.ErrNotExist) {
					continue // a document without rows, or of rows alone
				}
				if err == nil {
					restate(doc, SchemaAt(d.Name, v))
					err = c.AddResource(schemaBase+earlier(stem, v)+schemaSuffix, doc)
				}
				if err != nil {
					return nil, fmt.Errorf("reading schema %s: %w", earlier(stem, v), err)
				}
				stems = append(stems, earlier(stem, v))
			}
		}
	}
	return compileAll(c, stems)
}

// restate puts another schema version into a schema that asks for one.
func restate(doc any, schema string) {
	object, _ := doc.(map[string]any)
	members, _ := object["properties"].(map[string]any)
	if v, ok := members["schema_version"].(map[string]any); ok {
		v["const"] = schema
	}
}
