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
	return out
}

// contradicted returns the first attempt whose decision an oracle denies.
func (c evidence) contradicted(o *lane.OracleRow) *lane.RuntimeRow {
	if o.Calibration != "calibrated" && o.Calibration != "not_needed" {
		return nil
	}
	if o.Prediction != string(lane.Allow) && o.Prediction != string(lane.Deny) {
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
