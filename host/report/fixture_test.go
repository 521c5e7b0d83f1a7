package report

import (
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// must stops the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// strange gives the strings that a fixture's plugins and profiles control.
type strange struct{ probe, target, value, explain, detail string }

// plain is a fixture's ordinary strings.
var plain = strange{"allowed", "kernel.ostype", "Linux\n", "The rule denies it.", "no such plugin"}

// writeRun fills a bundle's documents with four probes, one of each outcome.
func writeRun(t testing.TB, s strange) *bundle.Writer {
	t.Helper()
	const run, worldID, at = "20261123T165330Z-7f3a", "linux-6.1.0-debian12-amd64", "2026-11-23T16:53:30.000000000Z"
	w, err := bundle.Create(t.TempDir(), run)
	must(t, err)
	no, yes := false, true
	must(t, w.Document(bundle.RunManifest, bundle.Manifest{
		WorldID: worldID, RunID: run, SchemaVersion: bundle.SchemaOf(bundle.RunManifest), OS: "linux", HrhostVersion: "v0",
		StartedAt: at, FinishedAt: at, Channel: "spawn_clean", PlanID: "test.v1", PlanDigest: bundle.Digest(nil),
		SandboxCheckSelf:   bundle.SelfCheck{Source: "proc_status", Sandboxed: &no, Detail: s.detail},
		Profiles:           []bundle.ProfileEntry{{ID: "sysctl.strict"}},
		Plugins:            []bundle.PluginEntry{{Family: "sysctl", Path: "hrhost-probe-sysctl", Digest: bundle.Digest(nil)}},
		MediatedOperations: []string{"sysctl-read"},
		Containment: bundle.Containment{Landlock: bundle.Landlock{Present: true, ABI: 7, Reads: bundle.ReadsFenced},
			Layers: []bundle.Fact{{Name: "memfd_exec", Value: "yes", Source: "launch"}}, Missing: []string{s.detail}},
	}))
	must(t, w.Document(bundle.Preflight, bundle.ApplyPreflight{SchemaVersion: bundle.SchemaOf(bundle.Preflight), RunID: run, Status: "ok", ApplyOK: &yes}))
	must(t, w.Document(bundle.SummaryJSON, bundle.Summary{SchemaVersion: bundle.SchemaOf(bundle.SummaryJSON), RunID: run, WorldID: worldID,
		Status: bundle.StatusPartial, Counts: bundle.Counts{Profiles: 1, Probes: 4, AsExpected: 1, Mismatches: 1, Undecided: 1, Skipped: 1},
		Notes: []bundle.Note{}, Headline: []string{"1 of 4 probes as expected: see " + s.probe}}))
	writeLanes(t, w, s)
	return w
}

// writeLanes writes the matrix and the rows.
func writeLanes(t testing.TB, w *bundle.Writer, s strange) {
	t.Helper()
	profile := bundle.MatrixProfile{Mode: "sbpl", Family: "sysctl", Source: "sb/sysctl_strict.sb", SealMode: "self"}
	runtime := array(t, w, bundle.RuntimeResults)
	baseline := array(t, w, bundle.BaselineResults)
	oracle := array(t, w, bundle.OracleResults)
	packets, err := w.Lines(bundle.MismatchPackets)
	must(t, err)
	allow, deny, signal := lane.Allow, lane.Deny, 11
	rule := &lane.RuleRef{File: "sb/sysctl_strict.sb", Line: 4, Col: 1}
	add := func(name, expected string, row lane.RuntimeRow, reason string) {
		id := "sysctl.strict:" + name + "@after"
		profile.Probes = append(profile.Probes, bundle.Expectation{ExpectationID: id, Name: name, Arm: lane.After,
			Operation: "sysctl-read", Target: s.target, Expected: expected, Attempts: 1})
		row.Context = lane.Context{ExpectationID: id, ProfileID: "sysctl.strict", Carrier: "open /proc/sys/" + s.target}
		row.DurationUS = 1500
		must(t, runtime.Append(row))
		must(t, baseline.Append(lane.BaselineRow{Context: row.Context, RuntimeStatus: "success", Result: lane.Result{Class: lane.OK, Value: s.value}}))
		must(t, oracle.Append(lane.OracleRow{Context: row.Context, Source: "sbpl-model", Prediction: "allow", Rule: rule}))
		if reason != "" {
			must(t, packets.Append(map[string]any{"expectation_id": id, "mismatch_reason": reason,
				"decision_event": map[string]any{"decision_record": row.Decision},
				"explain":        []string{s.explain}, "reproduce": "hrhost try sb/sysctl_strict.sb sysctl-read " + s.target}))
		}
	}
	ok := lane.Result{Class: lane.OK, Value: s.value}
	add(s.probe, "allow", lane.RuntimeRow{RuntimeStatus: "success", Result: ok, Decision: lane.Decision{
		Verdict: &allow, Reason: lane.NoDenialObserved, Tier: lane.TierWitnessed, PolicyRule: rule}}, "")
	add("wrong", "allow", lane.RuntimeRow{RuntimeStatus: "errno", Result: lane.Result{Class: lane.Denied, ErrnoName: "EPERM"},
		Decision: lane.Decision{Verdict: &deny, Reason: lane.PrimaryOpDenied, Tier: lane.TierWitnessed}}, "unexpected_deny")
	add("crashed", "deny", lane.RuntimeRow{RuntimeStatus: "died", Result: lane.Result{Class: lane.NoResult, Signal: &signal},
		Decision: lane.Decision{Reason: lane.ProbeDied, Tier: lane.TierNone}}, "probe_died")
	add("elsewhere", "allow", lane.RuntimeRow{RuntimeStatus: "unsupported", Result: lane.Result{Class: lane.NoResult},
		Decision: lane.Decision{Reason: lane.UnsupportedOnWorld, Tier: lane.TierNone}}, "")
	must(t, runtime.Close())
	must(t, baseline.Close())
	must(t, oracle.Close())
	must(t, packets.Close())
	must(t, w.Document(bundle.ExpectedMatrixJSON, bundle.Matrix{SchemaVersion: bundle.SchemaOf(bundle.ExpectedMatrixJSON), RunID: w.RunID(),
		Profiles: map[string]bundle.MatrixProfile{"sysctl.strict": profile}}))
}

// array opens a document of rows.
func array(t testing.TB, w *bundle.Writer, name string) *bundle.ArrayWriter {
	t.Helper()
	a, err := w.Array(name, map[string]string{"world_id": "w"})
	must(t, err)
	return a
}
