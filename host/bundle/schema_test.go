package bundle

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// TestRowsShareContext: what all rows carry is described alike in the schema of
// each kind of row. A witness row may be about no planned probe.
func TestRowsShareContext(t *testing.T) {
	unplanned := []string{"operation", "probe_name", "expectation_id", "arm", "attempt"}
	properties := func(stem string) (props map[string]any, required []any) {
		text, err := Schemas.ReadFile("schemas/" + stem + ".row.schema.json")
		must(t, err)
		var schema map[string]any
		must(t, json.Unmarshal(text, &schema))
		return schema["properties"].(map[string]any), schema["required"].([]any)
	}
	want, _ := properties("runtime_results")
	for field := range reflect.TypeFor[lane.Context]().Fields() {
		name := field.Tag.Get("json")
		for _, stem := range []string{"runtime_results", "runtime_events.normalized", "baseline_results", "oracle_results", "witness_events"} {
			got, required := properties(stem)
			if !slices.Contains(required, any(name)) {
				t.Errorf("%s does not require %s", stem, name)
			}
			free := stem == "witness_events" && slices.Contains(unplanned, name)
			if !free && (want[name] == nil || !reflect.DeepEqual(got[name], want[name])) {
				t.Errorf("%s of %s is %v, of runtime_results %v", name, stem, got[name], want[name])
			}
		}
	}
}
