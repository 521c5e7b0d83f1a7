package verify

import (
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// manifests pins a world of the predecessor's form, and names a manifest file whose
// digest begins with other digits, or the same.
func (f *fixture) manifests(digits string) {
	f.pinned(f.manifest.WorldID + "-dyld-2c0602c5")
	digest := "sha256:" + digits + strings.Repeat("0", 56)
	f.docs[bundle.PlanResolved].(map[string]any)["world_manifest"] = map[string]any{"path": "/w.json", "digest": digest}
}

// pinned pins a world.
func (f *fixture) pinned(pin string) {
	f.manifest.WorldPin, f.docs[bundle.PlanResolved].(map[string]any)["world"] = pin, pin
}

// TestPromotable breaks one condition at a time; the others hold, and the
// bundle stays valid.
func TestPromotable(t *testing.T) {
	yes := true
	tests := []struct {
		condition string
		bend      func(f *fixture)
	}{
		{"", func(*fixture) {}},
		{"clean_channel", func(f *fixture) { f.manifest.Channel, f.summary.Channel = "direct", "direct" }},
		{"self_check_not_sandboxed", func(f *fixture) { f.manifest.SandboxCheckSelf.Sandboxed = nil }},
		{"self_check_not_sandboxed", func(f *fixture) { f.manifest.SandboxCheckSelf.Sandboxed = &yes }},
		{"preflight_ok", func(f *fixture) { f.preflight.ApplyOK = nil }},
		{"preflight_ok", func(f *fixture) { f.preflight.Status = "blocked" }},
		{"probes_accounted", func(f *fixture) {
			row := &f.runtime[0]
			row.State, row.End, row.RuntimeStatus = lane.Attempting, lane.Died, "died"
			unborne(f, lane.ProbeDied, 4)
		}},
		{"decisions_at_operation", func(f *fixture) { f.runtime[0].Stage, f.runtime[1].Stage = lane.StagePrepare, lane.StageApply }},
		{"oracle_calibrated", func(f *fixture) { f.oracle[1].Calibration = "uncalibrated" }},
		{"no_reattached_plugin", func(f *fixture) { f.manifest.Plugins[0].Reattached = true }},
		{"plugins_well_behaved", func(f *fixture) {
			f.manifest.Plugins[0].Faults = []string{"sysctl, profile p: protocol violation: a flood of events"}
		}},
		{"claims_borne_out", func(f *fixture) { unborne(f, lane.OpNotWitnessed, 14) }},
		{"claims_borne_out", func(f *fixture) { unborne(f, lane.CapturePipelineDisagreement, 5) }},
		{"claims_borne_out", func(f *fixture) {
			f.wrapped()
			d := &f.runtime[0].Decision
			d.Tier, d.Rule, d.RuleSource = lane.TierInferred, 17, lane.SBPLModel
		}},
		{"landlock_layer", func(f *fixture) { f.manifest.Containment.Landlock = bundle.Landlock{} }},
		{"landlock_layer", func(f *fixture) { f.manifest.Containment.Landlock.Reads = "not contained: too late" }},
		{"landlock_layer", func(f *fixture) { f.manifest.Containment.Landlock.Reads = "" }}, // of before there was a fence
		{"world_matches_pin", func(f *fixture) { f.pinned("sonoma-14.4.1-23E224-arm64-dyld-2c0602c5") }},
		{"", func(f *fixture) { f.manifests("2c0602c5") }},
		{"world_matches_pin", func(f *fixture) { f.manifests("2c0602c6") }},
	}
	for _, tt := range tests {
		f := newFixture()
		tt.bend(f)
		r, got := verifyBent(t, f.write(t))
		if !r.Valid {
			t.Errorf("%s: not valid:\n%s", tt.condition, got)
		}
		if r.Promotable != (tt.condition == "") {
			t.Errorf("%s: promotable is %v", tt.condition, r.Promotable)
		}
		for _, c := range r.Conditions {
			if c.OK != (c.Name != tt.condition) {
				t.Errorf("with %q broken, %s is %v: %s", tt.condition, c.Name, c.OK, c.Why)
			}
			if c.Why == "" {
				t.Errorf("%s gives no reason", c.Name)
			}
		}
	}
}

// TestFindingsForbidPromotion contradicts a count in the summary, on which no
// other condition rests.
func TestFindingsForbidPromotion(t *testing.T) {
	f := newFixture()
	f.summary.Counts.Allow, f.summary.Counts.Deny = f.summary.Counts.Deny+1, f.summary.Counts.Allow-1
	r, got := verifyBent(t, f.write(t))
	if r.Valid || r.Promotable {
		t.Errorf("valid is %v, promotable is %v, want neither:\n%s", r.Valid, r.Promotable, got)
	}
	for _, c := range r.Conditions {
		if c.OK != (c.Name != "no_findings") {
			t.Errorf("%s is %v: %s", c.Name, c.OK, c.Why)
		}
	}
}

// wrapped puts the run under a wrapper.
func (f *fixture) wrapped() {
	p := f.matrix.Profiles["sysctl.strict"]
	p.SealMode, f.manifest.Profiles[0].SealMode, f.manifest.SealModes = "wrap", "wrap", []string{"wrap"}
	f.matrix.Profiles["sysctl.strict"] = p
	for i := range f.runtime {
		f.baseline[i].SealMode, f.runtime[i].SealMode, f.witness[i].SealMode, f.oracle[i].SealMode = "wrap", "wrap", "wrap", "wrap"
	}
}

// unborne takes the first row's decision away: its claim and the witness do not
// go together.
func unborne(f *fixture, why lane.Reason, rule int) {
	f.runtime[0].Decision = lane.Decision{Rule: rule, Reason: why, Tier: lane.TierNone, FailureStage: new(lane.StageOperation), ReachedPrimaryOp: rule == 5}
	p := f.packetOf(0, why, "allow")
	f.packets, f.summary.Status = append(f.packets, p), bundle.StatusPartial
	f.docs[bundle.MismatchSummary] = map[string]any{"world_id": fixtureWorld, "packets": 1, "by_reason": map[string]int{string(why): 1}}
	c := &f.summary.Counts
	c.Allow, c.None, c.AsExpected, c.Undecided = 0, 1, 1, 1
}
