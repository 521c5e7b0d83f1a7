// Package jsonschema holds JSON values against schemas in JSON Schema, draft
// 2020-12 (json-schema.org/draft/2020-12).
//
// It is for schemas of our own, compiled at each start of a short-lived
// program. It knows the words that they use and no others: [Compile] refuses a
// schema with an unknown word, so that nothing in a schema is passed over.
// Schemas are trusted, values are not: the work is bounded by the value's size
// times the schema's, and a few problems are reported, not all.
//
// A value is what encoding/json decodes into an any. Numbers are float64, so
// integers must be below 2^53 to be told apart.
package jsonschema

import (
	"regexp"
)

// Set is schemas that refer to each other, by name. It may be used by several
// goroutines.
type Set struct {
	schemas map[string]*schema
}

// schema is one schema, of a whole document or of a part.
type schema struct {
	never bool // the schema false

	types kind  // what the value may be, 0 for anything
	enum  []any // scalars, nil for any; const is an enum of one

	minimum, maximum     *float64
	minLength, maxLength *float64 // in code points
	pattern              *regexp.Regexp

	items  *schema
	unique bool

	required   []string
	properties []property // in the order of their names
	names      *schema    // of every property's name
	rest       *schema    // of every property that is not known
	known      map[string]bool

	all         []*schema // allOf and $ref
	either      []*schema // anyOf
	cond        *schema   // if
	then, other *schema
}

// property is the schema of one property.
type property struct {
	name   string
	schema *schema
}

// kind is a set of the types of the language.
type kind uint8

const (
	null kind = 1 << iota
	boolean
	integer
	fraction // a number that is no integer
	text
	array
	object
)

// typeName is a word of "type".
type typeName struct {
	name string
	kind kind
}

// typeNames has the wider type before the one that is a part of it.
var typeNames = []typeName{
	{"null", null}, {"boolean", boolean}, {"number", integer | fraction}, {"integer", integer},
	{"string", text}, {"array", array}, {"object", object},
}
