package mismatch

import "github.com/hrhost/hrhost/host/lane"

// Summary counts packets: mismatch_summary.json. A packet without a decision is
// not called a mismatch of the policy, and is counted by itself.
type Summary struct {
	Packets         int                 `json:"packets"`
	WithDecision    int                 `json:"with_decision"`
	WithoutDecision int                 `json:"without_decision"`
	Incomplete      int                 `json:"incomplete"` // packets that make the run exit 3
	Expectations    int                 `json:"expectations"`
	Met             int                 `json:"met"`
	Skipped         int                 `json:"skipped"`
	Unstable        int                 `json:"unstable"`
	ByReason        map[lane.Reason]int `json:"by_reason"`
}

// Add counts one expectation's judgement.
func (s *Summary) Add(j Judgement) {
	s.Expectations++
	s.Met += count(j.Met)
	s.Skipped += count(j.Skipped)
	s.Unstable += count(j.Unstable)
	for _, p := range j.Packets {
		s.packet(p)
	}
}

func (s *Summary) packet(p Packet) {
	if s.ByReason == nil {
		s.ByReason = map[lane.Reason]int{}
	}
	s.Packets++
	s.ByReason[p.MismatchReason]++
	s.Incomplete += count(Incomplete(p.MismatchReason))
	decided := p.DecisionEvent.Decision.Verdict != nil
	s.WithDecision += count(decided)
	s.WithoutDecision += count(!decided)
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
