package enforce

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Nobody is the pid of a sealed process that was never started.
const Nobody = -1

// Planned is what a planned probe asks of a policy. With a pid, that of the sealed
// process, the relations of processes are filled in; the live enforcement point
// (pid 0) looks them up.
func Planned(op, filter, target string, pid int) sbpl.Query {
	q := sbpl.Query{Operation: op}
	switch filter {
	case "":
	case "target":
		if pid == 0 && strings.HasPrefix(target, "pid:") {
			q.Filters = append(q.Filters, sbpl.Filter{Name: "target", Value: target})
			break
		}
		for _, rel := range lane.Relations(target, pid) {
			q.Filters = append(q.Filters, sbpl.Filter{Name: "target", Value: rel})
		}
	default:
		q.Filters = append(q.Filters, Facts(filter, target)...)
	}
	return q
}

// NodeFacts are what only a device has: a name with nothing behind it has none.
var NodeFacts = []string{"vnode-type", "device-major", "device-minor", "file-mode"}

// Asked is what the policy was asked when an enforcement point judged a row: its
// filter (of a process the relations) and its other facts.
func Asked(row *lane.WitnessRow) sbpl.Query {
	q := sbpl.Query{Operation: row.Operation}
	switch {
	case row.Filter.Name == "":
	case row.Filter.Name != "target":
		q.Filters = append(q.Filters, sbpl.Filter(row.Filter))
	case row.Target != nil:
		for _, rel := range row.Target.Relations {
			q.Filters = append(q.Filters, sbpl.Filter{Name: "target", Value: rel})
		}
	}
	for _, f := range row.Facts {
		q.Filters = append(q.Filters, sbpl.Filter(f))
	}
	if row.Filter.Name == "path" && row.Object == "absent" {
		q.Absent = NodeFacts
	}
	return q
}

// Claimed is what a row says that the policy answered: the verdict by policy, or
// what it must have been for containment to refuse. The monitor asks the policy
// first, the gateway need not. "" is nothing.
func Claimed(row *lane.WitnessRow) string {
	switch {
	case row.Epoch < 1: // there was no policy
		return ""
	case row.By == lane.ByPolicy:
		return string(row.Verdict)
	case row.By != lane.ByContainment || row.Operation == "":
		return ""
	case strings.HasPrefix(row.Reason, Undecided):
		return sbpl.Unknown.String()
	case row.Syscall == "dbus":
		return ""
	}
	return string(lane.Allow)
}

// Unfit says why a row's target cannot be the process that its filter names, or
// cannot be related to the caller as it says, "" when it can. Whose child it is, and
// whose group it is in, only the host saw.
func Unfit(row *lane.WitnessRow) string {
	if row.Filter.Name != "target" {
		return ""
	}
	t := row.Target
	if t == nil {
		return "no process is given as its target"
	}
	has := func(relation string) bool { return slices.Contains(t.Relations, relation) }
	named, isNumber := strings.CutPrefix(row.Filter.Value, "pid:")
	number, _, _ := strings.Cut(named, "@")
	exists := t.StartTime != ""
	switch {
	case isNumber && number != strconv.Itoa(t.PID):
		return "its target is another process"
	case has("self") == has("others"):
		return "its target is not either the caller or another process"
	case has("self") && t.PID != row.PID, exists && t.PID == row.PID && !has("self"):
		return "whether its target is the caller does not fit the numbers"
	case has("initproc") && t.PID != 1, exists && t.PID == 1 && row.PID != 1 && !has("initproc"):
		return "whether its target is the first process does not fit the number"
	}
	return ""
}

// Signals reports that a rule has the caller sent a signal.
func Signals(modifiers []sbpl.Modifier) bool {
	return slices.ContainsFunc(modifiers, func(m sbpl.Modifier) bool { return m.Name == "termination" || m.Name == "send-signal" })
}

// Predicted is a decision as the oracle lane has it: allow, deny, unknown or
// error, and by which rule.
func Predicted(d *sbpl.Decision) (prediction string, rule *lane.RuleRef) {
	switch {
	case d.Err != nil:
		return "error", nil
	case d.Action == sbpl.Unknown:
		return d.Action.String(), nil
	}
	return d.Action.String(), RuleRef(d)
}
