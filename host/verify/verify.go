package verify

import (
	"fmt"
	"hash/maphash"

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

// checker is one verification on its way.
type checker struct {
	b     *opened
	found findings

	planned   map[string]*tally  // by expectation id
	ledgers   map[string]*ledger // of sweeps, by profile
	plugins   map[[2]string]bool
	witnessed map[attemptOp]verdicts
	fenced    map[attemptKey]bool // attempts during which containment refused a call
	rules     map[ruleKey]ruleSet
	several   map[given]bool
	restated  map[attemptKey]uint64 // what the flat event of an attempt must be, as a hash
	seed      maphash.Seed
	families  map[string]*familyTally
	oracle    oracleTally
	rows      bundle.Counts
	skipped   int    // expectations that this world cannot do
	reached   bool   // some attempt reached its operation
	unborne   string // the first attempt that the witness does not bear out
	packets   packetTally
	review    reviewer
	order     ordering
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
	c := &checker{b: b, found: found}
	switch {
	case !readable:
		report.Conditions = c.conditions()
	case isSelfTest(b):
		report.Kind, report.Conditions = bundle.KindSelfTest, []Condition{}
		c.found.join(selfTest(b))
	default:
		c.found.join(files(b, bundle.Required(bundle.KindRun)))
		c.found.join(b.documents())
		c.crossReferences()
		report.Conditions = c.conditions()
	}
	report.Findings, report.Omitted = append(report.Findings, c.found.list...), c.found.omitted
	report.Valid = len(report.Findings) == 0
	report.Promotable = allHold(report.Conditions)
	return report, nil
}

// find records a finding.
func (c *checker) find(check, path, format string, args ...any) {
	c.found.add(check, path, format, args...)
}
