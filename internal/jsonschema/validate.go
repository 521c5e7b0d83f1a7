package jsonschema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Problem is one place of a value that does not fit.
type Problem struct {
	At   string // the steps to it: "/rows/3/name", "" for the whole
	What string
}

// maxProblems is how many are told of one value.
const maxProblems = 4

// Validate returns what of a value does not fit the named schema, the first few
// problems in the order of the schema, or an error when there is no such schema.
func (s *Set) Validate(name string, value any) ([]Problem, error) {
	root := s.schemas[name]
	if root == nil {
		return nil, fmt.Errorf("no schema %q", name)
	}
	var v validation
	v.check(root, value)
	return v.problems, nil
}

// validation is one walk through a value.
type validation struct {
	path     []step
	quiet    bool // only whether it fits is asked
	failed   bool
	problems []Problem
}

// step leads from a value to a part of it.
type step struct {
	name  string // of an object's
	index int    // of an array's, from 1; 0 when there is a name
}

func (s step) String() string {
	if s.index == 0 {
		return s.name
	}
	return strconv.Itoa(s.index - 1)
}

func (v *validation) fail(format string, args ...any) {
	if v.failed = true; v.quiet {
		return
	}
	at := ""
	for _, step := range v.path {
		at += "/" + step.String()
	}
	v.problems = append(v.problems, Problem{At: at, What: fmt.Sprintf(format, args...)})
}

// enough reports that nothing more need be looked at.
func (v *validation) enough() bool {
	return v.failed && v.quiet || len(v.problems) >= maxProblems
}

// fits reports whether the value here fits s, and says nothing of why not.
func (v *validation) fits(s *schema, value any) bool {
	quiet := validation{quiet: true, path: v.path} // what is appended to it is of no account
	quiet.check(s, value)
	return !quiet.failed
}

// in checks a part of the value here.
func (v *validation) in(step step, s *schema, value any) {
	v.path = append(v.path, step)
	v.check(s, value)
	v.path = v.path[:len(v.path)-1]
}

// check holds the value here against s.
func (v *validation) check(s *schema, value any) {
	switch {
	case v.enough():
		return
	case s.never:
		v.fail("not a field here")
		return
	case s.types != 0 && s.types&kindOf(value) == 0:
		v.fail("got %s, want %s", shown(value), s.types)
		return
	case s.enum != nil && !slices.Contains(s.enum, value):
		v.fail("got %s, want %s", shown(value), oneOf(s.enum))
		return
	}
	switch value := value.(type) {
	case float64:
		v.number(s, value)
	case string:
		v.text(s, value)
	case []any:
		v.array(s, value)
	case map[string]any:
		v.object(s, value)
	}
	v.composed(s, value)
}

// composed holds the value against the schemas that s is composed of.
func (v *validation) composed(s *schema, value any) {
	for _, part := range s.all {
		v.check(part, value)
	}
	if s.either != nil && !slices.ContainsFunc(s.either, func(part *schema) bool { return v.fits(part, value) }) {
		v.none(s.either, value)
	}
	if s.cond == nil {
		return
	}
	part := s.other
	if v.fits(s.cond, value) {
		part = s.then
	}
	if part != nil {
		v.check(part, value)
	}
}

// none says why the value fits none of an anyOf: of those that are about its
// type, if there are any.
func (v *validation) none(parts []*schema, value any) {
	about := func(s *schema) bool { return s.typed()&kindOf(value) != 0 }
	some := slices.ContainsFunc(parts, about)
	for _, part := range parts {
		if !some || about(part) {
			v.check(part, value)
		}
	}
}

// typed is which types s is about.
func (s *schema) typed() kind {
	k := s.types
	if k == 0 {
		k = ^kind(0)
	}
	for _, part := range s.all {
		k &= part.typed()
	}
	return k
}

func (v *validation) number(s *schema, f float64) {
	if s.minimum != nil && f < *s.minimum {
		v.fail("got %v, want at least %v", f, *s.minimum)
	}
	if s.maximum != nil && f > *s.maximum {
		v.fail("got %v, want at most %v", f, *s.maximum)
	}
}

func (v *validation) text(s *schema, text string) {
	if s.minLength != nil || s.maxLength != nil {
		n := float64(utf8.RuneCountInString(text))
		if s.minLength != nil && n < *s.minLength {
			v.fail("length is %v, want at least %v", n, *s.minLength)
		}
		if s.maxLength != nil && n > *s.maxLength {
			v.fail("length is %v, want at most %v", n, *s.maxLength)
		}
	}
	if s.pattern != nil && !s.pattern.MatchString(text) {
		v.fail("got %s, want a match of %s", shown(text), s.pattern)
	}
}

func (v *validation) array(s *schema, list []any) {
	if s.items != nil {
		for i, elem := range list {
			v.in(step{index: i + 1}, s.items, elem)
		}
	}
	if s.unique && !v.enough() && !unique(list) {
		v.fail("an item is there twice")
	}
}

// unique compares by the items' JSON, in which an object's names are in order.
func unique(list []any) bool {
	seen := map[string]bool{}
	for _, elem := range list {
		text, err := json.Marshal(elem)
		if err != nil || seen[string(text)] {
			return false
		}
		seen[string(text)] = true
	}
	return true
}

func (v *validation) object(s *schema, m map[string]any) {
	for _, name := range s.required {
		if _, ok := m[name]; !ok && !v.enough() {
			v.fail("%s is missing", shown(name))
		}
	}
	for _, p := range s.properties {
		if value, ok := m[p.name]; ok {
			v.in(step{name: p.name}, p.schema, value)
		}
	}
	if s.names != nil {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			v.in(step{name: name}, s.names, name)
		}
	}
	if s.rest == nil {
		return
	}
	var rest []string
	for name := range m {
		if !s.known[name] {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	for _, name := range rest {
		v.in(step{name: name}, s.rest, m[name])
	}
}
