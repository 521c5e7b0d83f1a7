package verify

import (
	"encoding/json"
	"hash/maphash"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// crossReferences streams the rows, in the order in which later documents need
// earlier ones, and holds them against the plan and each other.
func (c *checker) crossReferences() {
	c.plan()
	c.witnessed, c.rules, c.several = map[attemptOp]verdicts{}, map[ruleKey]ruleSet{}, map[given]bool{}
	c.fenced = map[attemptKey]bool{}
	c.restated, c.seed = map[attemptKey]uint64{}, maphash.MakeSeed()
	c.orderRows()
	c.readTargets()
	eachRow(c, bundle.BaselineResults, c.baselineRow)
	eachRow(c, bundle.WitnessEvents, c.witnessRow)
	eachRow(c, bundle.RuntimeResults, c.runtimeRow)
	eachRow(c, bundle.RuntimeEvents, c.eventRow)
	eachRow(c, bundle.OracleResults, c.oracleRow)
	eachRow(c, bundle.MismatchPackets, c.packet)
	c.accounted()
	c.accountedTargets()
	c.sweeps()
	c.judged()
	c.excuse()
	c.events()
	c.counts()
	c.notes()
}

// eachRow streams one document of rows: schema, then f.
func eachRow[T any](c *checker, name string, f func(n int, row T)) {
	if _, ok := c.b.listed[name]; !ok {
		return
	}
	file, err := c.b.root.Open(name)
	if err != nil {
		c.find("files", name, "%v", err)
		return
	}
	defer file.Close()
	decode := json.Unmarshal
	if name == bundle.MismatchPackets { // whose rows alone may have other members
		decode = unmarshal
	}
	p := portion[T]{name: name, version: c.b.version(name), decode: decode, take: func(r *checkedRow[T]) {
		if r.err != nil {
			c.find("schema", name, "row %d: %v", r.n, r.err)
			return
		}
		f(r.n, r.row)
	}}
	head, err := bundle.StreamRows(name, file, p.add)
	p.flush()
	if err != nil {
		c.find("schema", name, "%v", err)
		return
	}
	if isArray(name) {
		if err := c.b.validate(name, head); err != nil {
			c.find("schema", name, "%v", err)
		}
		c.found.join(c.b.sameRun(name, head))
	}
}

// baselineRow counts one row of the baseline lane.
func (c *checker) baselineRow(n int, row lane.BaselineRow) {
	if t := c.context(bundle.BaselineResults, n, row.Context); t != nil {
		c.ordered(bundle.BaselineResults, n, c.place(t, 0))
		c.countBaseline(n, t)
		if t.entry == nil && t.base == nil {
			row.Result.Value, row.Detail, row.Path = "", "", nil
			t.base = &row
		}
	}
}

// witnessRow remembers a verdict by policy. A row outside every attempt is
// about no expectation.
func (c *checker) witnessRow(n int, row lane.WitnessRow) {
	c.origin(bundle.WitnessEvents, n, row.Context)
	c.witnessOrder(n, &row)
	if p := c.b.matrix.Profiles[row.ProfileID]; p.ProfileDigest != row.ProfileDigest || p.SealMode != row.SealMode || p.Family != row.Family {
		c.find("identity", bundle.WitnessEvents, "row %d: profile_digest, seal_mode or family is not that of profile %q", n, clip(row.ProfileID))
	}
	switch {
	case row.By == lane.ByPolicy && row.Epoch < 1:
		c.find("witness", bundle.WitnessEvents, "row %d: by policy before there was one, in epoch 0", n)
	case row.By == lane.ByPrelude && (row.Epoch > 0 || row.Verdict != lane.Allow || row.Rule != nil):
		c.find("witness", bundle.WitnessEvents, "row %d: what is before the policy allows all, by no rule", n)
	}
	c.witnessAnew(n, &row)
	if row.ExpectationID == "" {
		return
	}
	t := c.expectation(row.ExpectationID)
	if t == nil {
		c.find("accounting", bundle.WitnessEvents, "row %d: expectation %q is not in the matrix", n, clip(row.ExpectationID))
		return
	}
	if row.ProfileID != t.profile || row.ProbeName != t.Name || row.Arm != t.Arm || row.Attempt > t.Attempts {
		c.find("identity", bundle.WitnessEvents, "row %d: profile, probe, arm or attempt is not one of %q", n, clip(row.ExpectationID))
	}
	if row.By == lane.ByContainment && row.Verdict == lane.Deny {
		c.fenced[attemptKey{row.ExpectationID, row.Attempt}] = true
	}
	if row.By != lane.ByPolicy {
		return
	}
	if !c.ofTarget(t, &row) {
		return
	}
	for _, filter := range row.About() {
		c.witnessSaid(t, &row, filter)
	}
}

// runtimeRow accounts for one attempt and holds its decision against the
// witness.
func (c *checker) runtimeRow(n int, row lane.RuntimeRow) {
	t := c.context(bundle.RuntimeResults, n, row.Context)
	if t == nil {
		return
	}
	if !t.firstAttempt(row.Attempt) {
		c.find("accounting", bundle.RuntimeResults, "row %d: attempt %d of %q is there twice", n, row.Attempt, clip(row.ExpectationID))
		return
	}
	c.ordered(bundle.RuntimeResults, n, c.place(t, row.Attempt))
	c.tallyRow(t, row)
	if t.entry != nil {
		t.entry.result.Count(row.Decision, t.Name)
		t.entry.attempted(&row)
	} else {
		t.keep(row)
	}
	c.restate(t, row)
	c.claim(t, row)
	c.sound(n, t, row)
	c.modelAnew(n, t, &row)
}

// tallyRow counts a runtime row for the summary and for promotability.
func (c *checker) tallyRow(t *tally, row lane.RuntimeRow) {
	fam := c.families[t.family]
	said := ""
	c.rows.Attempts++
	switch v := row.Decision.Verdict; {
	case v == nil:
		c.rows.None++
	case *v == lane.Allow:
		c.rows.Allow++
		said = "allow"
	default:
		c.rows.Deny++
		said = "deny"
	}
	t.decisionSaid(said)
	c.reached = c.reached || row.Decision.ReachedPrimaryOp
	if t.entry != nil && said == "" {
		t.entry.undecided(c, row.Decision.Reason)
	}
	if said != "" && (row.Stage == lane.StageOperation || row.Stage == lane.StageEffect) {
		fam.decided++
	}
	unended := row.End != lane.Returned || row.State != lane.Done
	if unended && said == "" && !t.Skipped && row.RuntimeStatus != "unsupported" && fam.unended == "" {
		fam.unended = row.ExpectationID + " " + row.RuntimeStatus
	}
}

// oracleRow counts one prediction.
func (c *checker) oracleRow(n int, row lane.OracleRow) {
	t := c.context(bundle.OracleResults, n, row.Context)
	if t == nil {
		return
	}
	c.ordered(bundle.OracleResults, n, c.place(t, predictedBy(row.Source)))
	c.oracleAnew(n, t, &row)
	if twice := t.predicted(&row); twice {
		c.find("accounting", bundle.OracleResults, "row %d: a second prediction of %q by %s", n, clip(row.ExpectationID), clip(row.Source))
	}
	if row.Source == lane.SBPLModel && row.SharedPolicyEngine != c.b.manifest.SharedPolicyEngine {
		c.find("identity", bundle.OracleResults, "row %d: shared_policy_engine is not the manifest's", n)
	}
	c.oracle.rows++
	if row.Calibration == "uncalibrated" && c.oracle.uncalibrated == "" {
		c.oracle.uncalibrated = row.Source + " for " + row.ExpectationID
	}
}

// isArray reports whether a document is one object that has the rows in it.
func isArray(name string) bool {
	d, _ := bundle.DocumentOf(name)
	return d.Shape == bundle.Array
}
