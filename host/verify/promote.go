package verify

import (
	"fmt"
	"slices"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/world"
	"github.com/hrhost/hrhost/internal/english"
	"github.com/hrhost/hrhost/internal/text"
)

// conditions judges each condition by name. Unknown never passes.
func conditions(b *opened, ev *evidence, found *findings) []Condition {
	if b.listed == nil { // no index, so nothing was read
		return []Condition{{"index_and_digests", false, "there is no usable index"}}
	}
	m := &b.manifest
	return []Condition{
		noFindings(found), cleanChannel(m), notSandboxed(m), preflightOK(&b.preflight), whole(found, len(b.listed)),
		allAccounted(b.status.State, ev, found), atOperation(ev.outcomes.families), claimsBorneOut(ev.claims, ev.outcomes.rows.Attempts),
		decidedAnew(ev.review, found), calibrated(ev.oracle), notReattached(m), wellBehaved(m), landlock(m),
		pinned(m, b.resolved.Manifest.Digest),
	}
}

// allHold reports whether there are conditions and each of them holds.
func allHold(conditions []Condition) bool {
	return len(conditions) > 0 && !slices.ContainsFunc(conditions, func(c Condition) bool { return !c.OK })
}

// verdictOn makes a condition. Its why says what was found, whether it holds or
// not.
func verdictOn(name string, ok bool, format string, args ...any) Condition {
	return Condition{name, ok, fmt.Sprintf(format, args...)}
}

// noFindings fails with any finding: a bundle that contradicts itself is not a
// reference, even if every other condition rests on documents that agree.
func noFindings(found *findings) Condition {
	n := found.count()
	return verdictOn("no_findings", n == 0, "%s", english.Count(n, "finding", "findings"))
}

func cleanChannel(m *bundle.Manifest) Condition {
	ch := m.Channel
	return verdictOn("clean_channel", ch == "spawn_clean" || ch == "launchd_clean", "channel %s", orUnknown(ch))
}

func notSandboxed(m *bundle.Manifest) Condition {
	self := m.SandboxCheckSelf
	switch {
	case self.Sandboxed == nil:
		return verdictOn("self_check_not_sandboxed", false, "%s", orUnknown(self.Detail))
	case *self.Sandboxed:
		return verdictOn("self_check_not_sandboxed", false, "%s", orUnknown(self.Detail))
	}
	return verdictOn("self_check_not_sandboxed", true, "not sandboxed, by %s", text.Brief(self.Source))
}

func preflightOK(p *bundle.ApplyPreflight) Condition {
	ok := p.ApplyOK != nil && *p.ApplyOK && p.Status == "ok"
	return verdictOn("preflight_ok", ok, "preflight %s", orUnknown(p.Status))
}

// whole says whether index, files, digests and schemas are fine.
func whole(found *findings, files int) Condition {
	if found.by("index", "files", "digest", "schema") {
		return verdictOn("index_and_digests", false, "see the findings")
	}
	return verdictOn("index_and_digests", true, "%d files", files)
}

// allAccounted says whether every planned probe has its rows and ended by
// itself in a run that was not cut short.
func allAccounted(state bundle.RunState, ev *evidence, found *findings) Condition {
	const name = "probes_accounted"
	if state != bundle.Complete {
		return verdictOn(name, false, "run is %s", orUnknown(string(state)))
	}
	for _, f := range found.list {
		if f.Check == "accounting" {
			return verdictOn(name, false, "%s", f.Message)
		}
	}
	for _, id := range sortedKeys(ev.outcomes.families) {
		if u := ev.outcomes.families[id].unended; u != "" {
			return verdictOn(name, false, "%s", text.Brief(u))
		}
	}
	return verdictOn(name, ev.expectations > 0, "%d expectations", ev.expectations)
}

// atOperation asks every family for a decision at its operation.
func atOperation(families map[string]*familyTally) Condition {
	const name = "decisions_at_operation"
	n := 0
	for _, id := range sortedKeys(families) {
		fam := families[id]
		if fam.decided == 0 && !fam.skipped {
			return verdictOn(name, false, "no decision at stage %s in family %s", lane.StageOperation, text.Brief(id))
		}
		n += fam.decided
	}
	return verdictOn(name, n > 0, "%d decisions", n)
}

func calibrated(o oracleTally) Condition {
	const name = "oracle_calibrated"
	if o.uncalibrated != "" {
		return verdictOn(name, false, "uncalibrated: %s", text.Brief(o.uncalibrated))
	}
	return verdictOn(name, o.rows > 0, "%d predictions", o.rows)
}

func notReattached(m *bundle.Manifest) Condition {
	const name = "no_reattached_plugin"
	for _, p := range m.Plugins {
		if p.Reattached {
			return verdictOn(name, false, "plugin %s was not started by the host", text.Brief(p.Family))
		}
	}
	return verdictOn(name, len(m.Plugins) > 0, "%d plugins, none reattached", len(m.Plugins))
}

// wellBehaved asks that the host had nothing to say of any plugin's processes.
func wellBehaved(m *bundle.Manifest) Condition {
	const name = "plugins_well_behaved"
	for _, p := range m.Plugins {
		if len(p.Faults) > 0 {
			return verdictOn(name, false, "plugin %s: %s", text.Brief(p.Family), text.Brief(p.Faults[0]))
		}
	}
	return verdictOn(name, len(m.Plugins) > 0, "nothing to say of %d plugins", len(m.Plugins))
}

// claimsBorneOut asks that no attempt claims a call that a complete witness did
// not see, or a result that it rules out, and that there was a witness where the
// plugin could be lying.
func claimsBorneOut(c claims, attempts int) Condition {
	const name = "claims_borne_out"
	if c.first != "" {
		return verdictOn(name, false, "%s", text.Brief(c.first))
	}
	return verdictOn(name, attempts > 0, "%d attempts, none against the witness", attempts)
}

// decidedAnew asks that the profiles in the bundle say again what the rows say.
func decidedAnew(r *reviewer, found *findings) Condition {
	const name = "decided_anew"
	switch {
	case found.by("policy"):
		return verdictOn(name, false, "see the findings")
	case r.excused > 0:
		return verdictOn(name, false, "%d verdicts of the witness are not the profile's, as a packet says of their profile", r.excused)
	case r.left > 0:
		return verdictOn(name, false, "%d rows hold too little to be decided anew", r.left)
	}
	return verdictOn(name, true, "%d rows, as the profiles say again", r.decided)
}

// claims is the first row that the witness does not bear out, with why.
type claims struct{ first string }

// row notes a row that the witness does not bear out. w is what the witness said of
// its attempt.
func (c *claims) row(row *lane.RuntimeRow, w verdicts) {
	if c.first != "" {
		return
	}
	why, rule := "", row.Decision.Rule
	silent := rule <= lane.RuleNotPrepared ||
		row.Filter.Name != "target" && (rule == lane.RuleSilentHeld || rule == lane.RuleSilent)
	switch {
	case row.Decision.Reason == lane.OpNotWitnessed:
		why = "claims a call that the witness did not see"
	case row.Decision.Reason == lane.CapturePipelineDisagreement:
		why = "claims a result that the witness rules out"
	case row.SealMode == "wrap" && row.Decision.Verdict != nil && row.Decision.Tier == lane.TierInferred:
		why = "is decided by the plugin's word: under wrap there is no witness"
	case w.contradict(row):
		why = "is allowed, and the witness denied another call about that"
	case silent && (w.allow != noRule || w.deny != noRule):
		why = "tells nothing of a call that the witness saw"
	default:
		return
	}
	c.first = fmt.Sprintf("plugin %s: %s %s", row.Family, row.ExpectationID, why)
}

func landlock(m *bundle.Manifest) Condition {
	const name = "landlock_layer"
	l := m.Containment.Landlock
	switch {
	case m.OS == "macos":
		return verdictOn(name, true, "not asked of macOS")
	case !l.Present:
		return verdictOn(name, false, "no Landlock layer: %s", text.Brief(l.Detail))
	case l.Reads != bundle.ReadsFenced:
		return verdictOn(name, false, "ABI %d, but plugins may read what is another's: reads %s", l.ABI, orUnknown(l.Reads))
	}
	return verdictOn(name, true, "ABI %d, writes and reads contained", l.ABI)
}

func pinned(m *bundle.Manifest, worlds string) Condition {
	const name = "world_matches_pin"
	pin := m.WorldPin
	if pin == "" {
		return verdictOn(name, true, "the plan pins no world")
	}
	w := world.World{ID: m.WorldID}
	ok, detail := w.MatchPin(pin, worlds)
	return verdictOn(name, ok, "pin %s: %s", text.Brief(pin), text.Brief(detail))
}

// orUnknown names a value that is not there.
func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return text.Brief(s)
}
