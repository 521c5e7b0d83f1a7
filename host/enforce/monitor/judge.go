//go:build linux

package monitor

import (
	"strings"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// judgement is what the policy says about one operation.
type judgement struct {
	verdict lane.Verdict
	by      lane.By
	rule    *lane.RuleRef
	signal  int
	missing []string
	reason  string
}

// verdict asks the policy. What it cannot decide is refused, but not in its name.
func (m *Monitor) verdict(p Policy, op string, facts []sbpl.Filter) judgement {
	if p == nil {
		return judgement{verdict: lane.Allow, by: lane.ByPrelude}
	}
	d := p.Decide(sbpl.Query{Operation: op, Filters: facts})
	j := judgement{verdict: lane.Deny, by: lane.ByPolicy, rule: ruleRef(&d), signal: sendSignal(&d)}
	switch d.Action {
	case sbpl.Allow:
		j.verdict = lane.Allow
	case sbpl.Deny:
	default:
		j.by, j.missing = lane.ByContainment, d.Missing
		j.rule, j.signal = nil, 0
		j.reason = "policy undecided: missing fact " + strings.Join(d.Missing, ", ")
		if len(d.Missing) == 0 {
			j.reason = "policy undecided"
			if d.Err != nil {
				j.reason += ": " + d.Err.Error()
			}
		}
	}
	return j
}
