package mismatch

import (
	"fmt"

	"github.com/hrhost/hrhost/host/lane"
)

// contradictions has one packet for each oracle that says the opposite of what
// was decided. An oracle that failed its own calibration contradicts nobody,
// nor does one that could not answer. An oracle speaks of what a use after
// sealing would get, so that it is not held against a handle acquired before.
func (c evidence) contradictions() []Packet {
	if c.exp.Arm == lane.Before {
		return nil
	}
	var out []Packet
	for i := range c.oracle {
		if row := c.contradicted(&c.oracle[i]); row != nil {
			p := c.packet(row, lane.OracleDisagreement)
			p.Oracle = c.oracle[i : i+1 : i+1]
			p.Explain = append([]string{disagreement(&c.oracle[i], row)}, p.Explain...)
			out = append(out, p)
		}
	}
	if p := c.divided(); p != nil {
		out = append(out, *p)
	}
	return out
}

// divided is the packet of two oracles that predict opposite things about a probe
// that nothing was decided about. Where something was, the one that is wrong has
// a packet already.
func (c evidence) divided() *Packet {
	for i := range c.attempts {
		if c.attempts[i].Decision.Verdict != nil {
			return nil
		}
	}
	var speak []int
	for i := range c.oracle {
		if Speaks(&c.oracle[i]) {
			speak = append(speak, i)
		}
	}
	for _, i := range speak {
		a, b := &c.oracle[speak[0]], &c.oracle[i]
		if a.Prediction == b.Prediction {
			continue
		}
		p := c.packet(c.last(), lane.OracleDisagreement)
		p.Oracle = []lane.OracleRow{*a, *b}
		p.Explain = append([]string{fmt.Sprintf("The oracle %s predicted %s and the oracle %s %s; nothing was decided.",
			a.Source, a.Prediction, b.Source, b.Prediction)}, p.Explain...)
		return &p
	}
	return nil
}

// Speaks reports that an oracle's row counts: it is calibrated and has an answer.
func Speaks(o *lane.OracleRow) bool {
	return (o.Calibration == "calibrated" || o.Calibration == "not_needed") &&
		(o.Prediction == string(lane.Allow) || o.Prediction == string(lane.Deny))
}

// contradicted returns the first attempt whose decision an oracle denies.
func (c evidence) contradicted(o *lane.OracleRow) *lane.RuntimeRow {
	if !Speaks(o) {
		return nil
	}
	for i := range c.attempts {
		if v := c.attempts[i].Decision.Verdict; v != nil && string(*v) != o.Prediction {
			return &c.attempts[i]
		}
	}
	return nil
}

func disagreement(o *lane.OracleRow, row *lane.RuntimeRow) string {
	s := fmt.Sprintf("The oracle %s predicted %s", o.Source, o.Prediction)
	if o.Rule != nil {
		s += " by " + ruleText(o.Rule)
	}
	return s + fmt.Sprintf(", and the decision is %s.", *row.Decision.Verdict)
}
