package verify

import (
	"fmt"
	"hash/maphash"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/world"
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

// Finding is one thing wrong with a bundle.
type Finding struct {
	Check   string `json:"check"` // index, files, digest, schema, identity, accounting, policy, ...
	Path    string `json:"path"`
	Message string `json:"message"`
}

// Condition is one of the things that must hold for a run to be promoted.
type Condition struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Why  string `json:"why"`
}

// maxFindings bounds the report on a hostile bundle.
const maxFindings = 100

// checker is one verification on its way.
type checker struct {
	root     *bundle.Root
	report   *Report
	listed   map[string]bundle.IndexEntry
	integral bool // index, files, digests and schemas are fine so far

	manifest  bundle.Manifest
	matrix    bundle.Matrix
	resolved  resolvedPlan
	world     world.World
	preflight bundle.ApplyPreflight
	status    bundle.RunStatus
	summary   bundle.Summary
	planned   map[string]*tally  // by expectation id
	ledgers   map[string]*ledger // of sweeps, by profile
	swept     bundle.SweepDocument
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
	c := &checker{root: root, report: &report, integral: true}
	switch {
	case !c.index():
		c.promotability()
	case c.isSelfTest():
		c.selfTest()
	default:
		c.files(bundle.Required(bundle.KindRun))
		c.documents()
		c.crossReferences()
		c.promotability()
	}
	report.Valid = len(report.Findings) == 0
	return report, nil
}

// find records a finding.
func (c *checker) find(check, path, format string, args ...any) {
	switch check {
	case "index", "files", "digest", "schema":
		c.integral = false
	case "policy":
		c.review.found = true
	}
	if len(c.report.Findings) >= maxFindings {
		c.report.Omitted++
		return
	}
	c.report.Findings = append(c.report.Findings, Finding{check, path, fmt.Sprintf(format, args...)})
}
