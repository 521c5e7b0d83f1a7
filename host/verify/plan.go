package verify

import (
	"slices"
	"sort"
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// tally is what the rows say about one expectation.
type tally struct {
	bundle.Expectation
	profile  string
	family   string
	digest   string
	seal     string
	place    int         // among the profile's expectations
	attempts map[int]int // the row of each, by its place in rows
	baseline int
	base     *lane.BaselineRow // with rows and oracle: what it is judged by
	rows     []lane.RuntimeRow
	oracle   []lane.OracleRow
	judged   *bool  // whether the attempts are as expected, once that was asked
	entry    *entry // of a sweep's target: the counts are there
}

// attemptKey is one attempt at one expectation.
type attemptKey struct {
	id      string
	attempt int
}

// attemptOp is one operation on one object, judged during an attempt. Processes
// are named in several ways ("self", a pid, a pid with its start time).
type attemptOp struct {
	attemptKey
	operation string
	filter    lane.Filter
}

// opOf is what a row's context says was judged. A process is its pid there, and
// nothing where the row has a word for it.
func opOf(x lane.Context) attemptOp {
	key := attemptOp{attemptKey{x.ExpectationID, x.Attempt}, x.Operation, x.Filter}
	if key.filter.Name == "target" {
		key.filter.Value = pidOf(x.Filter.Value)
	}
	return key
}

// pidOf is the "pid:42" of a process's name, with or without its start time, and
// "" of a word for one.
func pidOf(name string) string {
	if !strings.HasPrefix(name, "pid:") {
		return ""
	}
	pid, _, _ := strings.Cut(name, "@")
	return pid
}

// familyTally is what promotability asks about a family.
type familyTally struct {
	decided int
	unended string // the first attempt that did not return
	skipped bool   // everything in it is unsupported here
}

// oracleTally is what promotability asks about the oracles.
type oracleTally struct {
	rows         int
	uncalibrated string // the first such row
}

// plan draws up what the rows must account for and checks the digests of the
// plan and of the profiles.
func (c *checker) plan() {
	c.fileDigest("plan", bundle.PlanTOML, c.b.manifest.PlanDigest)
	if c.b.matrix.PlanDigest != c.b.manifest.PlanDigest {
		c.find("plan", bundle.ExpectedMatrixJSON, "plan_digest differs from the manifest's")
	}
	profiles := map[string]bundle.ProfileEntry{}
	for _, p := range c.b.manifest.Profiles {
		profiles[p.ID] = p
		c.fileDigest("profiles", p.Path, p.Digest)
		for _, im := range p.Imports {
			if im.Path != "" {
				c.fileDigest("profiles", im.Path, im.Digest)
			}
		}
	}
	c.plugins = map[[2]string]bool{}
	for _, p := range c.b.manifest.Plugins {
		c.plugins[[2]string{p.Family, p.Digest}] = true
	}
	c.planned = map[string]*tally{}
	c.packets.about, c.packets.reasons = map[string]*packetsOf{}, map[lane.Reason]int{}
	c.families = map[string]*familyTally{}
	for _, id := range sortedKeys(c.b.matrix.Profiles) {
		c.planProfile(id, c.b.matrix.Profiles[id], profiles[id])
	}
	if _, ok := c.b.listed[bundle.PlanResolved]; ok {
		c.found.join(matrixIsPlan(c.b.matrix, &c.b.resolved))
		c.found.join(planAnew(c.b.root, c.b.version(bundle.PlanResolved)))
	}
}

// planProfile lists the expectations under one profile.
func (c *checker) planProfile(id string, p bundle.MatrixProfile, entry bundle.ProfileEntry) {
	if entry.Digest != p.ProfileDigest {
		c.find("profiles", bundle.ExpectedMatrixJSON, "profile %q: digest differs from the manifest's", clip(id))
	}
	if entry.SealMode != p.SealMode {
		c.find("profiles", bundle.ExpectedMatrixJSON, "profile %q: seal_mode differs from the manifest's", clip(id))
	}
	fam := c.families[p.Family]
	if fam == nil {
		fam = &familyTally{skipped: true}
		c.families[p.Family] = fam
	}
	fam.skipped = fam.skipped && p.Sweep == nil
	for i, e := range p.Probes {
		if e.ExpectationID != id+":"+e.Name+"@"+string(e.Arm) {
			c.find("accounting", bundle.ExpectedMatrixJSON, "expectation %q is not named after its profile, probe and arm", clip(e.ExpectationID))
		}
		if c.planned[e.ExpectationID] != nil {
			c.find("accounting", bundle.ExpectedMatrixJSON, "expectation %q twice", clip(e.ExpectationID))
		}
		fam.skipped = fam.skipped && e.Skipped
		c.planned[e.ExpectationID] = &tally{
			Expectation: e, profile: id, family: p.Family, digest: p.ProfileDigest, seal: p.SealMode, place: i, attempts: map[int]int{},
		}
	}
}

// fileDigest compares a listed file's digest, as the index gives it, with what
// another document says. The index itself was held against the file before.
func (c *checker) fileDigest(check, path, want string) {
	e, ok := c.b.listed[path]
	if !ok {
		c.find(check, path, "named by the manifest but not in the index")
		return
	}
	if "sha256:"+e.SHA256 != want {
		c.find(check, path, "digest differs from the manifest's %s", clip(want))
	}
}

// accounted reports expectations whose rows do not add up.
func (c *checker) accounted() {
	for _, id := range sortedKeys(c.planned) {
		t := c.planned[id]
		n := len(t.attempts)
		if n != t.Attempts && !(t.Skipped && n == 0) {
			c.find("accounting", bundle.RuntimeResults, "%q has %d of %d attempts", clip(id), n, t.Attempts)
		}
		if t.baseline != 1 && !(t.Skipped && t.baseline == 0) {
			c.find("accounting", bundle.BaselineResults, "%q has %d baseline rows, want 1", clip(id), t.baseline)
		}
		if !t.Skipped && !slices.ContainsFunc(t.oracle, func(o lane.OracleRow) bool { return o.Source == lane.SBPLModel }) {
			c.find("accounting", bundle.OracleResults, "%q has no prediction", clip(id))
		}
	}
}

// context checks a row's identity and returns the expectation it is about, or
// nil when there is none.
func (c *checker) context(name string, n int, x lane.Context) *tally {
	c.origin(name, n, x)
	t := c.expectation(x.ExpectationID)
	if t == nil {
		c.find("accounting", name, "row %d: expectation %q is not in the matrix", n, clip(x.ExpectationID))
		return nil
	}
	switch {
	case x.ProfileID != t.profile || x.Family != t.family || x.ProbeName != t.Name || x.Arm != t.Arm:
		c.find("identity", name, "row %d: profile, family, probe or arm is not that of %q", n, clip(x.ExpectationID))
	case x.ProfileDigest != t.digest:
		c.find("identity", name, "row %d: profile_digest is not that of profile %q", n, clip(t.profile))
	case x.SealMode != t.seal:
		c.find("identity", name, "row %d: seal_mode is not that of profile %q", n, clip(t.profile))
	case x.Operation != t.Operation:
		c.find("identity", name, "row %d: operation is not that of %q", n, clip(x.ExpectationID))
	case x.Attempt > t.Attempts:
		c.find("accounting", name, "row %d: attempt %d of %d", n, x.Attempt, t.Attempts)
	case t.entry != nil && !t.entry.claims(x.Filter):
		c.find("identity", name, "row %d: filter is not the target of %q", n, clip(x.ExpectationID))
	}
	return t
}

// origin checks which run and binaries a row says it comes from.
func (c *checker) origin(name string, n int, x lane.Context) {
	m := c.b.manifest
	if x.RunID != m.RunID || x.WorldID != m.WorldID || x.PlanDigest != m.PlanDigest {
		c.find("identity", name, "row %d: run_id, world_id or plan_digest is not the manifest's", n)
	}
	if !c.plugins[[2]string{x.Family, x.PluginDigest}] {
		c.find("identity", name, "row %d: plugin_digest is not that of a %q plugin of the manifest", n, clip(x.Family))
	}
}

// sortedKeys returns a map's keys in order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
