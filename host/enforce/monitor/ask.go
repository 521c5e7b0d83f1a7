//go:build linux

package monitor

import (
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Ask is monitor_check: what the live monitor would answer to process pid, with
// the policy in force at this moment, without performing anything. A target may
// be given as "pid:<n>" or "pid:<n>@<start time>", as rows name it; then its
// relations are looked up. A device's path stands for the node behind it. Other
// facts are passed on as they are.
func (m *Monitor) Ask(pid int, q sbpl.Query) Answer {
	if !m.mu.enterWithin(m.patience) {
		return Answer{Prediction: "unknown", Detail: m.stuck().Error()}
	}
	defer m.mu.leave()
	a := Answer{Prediction: "unknown", Epoch: m.inForce.Epoch}
	if m.closed.Load() || !m.started.Load() {
		a.Detail = "no live monitor"
		return a
	}
	if a.Detail = Uncovered(q); a.Detail != "" {
		return a
	}
	if st, ok := m.readStat(pid); !ok || !m.inside(st) {
		a.Detail = "process " + strconv.Itoa(pid) + " is not under this monitor"
		return a
	}
	facts, absent := make([]sbpl.Filter, 0, len(q.Filters)+3), q.Absent
	for _, f := range q.Filters {
		if d, ok := deviceAt(q.Operation, f); ok {
			facts, absent = append(facts, d.facts()...), d.absent()
			continue
		}
		name, ok := strings.CutPrefix(f.Value, "pid:")
		if f.Name != "target" || !ok {
			facts = append(facts, f)
			continue
		}
		number, start, _ := strings.Cut(name, "@")
		target, err := strconv.Atoi(number)
		if err != nil {
			a.Detail = "no process in " + f.Value
			return a
		}
		p := m.peerOf(pid, target)
		if start != "" && p.exists && start != strconv.FormatUint(p.start, 10) { // another process by now
			p = peer{procStat: procStat{pid: target}, relations: []string{"others"}}
		}
		facts = append(facts, p.facts()...)
	}
	a.Predict(enforce.Judge(m.inForce.Policy, q.Operation, facts, absent...))
	return a
}
