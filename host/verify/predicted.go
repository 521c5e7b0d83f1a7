package verify

import (
	"slices"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
)

// Of a planned probe the predictions are kept, and judged with its rows. Of a sweep's
// target only what they say is.

// predicted notes a prediction, and reports that there was one by this oracle.
func (t *tally) predicted(row *lane.OracleRow) (twice bool) {
	if t.entry == nil {
		twice = slices.ContainsFunc(t.oracle, func(o lane.OracleRow) bool { return o.Source == row.Source })
		t.oracle = append(t.oracle, *row)
		return twice
	}
	by := asked
	if row.Source == lane.SBPLModel {
		by = modelled
	}
	twice = t.entry.is(by)
	t.entry.set(by)
	t.entry.predicted(row)
	return twice
}

// predicted notes what an oracle says of the target.
func (e *entry) predicted(row *lane.OracleRow) {
	switch {
	case !mismatch.Speaks(row):
	case row.Prediction == string(lane.Allow):
		e.set(predictsAllow)
	default:
		e.set(predictsDeny)
	}
}

// disputed reports that an oracle contradicts the decision or, without one, another
// oracle.
func (m mark) disputed() bool {
	allow, deny := m&predictsAllow != 0, m&predictsDeny != 0
	switch {
	case m&decidedAllow != 0:
		return deny
	case m&decidedDeny != 0:
		return allow
	}
	return allow && deny && m&impossible == 0
}

// asks reports that the target's rows ask for a packet, for such a reason.
func (m mark) asks(why lane.Reason) bool {
	if why == lane.OracleDisagreement {
		return m.disputed()
	}
	return m&needsPacket != 0 && wrong(why)
}
