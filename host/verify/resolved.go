package verify

import (
	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/text"
)

// resolvedPlan is what verification reads of plan.resolved.json.
type resolvedPlan struct {
	ID       string `json:"id"`
	World    string `json:"world"`
	Digest   string `json:"digest"`
	Manifest struct {
		Digest string `json:"digest"`
	} `json:"world_manifest"`
	OS       string            `json:"os"`
	Release  string            `json:"release"`
	Profiles []resolvedProfile `json:"profiles"`

	byID map[string]*resolvedProfile // once it was asked for
}

// profile finds one by its id, the first if there are several, nil for none.
func (p *resolvedPlan) profile(id string) *resolvedProfile {
	if p.byID == nil {
		p.byID = firstBy(p.Profiles, func(r *resolvedProfile) string { return r.ID })
	}
	return p.byID[id]
}

// firstBy finds elements by their names: a hostile list is long.
func firstBy[T any](list []T, name func(*T) string) map[string]*T {
	out := make(map[string]*T, len(list))
	for i := range list {
		if e := &list[i]; out[name(e)] == nil {
			out[name(e)] = e
		}
	}
	return out
}

type resolvedProfile struct {
	ID      string            `json:"id"`
	Family  string            `json:"family"`
	Source  string            `json:"source"`
	File    string            `json:"file"`
	Params  map[string]string `json:"params"`
	Gate    string            `json:"gate"`
	Digest  string            `json:"digest"`
	Seal    string            `json:"seal"`
	Acquire string            `json:"acquire"`
	Repeat  int               `json:"repeat"`
	Probes  []resolvedProbe   `json:"probes"`
	Sweep   *struct {
		Operation string `json:"op"`
		Filter    string `json:"filter"`
		Match     string `json:"match"`
		Limit     int    `json:"limit"`
	} `json:"sweep"`
}

type resolvedProbe struct {
	ID           string `json:"id"`
	Operation    string `json:"op"`
	Target       string `json:"target"`
	Filter       string `json:"filter"`
	Expect       string `json:"expect"`
	ExpectBefore string `json:"expect_before"`
	Skip         bool   `json:"skip"`
	Absent       bool   `json:"absent"`
}

// arms are those on which a profile has a probe attempted. One that expects
// nothing to be there has nothing to hold.
func (p *resolvedProfile) arms(probe resolvedProbe) []lane.Arm {
	switch {
	case probe.Expect == "absent" || p.Acquire == "after":
		return []lane.Arm{lane.After}
	case p.Acquire == "before":
		return []lane.Arm{lane.Before}
	}
	return []lane.Arm{lane.After, lane.Before, lane.Again}
}

// expectations are what the matrix must have of the profile.
func (p *resolvedProfile) expectations() map[string]bundle.Expectation {
	out := map[string]bundle.Expectation{}
	for _, probe := range p.Probes {
		for _, arm := range p.arms(probe) {
			e := bundle.Expectation{
				ExpectationID: p.ID + ":" + probe.ID + "@" + string(arm), Name: probe.ID, Arm: arm, Operation: probe.Operation,
				Filter: lane.Filter{Name: probe.Filter, Value: probe.Target}, Target: probe.Target,
				Expected: probe.Expect, Attempts: max(1, p.Repeat), Skipped: probe.Skip,
			}
			if arm == lane.Before {
				e.Expected = probe.ExpectBefore
			}
			out[e.ExpectationID] = e
		}
	}
	return out
}

// matrixIsPlan holds the matrix against the plan as it was resolved: whatever was
// planned is expected, and nothing else is.
func matrixIsPlan(matrix bundle.Matrix, resolved *resolvedPlan) (found findings) {
	planned := map[string]bool{}
	for _, p := range resolved.Profiles {
		m, ok := matrix.Profiles[p.ID]
		if !ok || planned[p.ID] {
			found.add("plan", "profile_missing", bundle.ExpectedMatrixJSON,
				"profile %q of the plan is not there, or is planned twice", text.Brief(p.ID))
			continue
		}
		planned[p.ID] = true
		if m.Family != p.Family || m.Source != p.Source || m.ProfileDigest != p.Digest || m.SealMode != p.Seal {
			found.add("plan", "profile_not_plans", bundle.ExpectedMatrixJSON,
				"profile %q is not the plan's", text.Brief(p.ID))
		}
		if (m.Sweep == nil) != (p.Sweep == nil) || m.Sweep != nil && *m.Sweep != bundle.MatrixSweep(*p.Sweep) {
			found.add("plan", "sweep_not_plans", bundle.ExpectedMatrixJSON,
				"the sweep of profile %q is not the plan's", text.Brief(p.ID))
		}
		want := p.expectations()
		for _, e := range m.Probes {
			if want[e.ExpectationID] != e {
				found.add("plan", "expectation_not_plans", bundle.ExpectedMatrixJSON,
					"%q is not what the plan expects", text.Brief(e.ExpectationID))
			}
			delete(want, e.ExpectationID)
		}
		for _, id := range sortedKeys(want) {
			found.add("plan", "expectation_missing", bundle.ExpectedMatrixJSON,
				"%q of the plan is not there", text.Brief(id))
		}
	}
	for _, id := range sortedKeys(matrix.Profiles) {
		if !planned[id] {
			found.add("plan", "profile_unplanned", bundle.ExpectedMatrixJSON,
				"profile %q is not in the plan", text.Brief(id))
		}
	}
	return found
}
