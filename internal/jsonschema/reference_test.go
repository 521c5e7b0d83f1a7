package jsonschema

import (
	"encoding/json"
	"testing"

	reference "github.com/santhosh-tekuri/jsonschema/v6"
)

// schemas use every word, alone and together.
var schemas = []string{
	`true`, `false`, `{}`, `{"title": "t", "description": "d", "$schema": "https://json-schema.org/draft/2020-12/schema"}`,
	`{"type": "null"}`, `{"type": "boolean"}`, `{"type": "integer"}`, `{"type": "number"}`, `{"type": "string"}`, `{"type": "array"}`, `{"type": "object"}`,
	`{"type": ["integer", "null"]}`, `{"type": ["number", "string"], "minimum": 1}`,
	`{"enum": [null, "a", 1, true]}`, `{"enum": [false, 0, ""]}`, `{"enum": []}`, `{"const": null}`, `{"const": "a"}`, `{"const": 1}`,
	`{"minimum": 1}`, `{"maximum": 1}`, `{"minimum": -1.5, "maximum": 0.5}`,
	`{"minLength": 1}`, `{"maxLength": 1}`, `{"minLength": 2, "maxLength": 2}`, `{"pattern": "^a"}`, `{"pattern": "b$"}`, `{"type": "string", "pattern": "^(ab)?$"}`,
	`{"items": {"type": "integer"}}`, `{"items": false}`, `{"uniqueItems": true}`, `{"uniqueItems": false}`, `{"items": {"items": {"const": "a"}}, "uniqueItems": true}`,
	`{"required": []}`, `{"required": ["a"]}`, `{"required": ["a", "b"]}`,
	`{"properties": {"a": {"type": "integer"}}}`, `{"properties": {"a": false}}`, `{"properties": {"a": {"properties": {"b": {"const": 1}}}}}`,
	`{"additionalProperties": false}`, `{"additionalProperties": true}`, `{"properties": {"a": true}, "additionalProperties": false}`,
	`{"properties": {"a": true}, "additionalProperties": {"type": "string"}}`, `{"propertyNames": {"enum": ["a", "b"]}}`, `{"propertyNames": {"maxLength": 1}}`,
	`{"unevaluatedProperties": false}`, `{"properties": {"a": true}, "unevaluatedProperties": {"type": "string"}}`,
	`{"allOf": [{"properties": {"a": {"type": "integer"}}}], "properties": {"b": true}, "unevaluatedProperties": false}`,
	`{"allOf": [{"allOf": [{"properties": {"a": true}}]}], "unevaluatedProperties": false}`,
	`{"$ref": "#/$defs/x", "$defs": {"x": {"properties": {"a": {"$ref": "#/$defs/y"}}}, "y": {"type": ["integer", "null"]}}, "unevaluatedProperties": false}`,
	`{"properties": {"a": true, "b": true}, "anyOf": [{"properties": {"a": {"const": 1}}}, {"required": ["b"]}], "unevaluatedProperties": false}`,
	`{"properties": {"a": true}, "if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["b"]}, "unevaluatedProperties": false}`,
	`{"allOf": [{"type": "integer"}, {"minimum": 1}]}`, `{"anyOf": [{"type": "null"}, {"type": "object", "required": ["a"]}]}`,
	`{"anyOf": [{"minLength": 1}, {"type": "null"}], "type": ["string", "null", "object"]}`, `{"anyOf": [false, true]}`, `{"anyOf": [false]}`,
	`{"if": {"type": "integer"}, "then": {"minimum": 1}, "else": {"type": "string"}}`, `{"if": {"type": "integer"}, "then": {"minimum": 1}}`,
	`{"if": {"type": "integer"}, "else": {"type": "object"}}`, `{"if": {"required": ["a"], "properties": {"a": {"const": null}}}, "else": {"required": ["b"]}}`,
	`{"then": {"type": "integer"}, "else": {"type": "string"}}`,
	`{"$ref": "other", "required": ["a"]}`, `{"$ref": "other#"}`, `{"items": {"$ref": "other#/$defs/short"}}`, `{"properties": {"a": {"$ref": "#"}, "b": {"type": "integer"}}}`,
}

// other is what schemas refer to.
const other = `{"type": "object", "$defs": {"short": {"type": "string", "maxLength": 1}}, "properties": {"b": {"$ref": "#/$defs/short"}}}`

// values are of every type, with the marginal ones of each.
var values = []string{
	`null`, `true`, `false`, `0`, `-0`, `1`, `1.0`, `-1`, `0.5`, `-1.5`, `2`, `9007199254740991`, `-9007199254740991`, `1e3`,
	`""`, `"a"`, `"ab"`, `"b"`, `"é"`, `"éé"`, `"a\nb"`, `"1"`, `"null"`,
	`[]`, `[1]`, `[1, 1]`, `[1, 1.0]`, `["a"]`, `["1", 1]`, `["a", "ab"]`, `[["a"]]`, `[["a"], ["a"]]`, `[["a", "a"]]`, `[{"a": 1, "b": 2}, {"b": 2, "a": 1}]`, `[null, false]`, `[1.5]`,
	`{}`, `{"a": 1}`, `{"a": null}`, `{"a": "a"}`, `{"a": 1, "b": 1}`, `{"a": 1, "b": "a"}`, `{"b": "a"}`, `{"b": "ab"}`, `{"b": 1}`, `{"a": 2, "c": "s"}`, `{"c": 1}`, `{"c": "s"}`, `{"": 1}`, `{"é": 1}`,
	`{"a": {"b": 1}}`, `{"a": {"b": 2}}`, `{"a": {"a": {"b": "s"}}}`, `{"a": {"a": {"b": 1}}}`, `{"a": [1]}`, `{"a": 1.5}`, `{"a": true}`,
}

// pair is one schema in both implementations.
type pair struct {
	ours   *Set
	theirs *reference.Schema
}

func compilePair(t testing.TB, text string) pair {
	t.Helper()
	ours, err := Compile(map[string][]byte{"schema": []byte(text), "other": []byte(other)})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	c := reference.NewCompiler()
	for name, text := range map[string]string{"schema": text, "other": other} {
		var raw any
		if err := json.Unmarshal([]byte(text), &raw); err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("test:///"+name, raw); err != nil {
			t.Fatal(err)
		}
	}
	theirs, err := c.Compile("test:///schema")
	if err != nil {
		t.Fatalf("%s: the reference: %v", text, err)
	}
	return pair{ours, theirs}
}

// compare fails when the two disagree about a value, and says whether it fits.
func (p pair) compare(t *testing.T, schema string, value any) bool {
	t.Helper()
	problems, err := p.ours.Validate("schema", value)
	if err != nil {
		t.Fatal(err)
	}
	if want := p.theirs.Validate(value); (want == nil) != (len(problems) == 0) {
		t.Errorf("%s\n%v:\nours:      %v\nreference: %v", schema, value, problems, want)
	}
	return len(problems) == 0
}

// TestAgreesWithReference holds each value against each schema, here and in a
// complete implementation of the language.
func TestAgreesWithReference(t *testing.T) {
	fit := 0
	for _, schema := range schemas {
		p := compilePair(t, schema)
		for _, text := range values {
			var value any
			if err := json.Unmarshal([]byte(text), &value); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if p.compare(t, schema, value) {
				fit++
			}
		}
	}
	t.Logf("%d of %d fit", fit, len(schemas)*len(values))
}

// FuzzAgainstReference holds any JSON text against every schema.
func FuzzAgainstReference(f *testing.F) {
	pairs := map[string]pair{}
	for _, schema := range schemas {
		pairs[schema] = compilePair(f, schema)
	}
	for _, text := range values {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var value any
		if json.Unmarshal(text, &value) != nil {
			return
		}
		for schema, p := range pairs {
			p.compare(t, schema, value)
		}
	})
}
