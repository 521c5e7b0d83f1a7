package bundle

import (
	"maps"
	"slices"

	"github.com/hrhost/hrhost/host/lane"
)

// MatrixSweep is what is swept under a profile. Its expectations are not in the
// matrix: each target in sweep_targets.jsonl is one, named by its number, and
// nothing is expected of it.
type MatrixSweep struct {
	Operation string `json:"operation"`
	Filter    string `json:"filter"`
	Match     string `json:"match"` // "" for all
	Limit     int    `json:"limit"` // 0 for all
}

// SweepTarget is a row of sweep_targets.jsonl: one target that the plugin listed
// and that the sweep is about, in the order of the listing. The rows of the
// lanes name it profile:number@after.
type SweepTarget struct {
	SchemaVersion string `json:"schema_version"`
	ProfileID     string `json:"profile_id"`
	Number        int    `json:"number"` // from 1
	Target        string `json:"target"`
}

// SweepDocument is sweep.json.
type SweepDocument struct {
	SchemaVersion string        `json:"schema_version"`
	RunID         string        `json:"run_id"`
	WorldID       string        `json:"world_id"`
	Sweeps        []SweepResult `json:"sweeps"`
}

// SweepResult is a sweep in short. Allowed, Denied and Other add up to Targets.
type SweepResult struct {
	ProfileID string `json:"profile_id"`
	Family    string `json:"family"`
	MatrixSweep
	Listed    int          `json:"listed"`  // by the plugin, whether they match or not
	Targets   int          `json:"targets"` // that the sweep is about
	Allowed   int          `json:"allowed"`
	Denied    int          `json:"denied"`
	Other     int          `json:"other"` // without a decision
	Groups    []SweepGroup `json:"groups"`
	Processes int          `json:"processes"` // sealed ones; more than one when some died

	// What it cost. Sealed is the time of the attempts in the sealed process,
	// from the first order to the last answer, without any launch; Evidence is
	// that of the decisions and the rows on disk.
	ListUS     int64 `json:"list_us"`
	BaselineUS int64 `json:"baseline_us"`
	SealedUS   int64 `json:"sealed_us"`
	EvidenceUS int64 `json:"evidence_us"`
	LaunchUS   int64 `json:"launch_us"`   // of the sealed processes until they were sealed, together
	PerSecond  int64 `json:"per_second"`  // targets by Sealed
	PluginPeak int64 `json:"plugin_peak"` // bytes resident, of the sealed process; 0: not known
	HostPeak   int64 `json:"host_peak"`   // when the sweep ended

	groups map[string]*SweepGroup
}

// SweepGroup is the targets that one rule decided, or that have no decision for
// one reason.
type SweepGroup struct {
	Verdict  *lane.Verdict `json:"decision"`
	Rule     *lane.RuleRef `json:"rule"`
	Reason   string        `json:"decision_path"`
	Targets  int           `json:"targets"`
	Examples []string      `json:"examples"` // the first few
}

// maxExamples is how many targets of a group are named.
const maxExamples = 3

// Count adds the decision about one more target.
func (r *SweepResult) Count(d lane.Decision, target string) {
	g := SweepGroup{Verdict: d.Verdict, Reason: string(d.Reason)}
	key := g.Reason
	switch {
	case d.Verdict == nil:
		r.Other++
	case *d.Verdict == lane.Allow:
		r.Allowed++
	default:
		r.Denied++
	}
	if d.Verdict != nil {
		key = string(*d.Verdict)
		if g.Rule = d.PolicyRule; g.Rule != nil {
			key += " " + spotOf(g.Rule)
		}
	}
	if r.groups == nil {
		r.groups = map[string]*SweepGroup{}
	}
	if r.groups[key] == nil {
		r.groups[key] = &g
	}
	known := r.groups[key]
	if known.Targets++; len(known.Examples) < maxExamples {
		known.Examples = append(known.Examples, target)
	}
}

// spotOf is a rule's place as a group is sorted by it: of older bundles, whose
// defaults stand in the profile, the one that they give.
func spotOf(r *lane.RuleRef) string {
	if r.File == "" {
		return r.Place()
	}
	return (&lane.RuleRef{File: r.File, Line: r.Line, Col: r.Col}).Place()
}

// Group fills in the groups of what was counted, the largest first.
func (r *SweepResult) Group() {
	r.Groups = []SweepGroup{}
	for _, key := range slices.Sorted(maps.Keys(r.groups)) {
		r.Groups = append(r.Groups, *r.groups[key])
	}
	slices.SortStableFunc(r.Groups, func(a, b SweepGroup) int { return b.Targets - a.Targets })
}
