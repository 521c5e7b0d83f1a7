package evidence

import (
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/lane"
)

// Where there is no witness, a decision is inferred: these are the host's own
// observations that an inference needs.

// otherObject reports that a wrapped process's target is another process than
// the baseline's: pid 1 of a pid namespace, or whatever process of the host has
// the number that the plugin knows its own by.
func otherObject(v View, q Question) bool {
	switch {
	case !v.OwnPIDs || q.Filter != "target":
		return false
	case v.HostsProc && strings.HasPrefix(q.Operation, "process-info"):
		return q.Target != "pid1" && q.Target != "missing"
	}
	return q.Target == "pid1"
}

func anotherProcess(v View) string {
	if v.HostsProc {
		return "the plugin is in a pid namespace of its own and sees the host's /proc, where its own numbers are other processes"
	}
	return "the plugin is in a pid namespace of its own, where pid 1 is another process than the host's"
}

// controlSeen reports that another attempt of the same operation in the same
// process had its effect: the probe works there, so that a missing effect means
// something.
func controlSeen(p *Process, a Attempt) bool {
	return slices.ContainsFunc(p.Attempts, func(other Attempt) bool {
		return other.Item.Slot != a.Item.Slot && other.Item.Operation == a.Item.Operation &&
			other.Item.Target != a.Item.Target && merged(other, p.Description).effect == lane.EffectSeen
	})
}

// unborne says which of a plugin's claims the enforcement point does not bear
// out, "" when none is.
func unborne(family string, row lane.RuntimeRow, w lane.WitnessSummary) string {
	switch {
	case row.Decision.Reason == lane.OpNotWitnessed:
		return "plugin " + family + " claims a call that the enforcement point did not see"
	case row.Decision.Reason != lane.CapturePipelineDisagreement:
	case w.Primary == lane.Allow && row.Decision.Rule == lane.RuleContradiction:
		return "plugin " + family + " claims another result than the call had, which the enforcement point made in its place"
	case row.Result.Class == lane.OK || row.Effect == lane.EffectSeen:
		return "plugin " + family + " claims that the call worked, which the enforcement point denied"
	default:
		return "plugin " + family + " claims that the call was refused, which the enforcement point allowed"
	}
	return ""
}
