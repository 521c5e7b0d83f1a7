package bundle

import (
	"fmt"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/world"
	"github.com/hrhost/hrhost/internal/english"
)

// promotability judges each condition by name. Unknown never passes.
func (c *checker) promotability() {
	if c.listed == nil { // no index, so nothing was read
		c.report.Conditions = []Condition{{"index_and_digests", false, "there is no usable index"}}
		return
	}
	c.report.Conditions = []Condition{
		c.noFindings(), c.cleanChannel(), c.notSandboxed(), c.preflightOK(), c.whole(), c.allAccounted(),
		c.atOperation(), c.claimsBorneOut(), c.decidedAnew(), c.calibrated(), c.notReattached(), c.wellBehaved(), c.landlock(), c.pinned(),
	}
	c.report.Promotable = true
	for _, cond := range c.report.Conditions {
		c.report.Promotable = c.report.Promotable && cond.OK
	}
}

// verdictOn makes a condition. Its why says what was found, whether it holds or
// not.
func verdictOn(name string, ok bool, format string, args ...any) Condition {
	return Condition{name, ok, fmt.Sprintf(format, args...)}
}

// noFindings fails with any finding: a bundle that contradicts itself is not a
// reference, even if every other condition rests on documents that agree.
func (c *checker) noFindings() Condition {
	n := len(c.report.Findings) + c.report.Omitted
	return verdictOn("no_findings", n == 0, "%s", english.Count(n, "finding", "findings"))
}

func (c *checker) cleanChannel() Condition {
	ch := c.manifest.Channel
	return verdictOn("clean_channel", ch == "spawn_clean" || ch == "launchd_clean", "channel %s", orUnknown(ch))
}

func (c *checker) notSandboxed() Condition {
	self := c.manifest.SandboxCheckSelf
	switch {
	case self.Sandboxed == nil:
		return verdictOn("self_check_not_sandboxed", false, "%s", orUnknown(self.Detail))
	case *self.Sandboxed:
		return verdictOn("self_check_not_sandboxed", false, "%s", orUnknown(self.Detail))
	}
	return verdictOn("self_check_not_sandboxed", true, "not sandboxed, by %s", clip(self.Source))
}

func (c *checker) preflightOK() Condition {
	p := c.preflight
	ok := p.ApplyOK != nil && *p.ApplyOK && p.Status == "ok"
	return verdictOn("preflight_ok", ok, "preflight %s", orUnknown(p.Status))
}

// whole says whether index, files, digests and schemas are fine.
func (c *checker) whole() Condition {
	if !c.integral {
		return verdictOn("index_and_digests", false, "see the findings")
	}
	return verdictOn("index_and_digests", true, "%d files", len(c.listed))
}

// allAccounted says whether every planned probe has its rows and ended by
// itself in a run that was not cut short.
func (c *checker) allAccounted() Condition {
	const name = "probes_accounted"
	if c.status.State != Complete {
		return verdictOn(name, false, "run is %s", orUnknown(string(c.status.State)))
	}
	for _, f := range c.report.Findings {
		if f.Check == "accounting" {
			return verdictOn(name, false, "%s", f.Message)
		}
	}
	for _, id := range sortedKeys(c.families) {
		if u := c.families[id].unended; u != "" {
			return verdictOn(name, false, "%s", clip(u))
		}
	}
	return verdictOn(name, c.expectations() > 0, "%d expectations", c.expectations())
}

// atOperation asks every family for a decision at its operation.
func (c *checker) atOperation() Condition {
	const name = "decisions_at_operation"
	n := 0
	for _, id := range sortedKeys(c.families) {
		fam := c.families[id]
		if fam.decided == 0 && !fam.skipped {
			return verdictOn(name, false, "no decision at stage %s in family %s", lane.StageOperation, clip(id))
		}
		n += fam.decided
	}
	return verdictOn(name, n > 0, "%d decisions", n)
}

func (c *checker) calibrated() Condition {
	const name = "oracle_calibrated"
	if c.oracle.uncalibrated != "" {
		return verdictOn(name, false, "uncalibrated: %s", clip(c.oracle.uncalibrated))
	}
	return verdictOn(name, c.oracle.rows > 0, "%d predictions", c.oracle.rows)
}

func (c *checker) notReattached() Condition {
	const name = "no_reattached_plugin"
	for _, p := range c.manifest.Plugins {
		if p.Reattached {
			return verdictOn(name, false, "plugin %s was not started by the host", clip(p.Family))
		}
	}
	return verdictOn(name, len(c.manifest.Plugins) > 0, "%d plugins, none reattached", len(c.manifest.Plugins))
}

// wellBehaved asks that the host had nothing to say of any plugin's processes.
func (c *checker) wellBehaved() Condition {
	const name = "plugins_well_behaved"
	for _, p := range c.manifest.Plugins {
		if len(p.Faults) > 0 {
			return verdictOn(name, false, "plugin %s: %s", clip(p.Family), clip(p.Faults[0]))
		}
	}
	return verdictOn(name, len(c.manifest.Plugins) > 0, "nothing to say of %d plugins", len(c.manifest.Plugins))
}

// claimsBorneOut asks that no attempt claims a call that a complete witness did
// not see, or a result that it rules out, and that there was a witness where the
// plugin could be lying.
func (c *checker) claimsBorneOut() Condition {
	const name = "claims_borne_out"
	if c.unborne != "" {
		return verdictOn(name, false, "%s", clip(c.unborne))
	}
	return verdictOn(name, c.rows.Attempts > 0, "%d attempts, none against the witness", c.rows.Attempts)
}

// decidedAnew asks that the profiles in the bundle say again what the rows say.
func (c *checker) decidedAnew() Condition {
	const name = "decided_anew"
	switch r := c.review; {
	case r.found:
		return verdictOn(name, false, "see the findings")
	case r.excused > 0:
		return verdictOn(name, false, "%d verdicts of the witness are not the profile's, as a packet says of their profile", r.excused)
	case r.left > 0:
		return verdictOn(name, false, "%d rows hold too little to be decided anew", r.left)
	}
	return verdictOn(name, true, "%d rows, as the profiles say again", c.review.decided)
}

// claim notes a row that the witness does not bear out.
func (c *checker) claim(t *tally, row lane.RuntimeRow) {
	if c.unborne != "" {
		return
	}
	why, rule := "", row.Decision.Rule
	w := c.witnessOf(t, row.Context)
	silent := rule <= lane.RuleNotPrepared ||
		row.Filter.Name != "target" && (rule == lane.RuleSilentHeld || rule == lane.RuleSilent)
	switch {
	case row.Decision.Reason == lane.OpNotWitnessed:
		why = "claims a call that the witness did not see"
	case row.Decision.Reason == lane.CapturePipelineDisagreement:
		why = "claims a result that the witness rules out"
	case row.SealMode == "wrap" && row.Decision.Verdict != nil && row.Decision.Tier == lane.TierInferred:
		why = "is decided by the plugin's word: under wrap there is no witness"
	case w.contradict(&row):
		why = "is allowed, and the witness denied another call about that"
	case silent && (w.allow != noRule || w.deny != noRule):
		why = "tells nothing of a call that the witness saw"
	default:
		return
	}
	c.unborne = fmt.Sprintf("plugin %s: %s %s", row.Family, row.ExpectationID, why)
}

func (c *checker) landlock() Condition {
	const name = "landlock_layer"
	l := c.manifest.Containment.Landlock
	switch {
	case c.manifest.OS == "macos":
		return verdictOn(name, true, "not asked of macOS")
	case !l.Present:
		return verdictOn(name, false, "no Landlock layer: %s", clip(l.Detail))
	case l.Reads != ReadsFenced:
		return verdictOn(name, false, "ABI %d, but plugins may read what is another's: reads %s", l.ABI, orUnknown(l.Reads))
	}
	return verdictOn(name, true, "ABI %d, writes and reads contained", l.ABI)
}

func (c *checker) pinned() Condition {
	const name = "world_matches_pin"
	pin := c.manifest.WorldPin
	if pin == "" {
		return verdictOn(name, true, "the plan pins no world")
	}
	w := world.World{ID: c.manifest.WorldID}
	ok, detail := w.MatchPin(pin, c.resolved.Manifest.Digest)
	return verdictOn(name, ok, "pin %s: %s", clip(pin), clip(detail))
}

// orUnknown names a value that is not there.
func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return clip(s)
}
