package verify

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// fullFixture is a run whose rows leave nothing null, so that every part of
// every schema has something to describe.
func fullFixture() *fixture {
	f := newFixture()
	path := &lane.PathObservation{Requested: "/a", Observed: "/b", Normalized: "/a", Source: "monitor"}
	filters := []lane.Filter{{Name: "sysctl-name", Value: "x"}}
	native := &lane.Native{API: "bootstrap_look_up", Code: 1100, Name: "BOOTSTRAP_NOT_PRIVILEGED"}
	row := &f.runtime[0]
	row.Path, row.Result.Native, row.Decision.FirstDenialFilters = path, native, filters
	f.baseline[0].Path, f.baseline[0].Result.Native = path, native
	f.witness[0].Path, f.witness[0].Target = path, &lane.ProcessTarget{PID: 1, Relations: []string{"self"}}
	f.oracle[0].Path = path
	compiled := bundle.Digest(nil)
	f.manifest.Profiles[0].CompiledDigest = &compiled
	f.manifest.Profiles[0].Imports = []bundle.ProfileFile{{Source: "shim.sb", Digest: bundle.Digest(nil)}}
	f.preflight.OuterSandbox.Facts = []bundle.Fact{{Name: "seccomp", Value: "2", Source: "/proc/self/status"}}
	resolved := f.docs[bundle.PlanResolved].(map[string]any)
	resolved["world_manifest"] = map[string]any{"path": "/w.json", "digest": bundle.Digest(nil)}
	resolved["plugins"] = []any{map[string]any{"family": "sysctl", "options": map[string]any{"a": 1}}}
	fact := map[string]any{"profile_id": "p", "probe_name": "a", "arm": "after", "operation": "o", "target": "t", "decision": "deny", "rule": nil}
	acquisition := map[string]any{}
	for _, list := range []string{"handles", "survived", "usable", "refused", "lost", "rechecked", "not_rechecked", "again_denied"} {
		acquisition[list] = []string{"p:a"}
	}
	f.docs[bundle.Hypotheses] = map[string]any{"world_id": fixtureWorld, "hypotheses": []any{map[string]any{"id": "H1", "statement": "s",
		"families": []any{map[string]any{"family": "f", "status": "supported", "reason": "", "acquisition": acquisition, "pairs": []any{
			map[string]any{"kind": "k", "first": fact, "second": fact}}}}}}}
	f.absentTarget()
	f.summary.Notes = []bundle.Note{{Code: bundle.DeniedTargetAbsent, Count: 1, Expectations: []string{"sysctl.strict:denied@after"}}}
	f.addPacket(fixturePacket(f))
	f.addSweep("a.b", "a.c")
	f.resolve()
	return f
}

// fixturePacket is a packet about the fixture's first probe.
func fixturePacket(f *fixture) map[string]any { return f.packetOf(0, "unexpected_allow", "deny") }

// packetOf is a packet about the nth row, as a run writes it.
func (f *fixture) packetOf(n int, why lane.Reason, expected string) map[string]any {
	row := f.runtime[n]
	target := row.Filter.Value
	return map[string]any{
		"expectation_id": row.ExpectationID, "mismatch_reason": why, "explain": []string{"why"}, "reproduce": "hrhost try",
		"run_context": map[string]any{"run_id": fixtureRun, "world_id": fixtureWorld, "channel": "spawn_clean",
			"plan_digest": row.PlanDigest, "run_manifest": bundle.RunManifest},
		"expected": map[string]any{"expectation_id": row.ExpectationID, "expected_decision": expected, "target": target},
		"baseline": f.baseline[n], "oracle_check": f.oracle[n : n+1], "witness": f.witness[n : n+1],
		"decision_event": map[string]any{"profile_id": row.ProfileID, "probe_name": row.ProbeName, "arm": row.Arm, "attempt": row.Attempt, "operation": row.Operation,
			"filter": row.Filter, "target": target, "carrier": row.Carrier, "path_observation": row.Path, "runtime_status": row.RuntimeStatus, "state": row.State,
			"end": row.End, "result": row.Result, "effect": row.Effect, "decision_record": row.Decision, "pid": row.PID},
	}
}

// addPacket adds a packet with a decision and counts it.
func (f *fixture) addPacket(p map[string]any) {
	f.packets = append(f.packets, p)
	f.docs[bundle.MismatchSummary] = map[string]any{"world_id": fixtureWorld, "packets": len(f.packets),
		"by_reason": map[string]int{"unexpected_allow": len(f.packets)}}
	f.summary.Counts.AsExpected--
	f.summary.Counts.Mismatches++
	f.summary.Status = bundle.StatusPartial
	f.expect(0, "deny")
}

// expect changes what is expected of the nth probe.
func (f *fixture) expect(n int, what string) {
	f.matrix.Profiles["sysctl.strict"].Probes[n].Expected = what
}

// instances are one valid value for each schema, by stem, as read from a bundle.
func instances(t *testing.T) map[string]any {
	t.Helper()
	dir := fullFixture().write(t)
	out := map[string]any{}
	names, err := filepath.Glob(filepath.Join(dir, "*.json*"))
	must(t, err)
	for _, full := range names {
		text, err := os.ReadFile(full)
		must(t, err)
		name := filepath.Base(full)
		if isLines(name) {
			out[stemOf(name)+".row"] = decode(t, strings.SplitN(string(text), "\n", 2)[0])
			continue
		}
		doc := decode(t, string(text))
		out[stemOf(name)] = doc
		if isArray(name) {
			out[stemOf(name)+".row"] = doc.(map[string]any)["results"].([]any)[0]
		}
	}
	out[stemOf(bundle.SelfTestJSON)] = decode(t, selfTestFixture)
	return out
}

func isLines(name string) bool {
	d, _ := bundle.DocumentOf(name)
	return d.Shape == bundle.Lines
}

// stemOf is the name of a document's schema.
func stemOf(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }

// validate checks a text against the schema that a stem names.
func validate(stem string, text []byte) error {
	of, row := strings.CutSuffix(stem, ".row")
	for _, name := range []string{of + ".json", of + ".jsonl"} {
		switch {
		case row && (isArray(name) || isLines(name)):
			return bundle.ValidateRow(name, bundle.Version(name), text)
		case !row && filepath.Ext(name) == ".json":
			return bundle.ValidateDocument(name, bundle.Version(name), text)
		}
	}
	return fmt.Errorf("no document has the schema %q", stem)
}

func decode(t *testing.T, text string) any {
	t.Helper()
	var v any
	must(t, json.Unmarshal([]byte(text), &v))
	return v
}

// TestRequiredFields drops every field that a schema requires, one at a time,
// from a value that fits: each must be missed. A required field that no value
// reaches fails too, so the schemas and the values can't drift apart.
func TestRequiredFields(t *testing.T) {
	pure(t)
	w := &schemaWalk{t: t, docs: map[string]any{}, reached: map[string]bool{}}
	files, err := bundle.Schemas.ReadDir("schemas")
	must(t, err)
	for _, f := range files {
		text, err := bundle.Schemas.ReadFile("schemas/" + f.Name())
		must(t, err)
		w.docs[f.Name()] = decode(t, string(text))
	}
	for stem, root := range instances(t) {
		w.stem, w.root = stem, root
		if err := w.validate(); err != nil {
			t.Errorf("%s: a good value fails: %v", stem, err)
			continue
		}
		w.walk(stem+".schema.json", w.docs[stem+".schema.json"], root, stem)
	}
	n := 0
	for file, doc := range w.docs {
		eachRequired(file, doc, func(where string) {
			n++
			if !w.reached[where] {
				t.Errorf("no value reaches %s", where)
			}
		})
	}
	t.Logf("%d required fields in the schemas, %d values without one refused", n, w.dropped)
}

// schemaWalk goes through a schema and a value side by side.
type schemaWalk struct {
	t       *testing.T
	docs    map[string]any
	reached map[string]bool
	stem    string
	root    any
	dropped int
}

func (w *schemaWalk) validate() error {
	text, err := json.Marshal(w.root)
	must(w.t, err)
	return validate(w.stem, text)
}

// walk drops each field that node requires of value and goes on below.
func (w *schemaWalk) walk(file string, node, value any, at string) {
	schema, ok := node.(map[string]any)
	if !ok || value == nil {
		return
	}
	if ref, ok := schema["$ref"].(string); ok {
		w.ref(file, ref, value, at)
	}
	for _, sub := range list(schema["anyOf"]) {
		w.walk(file, sub, value, at)
	}
	w.walk(file, schema["else"], value, at) // values are of the newest versions, for which "if" does not hold
	for _, elem := range list(value) {
		w.walk(file, schema["items"], elem, at+"[]")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return
	}
	for _, key := range list(schema["required"]) {
		w.drop(file, schema, object, key.(string), at)
	}
	props, _ := schema["properties"].(map[string]any)
	for key, elem := range object {
		sub, known := props[key]
		if !known {
			sub = schema["additionalProperties"]
		}
		w.walk(file, sub, elem, at+"."+key)
	}
}

// drop takes one field out, validates the whole value, and puts it back.
func (w *schemaWalk) drop(file string, schema, object map[string]any, key, at string) {
	old, ok := object[key]
	if !ok {
		w.t.Errorf("%s: the value has no %s", at, key)
		return
	}
	delete(object, key)
	if w.validate() == nil {
		w.t.Errorf("%s: fits without %s", at, key)
	}
	object[key] = old
	w.dropped++
	w.reached[requiredName(file, schema, key)] = true
}

// ref follows a reference inside the set.
func (w *schemaWalk) ref(file, ref string, value any, at string) {
	target, pointer, _ := strings.Cut(ref, "#/")
	if target == "" {
		target = file
	}
	node := w.docs[target]
	for _, step := range strings.Split(pointer, "/") {
		if step != "" {
			node = node.(map[string]any)[step]
		}
	}
	w.walk(target, node, value, at)
}

// eachRequired calls f for each required field of a schema document. What an
// "if" asks is a condition, not a requirement.
func eachRequired(file string, node any, f func(where string)) {
	for _, elem := range list(node) {
		eachRequired(file, elem, f)
	}
	schema, _ := node.(map[string]any)
	for _, key := range list(schema["required"]) {
		if key, ok := key.(string); ok {
			f(requiredName(file, schema, key))
		}
	}
	for word, sub := range schema {
		if word != "if" && word != "required" {
			eachRequired(file, sub, f)
		}
	}
}

// requiredName tells one required field of one schema node from all others.
func requiredName(file string, schema map[string]any, key string) string {
	return fmt.Sprintf("%s %v: %s", file, schema["required"], key)
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// TestLanesStayApart puts one lane's own fields into another's rows.
func TestLanesStayApart(t *testing.T) {
	rows := instances(t)
	own := map[string]string{"runtime_results.row": "decision_record", "baseline_results.row": "contained",
		"witness_events.row": "verdict", "oracle_results.row": "prediction", "runtime_events.normalized.row": "scenario_id"}
	for stem := range own {
		for other, key := range own {
			if other == stem {
				continue
			}
			row := maps.Clone(rows[stem].(map[string]any))
			row[key] = rows[other].(map[string]any)[key]
			text, err := json.Marshal(row)
			must(t, err)
			if validate(stem, text) == nil {
				t.Errorf("%s takes %s of %s", stem, key, other)
			}
		}
	}
}

// TestSchemasRequireEveryField holds the Go types against the schemas: a field
// that is always written is always required.
func TestSchemasRequireEveryField(t *testing.T) {
	types := map[string]any{
		"runtime_results.row": lane.RuntimeRow{}, "baseline_results.row": lane.BaselineRow{}, "witness_events.row": lane.WitnessRow{},
		"oracle_results.row": lane.OracleRow{}, "runtime_events.normalized.row": bundle.Event{}, "run_manifest": bundle.Manifest{}, "summary": bundle.Summary{},
		"expected_matrix": bundle.Matrix{}, "apply_preflight": bundle.ApplyPreflight{}, "run_status": bundle.RunStatus{}, "artifact_index": bundle.Index{},
		"sweep_targets.row": bundle.SweepTarget{}, "sweep": bundle.SweepDocument{},
	}
	values := instances(t)
	for stem, v := range types {
		for _, key := range alwaysWritten(reflect.TypeOf(v)) {
			value := maps.Clone(values[stem].(map[string]any))
			delete(value, key)
			text, err := json.Marshal(value)
			must(t, err)
			if validate(stem, text) == nil {
				t.Errorf("%s does not require %s", stem, key)
			}
		}
	}
}

// alwaysWritten lists the JSON names of fields without omitempty.
func alwaysWritten(typ reflect.Type) []string {
	var names []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		tag := f.Tag.Get("json")
		if f.Anonymous {
			names = append(names, alwaysWritten(f.Type)...)
		} else if !strings.Contains(tag, "omitempty") {
			names = append(names, strings.Split(tag, ",")[0])
		}
	}
	return names
}

// TestSchemasRefuse tries values of the kind that went wrong before.
func TestSchemasRefuse(t *testing.T) {
	tests := []struct{ stem, path, value string }{
		{"runtime_results.row", "result.errno", "-6"}, // an exit by signal is no errno
		{"runtime_results.row", "result.errno", "0"},
		{"runtime_results.row", "decision_record.decision_rule", "27"},
		{"runtime_results.row", "decision_record.evidence_tier", `"none"`}, // beside a decision
		{"runtime_results.row", "decision_record.decision_path", `"because"`},
		{"runtime_results.row", "stage", `"compile"`},
		{"runtime_results.row", "carrier", "null"},
		{"runtime_results.row", "plan_digest", `"abc"`},
		{"witness_events.row", "by", `"guess"`},
		{"witness_events.row", "operation", `""`}, // by policy
		{"oracle_results.row", "calibration", `"yes"`},
		{"oracle_results.row", "operation", `""`},
		{"run_manifest", "channel", `"clean"`},
		{"run_manifest", "started_at", `"2026-11-23 16:53"`},
		{"run_status", "state", `"done"`},
		{"summary", "counts.allow", "-1"},
		{"artifact_index", "extra", "1"},
	}
	values := instances(t)
	for _, tt := range tests {
		text, err := json.Marshal(values[tt.stem])
		must(t, err)
		bent := decode(t, string(text)).(map[string]any)
		node := bent
		steps := strings.Split(tt.path, ".")
		for _, step := range steps[:len(steps)-1] {
			node = node[step].(map[string]any)
		}
		node[steps[len(steps)-1]] = json.RawMessage(tt.value)
		text, err = json.Marshal(bent)
		must(t, err)
		if validate(tt.stem, text) == nil {
			t.Errorf("%s takes %s = %s", tt.stem, tt.path, tt.value)
		}
	}
}
