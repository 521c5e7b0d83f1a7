package verify

import (
	"hash/maphash"
	"slices"
	"sort"
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/text"
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

func (o *oracleTally) count(row *lane.OracleRow) {
	o.rows++
	if row.Calibration == "uncalibrated" && o.uncalibrated == "" {
		o.uncalibrated = row.Source + " for " + row.ExpectationID
	}
}

// expectations are what the rows must account for: the planned probes, and the
// targets of sweeps.
type expectations struct {
	planned map[string]*tally  // by expectation id
	ledgers map[string]*ledger // of sweeps, by profile
}

// newExpectations lists the planned probes of the matrix, and has a ledger for each
// sweep, whose targets are to be read.
func newExpectations(matrix bundle.Matrix) (e *expectations, found findings) {
	e = &expectations{map[string]*tally{}, map[string]*ledger{}}
	for _, id := range sortedKeys(matrix.Profiles) {
		p := matrix.Profiles[id]
		if p.Sweep != nil {
			e.ledgers[id] = &ledger{profile: id, MatrixProfile: p, seed: maphash.MakeSeed()}
		}
		for i, x := range p.Probes {
			if x.ExpectationID != id+":"+x.Name+"@"+string(x.Arm) {
				found.add("accounting", "expectation_name", bundle.ExpectedMatrixJSON,
					"expectation %q is not named after its profile, probe and arm", text.Brief(x.ExpectationID))
			}
			if e.planned[x.ExpectationID] != nil {
				found.add("accounting", "expectation_twice", bundle.ExpectedMatrixJSON,
					"expectation %q twice", text.Brief(x.ExpectationID))
			}
			e.planned[x.ExpectationID] = &tally{
				Expectation: x, profile: id, family: p.Family, digest: p.ProfileDigest, seal: p.SealMode, place: i, attempts: map[int]int{},
			}
		}
	}
	return e, found
}

// plannedFiles checks the digests of the plan and of the profiles.
func plannedFiles(b *opened) (found findings) {
	found.join(fileDigest(b.listed, "plan", bundle.PlanTOML, b.manifest.PlanDigest))
	if b.matrix.PlanDigest != b.manifest.PlanDigest {
		found.add("plan", "matrix_digest", bundle.ExpectedMatrixJSON, "plan_digest differs from the manifest's")
	}
	entries := map[string]bundle.ProfileEntry{}
	for _, p := range b.manifest.Profiles {
		entries[p.ID] = p
		found.join(fileDigest(b.listed, "profiles", p.Path, p.Digest))
		for _, im := range p.Imports {
			if im.Path != "" {
				found.join(fileDigest(b.listed, "profiles", im.Path, im.Digest))
			}
		}
	}
	for _, id := range sortedKeys(b.matrix.Profiles) {
		p, entry := b.matrix.Profiles[id], entries[id]
		if entry.Digest != p.ProfileDigest {
			found.add("profiles", "profile_digest", bundle.ExpectedMatrixJSON,
				"profile %q: digest differs from the manifest's", text.Brief(id))
		}
		if entry.SealMode != p.SealMode {
			found.add("profiles", "profile_seal", bundle.ExpectedMatrixJSON,
				"profile %q: seal_mode differs from the manifest's", text.Brief(id))
		}
	}
	return found
}

// fileDigest compares a listed file's digest, as the index gives it, with what
// another document says. The index itself was held against the file before.
func fileDigest(listed map[string]bundle.IndexEntry, check, path, want string) (found findings) {
	e, ok := listed[path]
	if !ok {
		found.add(check, "planned_file_not_listed", path, "named by the manifest but not in the index")
		return found
	}
	if "sha256:"+e.SHA256 != want {
		found.add(check, "planned_file_digest", path, "digest differs from the manifest's %s", text.Brief(want))
	}
	return found
}

// accounted reports expectations whose rows do not add up.
func (e *expectations) accounted() (found findings) {
	for _, id := range sortedKeys(e.planned) {
		t := e.planned[id]
		n := len(t.attempts)
		if n != t.Attempts && !(t.Skipped && n == 0) {
			found.add("accounting", "attempts_missing", bundle.RuntimeResults,
				"%q has %d of %d attempts", text.Brief(id), n, t.Attempts)
		}
		if t.baseline != 1 && !(t.Skipped && t.baseline == 0) {
			found.add("accounting", "baseline_missing", bundle.BaselineResults,
				"%q has %d baseline rows, want 1", text.Brief(id), t.baseline)
		}
		if !t.Skipped && !slices.ContainsFunc(t.oracle, func(o lane.OracleRow) bool { return o.Source == lane.SBPLModel }) {
			found.add("accounting", "prediction_missing", bundle.OracleResults, "%q has no prediction", text.Brief(id))
		}
	}
	return found
}

// identities are the run and the binaries that rows may come from.
type identities struct {
	manifest *bundle.Manifest
	plugins  map[[2]string]bool // by family and digest
}

func newIdentities(m *bundle.Manifest) *identities {
	ids := &identities{m, map[[2]string]bool{}}
	for _, p := range m.Plugins {
		ids.plugins[[2]string{p.Family, p.Digest}] = true
	}
	return ids
}

// context checks a row's identity and returns the expectation it is about, or
// nil when there is none.
func (ids *identities) context(e *expectations, name string, n int, x lane.Context) (t *tally, found findings) {
	found = ids.origin(name, n, x)
	t = e.find(x.ExpectationID)
	if t == nil {
		found.add("accounting", "expectation_unknown", name,
			"row %d: expectation %q is not in the matrix", n, text.Brief(x.ExpectationID))
		return nil, found
	}
	switch {
	case x.ProfileID != t.profile || x.Family != t.family || x.ProbeName != t.Name || x.Arm != t.Arm:
		found.add("identity", "row_probe", name,
			"row %d: profile, family, probe or arm is not that of %q", n, text.Brief(x.ExpectationID))
	case x.ProfileDigest != t.digest:
		found.add("identity", "row_profile", name,
			"row %d: profile_digest is not that of profile %q", n, text.Brief(t.profile))
	case x.SealMode != t.seal:
		found.add("identity", "row_seal", name, "row %d: seal_mode is not that of profile %q", n, text.Brief(t.profile))
	case x.Operation != t.Operation:
		found.add("identity", "row_operation", name,
			"row %d: operation is not that of %q", n, text.Brief(x.ExpectationID))
	case x.Attempt > t.Attempts:
		found.add("accounting", "attempt_unplanned", name, "row %d: attempt %d of %d", n, x.Attempt, t.Attempts)
	case t.entry != nil && !t.entry.claims(x.Filter):
		found.add("identity", "row_target", name,
			"row %d: filter is not the target of %q", n, text.Brief(x.ExpectationID))
	}
	return t, found
}

// origin checks which run and binaries a row says it comes from.
func (ids *identities) origin(name string, n int, x lane.Context) (found findings) {
	m := ids.manifest
	if x.RunID != m.RunID || x.WorldID != m.WorldID || x.PlanDigest != m.PlanDigest {
		found.add("identity", "row_origin", name, "row %d: run_id, world_id or plan_digest is not the manifest's", n)
	}
	if !ids.plugins[[2]string{x.Family, x.PluginDigest}] {
		found.add("identity", "row_plugin", name,
			"row %d: plugin_digest is not that of a %q plugin of the manifest", n, text.Brief(x.Family))
	}
	return found
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
