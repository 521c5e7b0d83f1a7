package verify

import (
	"fmt"

	"github.com/hrhost/hrhost/host/bundle"
)

// Report is what Bundle found.
type Report struct {
	Dir          string      `json:"dir"`
	Kind         bundle.Kind `json:"kind"`
	RunID        string      `json:"run_id"`
	WorldID      string      `json:"world_id"`
	BundleDigest string      `json:"bundle_digest"` // of the index, RFC 8785
	Files        int         `json:"files"`         // listed in the index
	Valid        bool        `json:"valid"`
	Findings     []Finding   `json:"findings"`
	Omitted      int         `json:"omitted_findings"` // beyond the first 100
	Promotable   bool        `json:"promotable"`
	Conditions   []Condition `json:"conditions"`
}

// Condition is one of the things that must hold for a run to be promoted.
type Condition struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Why  string `json:"why"`
}

// Bundle checks the bundle that dir means (see Resolve) and whether the run may
// be promoted. The bundle is untrusted: whatever is wrong with it becomes a
// finding, and nothing is written. The error is about dir itself.
func Bundle(dir string) (Report, error) {
	real, err := bundle.Resolve(dir)
	if err != nil {
		return Report{}, err
	}
	root, err := bundle.OpenRoot(real)
	if err != nil {
		return Report{}, fmt.Errorf("opening bundle: %w", err)
	}
	defer root.Close()
	report := Report{Dir: real, Kind: bundle.KindRun, Findings: []Finding{}}
	b := &opened{root: root}
	readable, found := b.readIndex()
	report.RunID, report.WorldID, report.BundleDigest = b.index.RunID, b.index.WorldID, b.digest
	report.Files = len(b.index.Artifacts)
	switch {
	case !readable:
		report.Conditions = conditions(b, noEvidence(b), &found)
	case isSelfTest(b):
		report.Kind, report.Conditions = bundle.KindSelfTest, []Condition{}
		found.join(selfTest(b))
	default:
		found.join(files(b, bundle.Required(bundle.KindRun)))
		found.join(b.documents())
		ev, wrong := crossReferences(b)
		found.join(wrong)
		report.Conditions = conditions(b, &ev, &found)
	}
	report.Findings, report.Omitted = append(report.Findings, found.list...), found.omitted
	report.Valid = len(report.Findings) == 0
	report.Promotable = allHold(report.Conditions)
	return report, nil
}
