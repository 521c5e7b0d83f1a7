package bundle

import (
	"maps"
	"slices"
	"strings"
	"testing"

	reference "github.com/santhosh-tekuri/jsonschema/v6"
)

// TestSchemasAgreeWithReference bends a value of each schema at every place and
// holds it against the schema here and in a complete implementation of JSON
// Schema, which finds our schemas valid too.
func TestSchemasAgreeWithReference(t *testing.T) {
	pure(t)
	c := reference.NewCompiler()
	files, err := Schemas.ReadDir("schemas")
	must(t, err)
	for _, f := range files {
		text, err := Schemas.ReadFile("schemas/" + f.Name())
		must(t, err)
		must(t, c.AddResource("embed:///"+f.Name(), decode(t, string(text))))
	}
	set, err := schemaSet()
	must(t, err)
	values := instances(t)
	if len(values) != len(files)-1 { // all but what they have in common
		t.Errorf("%d values for %d schemas", len(values), len(files))
	}
	var tried, fit int
	for stem, root := range values {
		theirs, err := c.Compile("embed:///" + stem + ".schema.json")
		must(t, err)
		compare := func(what string) {
			ours, err := set.Validate(stem+".schema.json", root)
			must(t, err)
			if want := theirs.Validate(root); (want == nil) != (len(ours) == 0) {
				t.Errorf("%s: %s:\nours:      %v\nreference: %v", stem, what, ours, want)
			}
			tried++
			if len(ours) == 0 {
				fit++
			}
		}
		compare("as it is")
		bend(root, "", compare)
	}
	t.Logf("%d values, of which %d fit", tried, fit)
}

// bent are the values that take the place of another.
var bent = []any{nil, -1.0, 0.0, 1.5, "", "x", fixtureTime, []any{"x"}, map[string]any{"name": "x", "value": "y"}}

// bend changes node in every way at every place below it, one at a time, calls f
// after each change and undoes it.
func bend(node any, at string, f func(what string)) {
	replace := func(old any, what string, set func(any)) {
		for _, v := range bent {
			set(v)
			f(what)
		}
		set(old)
		bend(old, what, f)
	}
	switch node := node.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(node)) {
			old, what := node[key], at+"/"+key
			delete(node, key)
			f(what + " dropped")
			replace(old, what, func(v any) { node[key] = v })
		}
		node["stranger"] = "x"
		f(at + " with a stranger")
		delete(node, "stranger")
	case []any:
		for i, old := range node {
			replace(old, at+"/"+strings.Repeat("i", i+1), func(v any) { node[i] = v })
		}
	}
}
