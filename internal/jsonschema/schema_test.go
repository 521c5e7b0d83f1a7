package jsonschema

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestRefused has schemas that cannot be taken at their word.
func TestRefused(t *testing.T) {
	tests := []struct{ schema, want string }{
		{`{"oneOf": [true]}`, `s#: unknown word "oneOf"`},
		{`{"items": {"format": "date"}}`, `s#/items: unknown word "format"`},
		{`{"$defs": {"x": {"minItems": 1}}}`, `s#/$defs/x: unknown word "minItems"`},
		{`{"properties": {"a": {"anyOf": [{"not": {}}]}}}`, `s#/properties/a/anyOf/0: unknown word "not"`},
		{`{"$schema": "http://json-schema.org/draft-07/schema#"}`, "draft-07"},
		{`{"type": "text"}`, "type text"}, {`{"type": []}`, "type is empty"}, {`{"type": [1]}`, "type 1"},
		{`{"allOf": []}`, "allOf is empty"}, {`{"anyOf": {}}`, "anyOf is map[]"},
		{`{"minimum": "1"}`, "minimum is 1"}, {`{"required": [1]}`, "required is 1"}, {`{"properties": []}`, "properties is []"},
		{`{"enum": [[]]}`, "[] is no scalar"}, {`{"const": {}}`, "map[] is no scalar"},
		{`{"pattern": "("}`, "missing closing )"}, {`{"items": 1}`, "s#/items: not a schema"}, {`[]`, "not a schema"},
		{`{"$ref": "#/$defs/none"}`, `no schema "#/$defs/none"`}, {`{"$ref": "none"}`, `no schema "none"`},
		{`{"unevaluatedProperties": false, "additionalProperties": true}`, "where all are evaluated"},
		{`{"unevaluatedProperties": false, "allOf": [{"additionalProperties": true}]}`, "where all are evaluated"},
		{`{"unevaluatedProperties": false, "then": {"properties": {"a": true}}}`, `only a conditional part names "a"`},
		{`{"unevaluatedProperties": false, "allOf": [{"anyOf": [{"properties": {"a": true}}]}]}`, `only a conditional part names "a"`},
		{`{`, "reading schema s: unexpected end"},
	}
	for _, tt := range tests {
		if _, err := Compile(map[string][]byte{"s": []byte(tt.schema)}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.schema, err, tt.want)
		}
	}
}

// TestProblems has what a person reads.
func TestProblems(t *testing.T) {
	const row = `{"type": "object", "required": ["id", "n"], "additionalProperties": false, "properties": {
		"id": {"type": "string", "pattern": "^[a-z]+$", "minLength": 1, "maxLength": 3}, "n": {"type": ["integer", "null"], "minimum": 1, "maximum": 9},
		"what": {"enum": ["allow", "deny", null]}, "rows": {"type": "array", "uniqueItems": true, "items": {"$ref": "#"}},
		"rule": {"anyOf": [{"type": "null"}, {"type": "object", "required": ["line"]}]}, "size": {"type": "number"}}}`
	tests := []struct{ value, want string }{
		{`{"id": "a", "n": 1}`, ""},
		{`[]`, ": got array, want object"},
		{`{}`, `: "id" is missing; : "n" is missing`},
		{`{"id": "A1", "n": 10}`, `/id: got "A1", want a match of ^[a-z]+$; /n: got 10, want at most 9`},
		{`{"id": "abcd", "n": 1.5}`, `/id: length is 4, want at most 3; /n: got 1.5, want null or integer`},
		{`{"id": "a", "n": 1, "size": "x"}`, `/size: got "x", want number`},
		{`{"id": "a", "n": 1, "what": "no"}`, `/what: got "no", want "allow" or "deny" or null`},
		{`{"id": "a", "n": 1, "what": {"x": 1}}`, `/what: got object, want "allow" or "deny" or null`},
		{`{"id": "a", "n": 1, "z": 1, "y": 1}`, `/y: not a field here; /z: not a field here`},
		{`{"id": "a", "n": 1, "rows": [{"id": "b", "n": 2}, {"id": "c", "n": 0}]}`, `/rows/1/n: got 0, want at least 1`},
		{`{"id": "a", "n": 1, "rows": [{"id": "b", "n": 2}, {"n": 2, "id": "b"}]}`, `/rows: an item is there twice`},
		{`{"id": "a", "n": 1, "rule": {"line": 1}}`, ""},
		{`{"id": "a", "n": 1, "rule": {}}`, `/rule: "line" is missing`},
		{`{"id": "a", "n": 1, "rule": 5}`, `/rule: got 5, want null; /rule: got 5, want object`},
	}
	set, err := Compile(map[string][]byte{"row": []byte(row)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		if got := said(t, set, tt.value); got != tt.want {
			t.Errorf("%s\ngot:  %s\nwant: %s", tt.value, got, tt.want)
		}
	}
	if _, err := set.Validate("none", nil); err == nil {
		t.Error("a schema that is not there has no error")
	}
}

// said is the problems of a JSON text in one line.
func said(t *testing.T, set *Set, text string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	problems, err := set.Validate("row", value)
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, p := range problems {
		parts = append(parts, p.At+": "+p.What)
	}
	return strings.Join(parts, "; ")
}

// TestBounded has values made to cost much: what is told of them stays short.
func TestBounded(t *testing.T) {
	const schema = `{"type": ["array", "object"], "items": {"type": "integer"}, "additionalProperties": {"maxLength": 1}, "required": ["a", "b", "c", "d", "e", "f"]}`
	long := strings.Repeat("é", 1<<20)
	values := map[string]string{
		"many items":   "[" + strings.Repeat(`"x",`, 1<<18) + `"x"]`,
		"long items":   fmt.Sprintf("[%q, %q]", long, long),
		"many names":   "{" + manyNames(1<<16) + `"z": ""}`,
		"long strings": fmt.Sprintf(`{"a": %q, "b": %q}`, long, long),
		"nothing":      "{}",
	}
	set, err := Compile(map[string][]byte{"row": []byte(schema)})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range values {
		got := said(t, set, text)
		if n := strings.Count(got, "; ") + 1; got == "" || n > maxProblems || len(got) > 200*maxProblems {
			t.Errorf("%s: %d problems in %d bytes: %.200s", name, n, len(got), got)
		}
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"n%d": "xx",`, i)
	}
	return b.String()
}
