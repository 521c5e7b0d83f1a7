package jsonschema

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// draft is the only $schema.
const draft = "https://json-schema.org/draft/2020-12/schema"

// Compile reads schemas, each a JSON text under a name. A $ref is NAME,
// NAME#/POINTER or #/POINTER. The words are: $ref, $defs, allOf, anyOf, if,
// then, else, type, enum and const (of scalars), minimum, maximum, minLength,
// maxLength, pattern (of package regexp), items, uniqueItems, required,
// properties, additionalProperties, unevaluatedProperties, propertyNames; and
// $schema, title and description, which say nothing about a value.
func Compile(texts map[string][]byte) (*Set, error) {
	c := &compiler{texts: map[string]any{}, done: map[string]*schema{}, patterns: map[string]*regexp.Regexp{}}
	for name, b := range texts {
		var raw any
		if err := json.Unmarshal(b, &raw); err != nil {
			return nil, fmt.Errorf("reading schema %s: %w", name, err)
		}
		c.texts[name] = raw
	}
	set := &Set{schemas: map[string]*schema{}}
	for name := range texts {
		set.schemas[name] = c.schema(place{name, ""}, c.texts[name])
	}
	for _, u := range c.unevaluated {
		c.close(u)
	}
	return set, c.err
}

// compiler compiles each schema once, wherever it is referred to.
type compiler struct {
	texts       map[string]any
	done        map[string]*schema // by place
	patterns    map[string]*regexp.Regexp
	unevaluated []unevaluated
	err         error // the first
}

// place is where a schema stands.
type place struct{ name, pointer string }

func (p place) String() string            { return p.name + "#" + p.pointer }
func (p place) below(w string) place      { return place{p.name, p.pointer + "/" + w} }
func (p place) nth(w string, n int) place { return p.below(fmt.Sprint(w, "/", n)) }

func (c *compiler) fail(at place, format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("compiling schema %s: %s", at, fmt.Sprintf(format, args...))
	}
}

func (c *compiler) schema(at place, raw any) *schema {
	if s := c.done[at.String()]; s != nil {
		return s
	}
	s := &schema{}
	c.done[at.String()] = s
	switch raw := raw.(type) {
	case bool:
		s.never = !raw
	case map[string]any:
		for word, v := range raw {
			c.word(s, at, word, v)
		}
		s.known = map[string]bool{}
		for _, p := range s.properties {
			s.known[p.name] = true
		}
	default:
		c.fail(at, "not a schema")
	}
	return s
}

// word reads one word of a schema.
func (c *compiler) word(s *schema, at place, word string, v any) {
	switch word {
	case "title", "description":
	case "$schema":
		if v != draft {
			c.fail(at, "$schema %v", v)
		}
	case "$ref":
		s.all = append(s.all, c.ref(at, as[string](c, at, word, v)))
	case "$defs":
		c.properties(at.below(word), v)
	case "allOf":
		s.all = append(s.all, c.list(at, word, v)...)
	case "anyOf":
		s.either = c.list(at, word, v)
	case "if":
		s.cond = c.schema(at.below(word), v)
	case "then":
		s.then = c.schema(at.below(word), v)
	case "else":
		s.other = c.schema(at.below(word), v)
	case "items":
		s.items = c.schema(at.below(word), v)
	case "uniqueItems":
		s.unique = as[bool](c, at, word, v)
	case "required":
		for _, name := range as[[]any](c, at, word, v) {
			s.required = append(s.required, as[string](c, at, word, name))
		}
	case "properties":
		s.properties = c.properties(at.below(word), v)
	case "propertyNames":
		s.names = c.schema(at.below(word), v)
	case "additionalProperties":
		s.rest = c.schema(at.below(word), v)
	case "unevaluatedProperties":
		c.unevaluated = append(c.unevaluated, unevaluated{s, at, c.schema(at.below(word), v)})
	default:
		c.scalarWord(s, at, word, v)
	}
}

// scalarWord reads a word that is about scalars.
func (c *compiler) scalarWord(s *schema, at place, word string, v any) {
	number := func() *float64 { f := as[float64](c, at, word, v); return &f }
	switch word {
	case "type":
		s.types = c.types(at, v)
	case "enum":
		s.enum = c.scalars(at, as[[]any](c, at, word, v))
	case "const":
		s.enum = c.scalars(at, []any{v})
	case "minimum":
		s.minimum = number()
	case "maximum":
		s.maximum = number()
	case "minLength":
		s.minLength = number()
	case "maxLength":
		s.maxLength = number()
	case "pattern":
		s.pattern = c.pattern(at, as[string](c, at, word, v))
	default:
		c.fail(at, "unknown word %q", word)
	}
}

// as is v as a T, or T's zero value after a failure.
func as[T any](c *compiler, at place, word string, v any) T {
	t, ok := v.(T)
	if !ok {
		c.fail(at, "%s is %v", word, v)
	}
	return t
}

// list reads schemas, of which the language wants at least one.
func (c *compiler) list(at place, word string, v any) (out []*schema) {
	if v, ok := v.([]any); ok && len(v) == 0 {
		c.fail(at, "%s is empty", word)
	}
	for i, sub := range as[[]any](c, at, word, v) {
		out = append(out, c.schema(at.nth(word, i), sub))
	}
	return out
}

func (c *compiler) properties(at place, v any) (out []property) {
	subs := as[map[string]any](c, at, "properties", v)
	for _, name := range slices.Sorted(maps.Keys(subs)) {
		out = append(out, property{name, c.schema(at.below(name), subs[name])})
	}
	return out
}

func (c *compiler) types(at place, v any) (k kind) {
	names, ok := v.([]any)
	if !ok {
		names = []any{v}
	}
	for _, name := range names {
		i := slices.IndexFunc(typeNames, func(t typeName) bool { return t.name == name })
		if i < 0 {
			c.fail(at, "type %v", name)
			break
		}
		k |= typeNames[i].kind
	}
	if len(names) == 0 {
		c.fail(at, "type is empty")
	}
	return k
}

// scalars refuses values that Go cannot compare.
func (c *compiler) scalars(at place, vs []any) []any {
	for _, v := range vs {
		if kindOf(v)&(array|object) != 0 {
			c.fail(at, "%v is no scalar", v)
		}
	}
	return vs
}

func (c *compiler) pattern(at place, text string) *regexp.Regexp {
	re := c.patterns[text]
	if re == nil {
		var err error
		if re, err = regexp.Compile(text); err != nil {
			c.fail(at, "%v", err)
		}
		c.patterns[text] = re
	}
	return re
}

// ref compiles what a reference is to.
func (c *compiler) ref(at place, ref string) *schema {
	name, pointer, _ := strings.Cut(ref, "#")
	if name == "" {
		name = at.name
	}
	raw, ok := c.texts[name]
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer != "" && ok {
			var node map[string]any
			node, _ = raw.(map[string]any)
			raw, ok = node[step]
		}
	}
	if !ok {
		c.fail(at, "no schema %q", ref)
		return &schema{}
	}
	return c.schema(place{name, pointer}, raw)
}
