package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// fixture is a small whole run: one profile, one allowed and one denied probe.
// Tests bend its values before it is written.
type fixture struct {
	manifest  bundle.Manifest
	matrix    bundle.Matrix
	preflight bundle.ApplyPreflight
	summary   bundle.Summary
	docs      map[string]any
	baseline  []lane.BaselineRow
	witness   []lane.WitnessRow
	runtime   []lane.RuntimeRow
	oracle    []lane.OracleRow
	packets   []any
	targets   []bundle.SweepTarget
	files     map[string]string
	families  map[string]bundle.Counts // nil: one that has all
	events    func([]bundle.Event)     // bends the flat events
	params    map[string]string        // of the profiles, as planned
	absent    bool                     // the plan marks denied targets as absent
	versions  map[string]int           // of documents that another hrhost writes
}

const (
	fixtureRun   = "20261123T165330Z-7f3a"
	fixtureWorld = "linux-6.1.0-debian12-amd64"
	fixtureTime  = "2026-11-23T16:53:30.000000001Z"
	fixtureSB    = "(version 1)\n(deny default)\n(allow sysctl-read (sysctl-name \"kernel.ostype\" \"a.b\" \"a.d\"))\n"
	fixtureName  = "sb/sysctl_strict.sb"
	fixturePlan  = "# resolve writes one that has the matrix\n"
)

// newFixture returns a run that verifies and is promotable.
func newFixture() *fixture {
	yes, no, rc := true, false, 0
	f := &fixture{files: map[string]string{
		bundle.PlanTOML: fixturePlan, "profiles/sysctl.strict.sb": fixtureSB, bundle.SummaryMD: "# run\n",
		bundle.ReportHTML: "<!doctype html>", bundle.JUnitXML: "<testsuites/>", "logs/sysctl.log": "",
	}}
	f.manifest = bundle.Manifest{
		SchemaVersion: bundle.SchemaOf(bundle.RunManifest), RunID: fixtureRun, WorldID: fixtureWorld, OS: "linux",
		HrhostVersion: "test", StartedAt: fixtureTime, FinishedAt: fixtureTime, Channel: "spawn_clean",
		SealModes: []string{"self"}, Staging: bundle.Staging{StageRoot: "stage", StageUsed: true},
		SandboxCheckSelf: bundle.SelfCheck{Source: "proc_status", Sandboxed: &no}, PlanID: "test", PlanDigest: bundle.Digest([]byte(fixturePlan)),
		Profiles: []bundle.ProfileEntry{{ID: "sysctl.strict", Family: "sysctl", Path: "profiles/sysctl.strict.sb",
			Digest: bundle.Digest([]byte(fixtureSB)), SealMode: "self", Imports: []bundle.ProfileFile{}}},
		Plugins: []bundle.PluginEntry{{Family: "sysctl", Path: "hrhost-probe-sysctl", Digest: bundle.Digest(nil), Version: "1", Protocol: 1,
			CodeSigning: []bundle.CodeSigning{{Processes: 2, Flags: "0x20003", Meaning: "valid, adhoc, linker_signed",
				Entitlements: []bundle.Entitlement{{Name: "com.example.one", Value: "true"}}, Source: "csops"}}}},
		MediatedOperations: []string{"sysctl-read"}, SharedPolicyEngine: true,
		Hardening: []bundle.Fact{{Name: "dumpable", Value: "0", Source: "prctl"}},
		Containment: bundle.Containment{Landlock: bundle.Landlock{Present: true, ABI: 7, Reads: bundle.ReadsFenced},
			Layers: []bundle.Fact{{Name: "memfd_exec", Value: "yes", Source: "launch"}}, Missing: []string{}},
	}
	f.preflight = bundle.ApplyPreflight{SchemaVersion: bundle.SchemaOf(bundle.Preflight), RunID: fixtureRun, WorldID: fixtureWorld,
		Profile: "(version 1)(allow default)", Status: "ok", ApplyOK: &yes,
		ApplyReport: bundle.ApplyReport{API: "seccomp", RC: &rc, ErrClass: "ok"}, OuterSandbox: bundle.OuterSandbox{Suspected: &no, Facts: []bundle.Fact{}},
		Gated: []bundle.GatedProfile{{ProfileID: "sysctl.strict", Reason: "a reason"}}}
	f.matrix = bundle.Matrix{SchemaVersion: bundle.SchemaOf(bundle.ExpectedMatrixJSON), RunID: fixtureRun, WorldID: fixtureWorld,
		PlanDigest: f.manifest.PlanDigest, Profiles: map[string]bundle.MatrixProfile{"sysctl.strict": {
			Mode: "sbpl", Family: "sysctl", Source: fixtureName, ProfileDigest: bundle.Digest([]byte(fixtureSB)), SealMode: "self"}}}
	counts := bundle.Counts{Profiles: 1, Probes: 2, AsExpected: 2, Attempts: 2, Allow: 1, Deny: 1}
	f.summary = bundle.Summary{SchemaVersion: bundle.SchemaOf(bundle.SummaryJSON), RunID: fixtureRun, WorldID: fixtureWorld, PlanID: "test",
		Channel: "spawn_clean", Status: bundle.StatusOK, Counts: counts, Notes: []bundle.Note{}, Headline: []string{"2 as expected"}}
	packets := map[string]any{"world_id": fixtureWorld, "packets": 0, "by_reason": map[string]int{}}
	f.docs = map[string]any{
		bundle.World: map[string]any{"world_id": fixtureWorld, "os": "linux", "release": "6.1", "build": "", "machine": "amd64",
			"facts": []bundle.Fact{{Name: "kernel", Value: "6.1", Source: "uname"}}},
		bundle.MismatchSummary: packets,
		bundle.PlanResolved: map[string]any{"id": "test", "schema": 1, "path": "/config.toml", "digest": f.manifest.PlanDigest, "os": "linux", "release": "26",
			"run": map[string]any{"out": "out", "channel": "clean", "bus": "private"}, "plugins": nil, "profiles": []any{}},
	}
	f.probe("allowed", "kernel.ostype", lane.Allow)
	f.probe("denied", "kernel.version", lane.Deny)
	return f
}

// probe adds one expectation with a row in each lane.
func (f *fixture) probe(name, target string, v lane.Verdict) {
	filter := lane.Filter{Name: "sysctl-name", Value: target}
	x := lane.Context{RunID: fixtureRun, WorldID: fixtureWorld, PlanDigest: f.manifest.PlanDigest,
		ProfileDigest: bundle.Digest([]byte(fixtureSB)), PluginDigest: bundle.Digest(nil), Family: "sysctl", ProfileID: "sysctl.strict",
		ProbeName: name, ExpectationID: "sysctl.strict:" + name + "@after", Arm: lane.After, Attempt: 1, SealMode: "self",
		Stage: lane.StageOperation, Operation: "sysctl-read", Filter: filter, Carrier: "open /proc/sys/" + target}
	p := f.matrix.Profiles["sysctl.strict"]
	p.Probes = append(p.Probes, bundle.Expectation{ExpectationID: x.ExpectationID, Name: name, Arm: lane.After,
		Operation: "sysctl-read", Filter: filter, Target: target, Expected: string(v), Attempts: 1})
	f.matrix.Profiles = maps.Clone(f.matrix.Profiles)
	f.matrix.Profiles["sysctl.strict"] = p
	rule := ruleOf(fixtureSB, filter)
	result, why, table, errno := lane.Result{Class: lane.OK, API: "open", Value: "Linux"}, lane.NoDenialObserved, 7, 1
	status := "success"
	if v == lane.Deny {
		result = lane.Result{Class: lane.Denied, API: "open", Errno: &errno, ErrnoName: "EPERM"}
		why, table, status = lane.PrimaryOpDenied, 6, "errno"
	}
	f.baseline = append(f.baseline, lane.BaselineRow{Context: x, Name: "baseline:sysctl.strict:" + name, RuntimeStatus: "success",
		State: lane.Done, End: lane.Returned, Result: lane.Result{Class: lane.OK, API: "open"}, Effect: lane.EffectUnobservable, PID: 9})
	f.witness = append(f.witness, lane.WitnessRow{Context: x, Seq: int64(len(f.witness)) + 1, Time: fixtureTime, Epoch: 1, PID: 10, TID: 10,
		Syscall: "openat", Object: "exists", Verdict: v, By: lane.ByPolicy, Rule: rule, How: "inject"})
	f.runtime = append(f.runtime, lane.RuntimeRow{Context: x, RuntimeStatus: status, State: lane.Done, End: lane.Returned, Result: result,
		Effect: lane.EffectUnobservable, PID: 10, StartedAt: fixtureTime, Attribution: "plugin_claimed",
		Decision: lane.Decision{Verdict: &v, Rule: table, Reason: why, Tier: lane.TierWitnessed, ReachedPrimaryOp: true, PolicyRule: rule, RuleSource: "witness"}})
	f.oracle = append(f.oracle, lane.OracleRow{Context: x, Source: "sbpl-model", Prediction: string(v), Rule: rule,
		Calibration: "not_needed", SharedPolicyEngine: true})
}

// fixturePolicies are the profiles of fixtures, by their text.
var fixturePolicies sync.Map

// saw adds a row of the witness, as the next one of its process.
func (f *fixture) saw(w lane.WitnessRow) {
	w.Seq = f.witness[len(f.witness)-1].Seq + 1
	f.witness = append(f.witness, w)
}

// ruleOf is the rule by which a profile decides about a sysctl, as a run names it.
func ruleOf(profile string, f lane.Filter) *lane.RuleRef {
	p, ok := fixturePolicies.Load(profile)
	if !ok {
		made, err := sbpl.Compile([]byte(profile), sbpl.Options{Name: fixtureName, Linux: true})
		if err != nil {
			panic(err)
		}
		p, _ = fixturePolicies.LoadOrStore(profile, made)
	}
	d := p.(*sbpl.Policy).Decide(sbpl.Query{Operation: "sysctl-read", Filters: []sbpl.Filter{sbpl.Filter(f)}})
	return enforce.RuleRef(&d)
}

// resolve draws up the plan and what was resolved of it from the matrix, unless a test
// did so before it bent one of them.
func (f *fixture) resolve() {
	doc := f.docs[bundle.PlanResolved].(map[string]any)
	if len(doc["profiles"].([]any)) > 0 {
		return
	}
	text := f.toml()
	p, err := plan.Parse("/config.toml", text, func(string) ([]byte, error) { return standIn, nil }, plan.Options{OS: f.manifest.OS, AsWritten: f.version(bundle.PlanResolved) < 2})
	if err != nil {
		panic(err)
	}
	for i := range p.Profiles {
		r := &p.Profiles[i]
		r.File, r.Digest = "/"+r.Source, f.matrix.Profiles[r.ID].ProfileDigest
	}
	var drawn map[string]any
	if err := json.Unmarshal(p.Resolved(), &drawn); err != nil {
		panic(err)
	}
	doc["profiles"] = drawn["profiles"]
	if f.files[bundle.PlanTOML] == fixturePlan {
		f.files[bundle.PlanTOML] = string(text)
		f.planned(p.Digest)
	}
}

// profiles are those of the matrix, in the order of the rows.
func (f *fixture) profiles() (ids []string) {
	for _, row := range f.runtime {
		if _, ok := f.matrix.Profiles[row.ProfileID]; ok && !slices.Contains(ids, row.ProfileID) {
			ids = append(ids, row.ProfileID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.matrix.Profiles)) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// toml is the plan that has the matrix.
func (f *fixture) toml() []byte {
	b := []byte("schema = 1\nid = \"test\"\n")
	if pin := f.docs[bundle.PlanResolved].(map[string]any)["world"]; pin != nil {
		b = fmt.Appendf(b, "world = %q\n", pin)
	}
	for _, id := range f.profiles() {
		m := f.matrix.Profiles[id]
		b = fmt.Appendf(b, "[[profile]]\nid = %q\nfamily = %q\nsource = %q\nseal = %q\n", id, m.Family, m.Source, m.SealMode)
		if m.SealMode == "wrap" {
			b = fmt.Appendf(b, "wrap = [\"{plugin}\", \"{socket_dir}\"]\n")
		}
		for name, value := range f.params {
			b = fmt.Appendf(b, "params = { %s = %q }\n", name, value)
		}
		if s := m.Sweep; s != nil {
			b = fmt.Appendf(b, "sweep = { op = %q, filter = %q }\n", s.Operation, s.Filter)
			continue
		}
		b = fmt.Appendf(b, "probes = [\n")
		for _, e := range m.Probes {
			b = fmt.Appendf(b, "{ id = %q, op = %q, target = %q, filter = %q, expect = %q, absent = %t },\n",
				e.Name, e.Operation, e.Target, e.Filter.Name, e.Expected, f.absent && e.Expected == "deny")
		}
		b = fmt.Appendf(b, "]\n")
	}
	if f.docs[bundle.PlanResolved].(map[string]any)["plugins"] != nil {
		b = fmt.Appendf(b, "[plugin.sysctl]\noptions = { a = 1 }\n")
	}
	return b
}

// planned gives the plan's digest to all that have it.
func (f *fixture) planned(digest string) {
	old := bundle.Digest([]byte(fixturePlan))
	put := func(at *string) {
		if *at == old {
			*at = digest
		}
	}
	put(&f.manifest.PlanDigest)
	put(&f.matrix.PlanDigest)
	doc := f.docs[bundle.PlanResolved].(map[string]any)
	if doc["digest"] == old {
		doc["digest"] = digest
	}
	for i := range f.baseline {
		put(&f.baseline[i].PlanDigest)
	}
	for i := range f.witness {
		put(&f.witness[i].PlanDigest)
	}
	for i := range f.runtime {
		put(&f.runtime[i].PlanDigest)
	}
	for i := range f.oracle {
		put(&f.oracle[i].PlanDigest)
	}
	for _, p := range f.packets {
		if base, ok := p.(map[string]any)["baseline"].(lane.BaselineRow); ok {
			put(&base.PlanDigest)
			p.(map[string]any)["baseline"] = base
		}
	}
}

// write commits the fixture into a fresh directory and returns it.
func (f *fixture) write(t testing.TB) string {
	t.Helper()
	f.resolve()
	w, err := bundle.Create(t.TempDir(), fixtureRun)
	must(t, err)
	if f.summary.Families = f.families; f.families == nil {
		f.summary.Families = map[string]bundle.Counts{"sysctl": f.summary.Counts}
	}
	must(t, w.Document(bundle.RunManifest, f.manifest))
	must(t, w.Document(bundle.ExpectedMatrixJSON, f.matrix))
	must(t, w.Document(bundle.Preflight, f.preflight))
	must(t, w.Document(bundle.SummaryJSON, f.summary))
	for name, v := range f.docs {
		must(t, w.Document(name, v))
	}
	for name, text := range f.files {
		out, err := w.File(name)
		must(t, err)
		out.Write([]byte(text))
	}
	world := f.manifest.WorldID
	writeRows(t, w, bundle.BaselineResults, world, f.baseline)
	writeRows(t, w, bundle.RuntimeResults, world, f.runtime)
	writeRows(t, w, bundle.OracleResults, world, f.oracle)
	var events []bundle.Event
	for _, row := range f.runtime {
		events = append(events, f.event(row))
	}
	if f.events != nil {
		f.events(events)
	}
	writeRows(t, w, bundle.RuntimeEvents, world, events)
	writeLines(t, w, bundle.WitnessEvents, f.witness)
	writeLines(t, w, bundle.MismatchPackets, f.packets)
	if len(f.targets) > 0 {
		writeLines(t, w, bundle.SweepTargets, f.targets)
	}
	dir, err := w.Commit()
	must(t, err)
	for name := range f.versions {
		f.restate(t, dir, name)
	}
	return dir
}

// version is the version of a document that the fixture is written with.
func (f *fixture) version(name string) int {
	if v := f.versions[name]; v > 0 {
		return v
	}
	return bundle.Version(name)
}

// restate puts another version into a document and into the index.
func (f *fixture) restate(t testing.TB, dir, name string) {
	t.Helper()
	ours, other := bundle.SchemaOf(name), bundle.SchemaAt(name, f.version(name))
	text, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	must(t, err)
	text = bytes.ReplaceAll(text, []byte(ours), []byte(other))
	must(t, os.WriteFile(filepath.Join(dir, name), text, 0o644))
	if name == bundle.ArtifactIndex {
		return
	}
	reindex(t, dir, func(index *bundle.Index) {
		for i := range index.Artifacts {
			if e := &index.Artifacts[i]; e.Path == name {
				e.SchemaVersion, e.Size = &other, int64(len(text))
				e.SHA256 = strings.TrimPrefix(bundle.Digest(text), "sha256:")
			}
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// event restates a row as a run does.
func (f *fixture) event(row lane.RuntimeRow) bundle.Event {
	exp := bundle.Expectation{Expected: "any", Target: row.Filter.Value}
	for _, e := range f.matrix.Profiles[row.ProfileID].Probes {
		if e.ExpectationID == row.ExpectationID {
			exp = e
		}
	}
	var met *bool
	if v := row.Decision.Verdict; v != nil {
		met = new(exp.Expected == "any" || exp.Expected == string(*v))
	}
	return bundle.Normalize(row, exp, met)
}

// writeRows writes an array document.
func writeRows[T any](t testing.TB, w *bundle.Writer, name, world string, rows []T) {
	t.Helper()
	a, err := w.Array(name, map[string]string{"world_id": world})
	must(t, err)
	for _, row := range rows {
		must(t, a.Append(row))
	}
}

// writeLines writes a .jsonl document.
func writeLines[T any](t testing.TB, w *bundle.Writer, name string, rows []T) {
	t.Helper()
	l, err := w.Lines(name)
	must(t, err)
	for _, row := range rows {
		must(t, l.Append(row))
	}
}

// pure leaves a test out under -short, which goes with the race detector in `make
// test`: it has no threads, and TestVerifyFindsBentRuns goes the same ways.
func pure(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("run without -short")
	}
}
