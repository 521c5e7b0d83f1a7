package evidence

import (
	"time"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
)

// Process is the observation of one plugin process, with or without a policy.
type Process struct {
	PID          int
	Description  *wire.Description // nil when the process never described itself
	Prepared     []wire.PreparedTarget
	Attempts     []Attempt
	Epoch        int // of the sealed policy, 0 when it never was in force
	Witness      []*lane.WitnessRow
	WitnessSlack time.Duration // above 0 where the witness is incomplete and has another clock
	View         View
	Clock        Clock

	Failed   lane.Stage // the stage that was not passed, "" when all were
	Reason   lane.Reason
	Err      string // "" when nothing failed
	Hint     string // follows Err where a person can act, with its space and parentheses
	TimedOut bool
	Signal   int // that ended the process, 0 for none and when the host sent it
}

// Attempt is one item of a process with its two sources: the stream of events and
// the flight recorder.
type Attempt struct {
	Item    wire.RunItem
	Intent  *wire.Intent
	Outcome *wire.Outcome // nil when the stream brought none
	Slot    recorder.Slot // the plugin's claim in shared memory
	Stopped bool          // the process died or hung here
	Effect  lane.Effect   // seen from outside, "" when it was not looked for; outweighs the plugin's word
}

// View is a wrapped process's view of the host, as far as it is known.
type View struct {
	OwnPIDs   bool // it is in another pid namespace
	HostsProc bool // its /proc is the host's
}

// Clock is one moment by the wall clock and by the recorder's.
type Clock struct {
	At time.Time
	NS int64
}

// when places an attempt in time: the recorder's clock is monotonic, rows have
// wall time.
func (c Clock) when(s seen) (at time.Time, durationUS int64) {
	if s.startNS == 0 {
		return time.Time{}, 0
	}
	if s.endNS > s.startNS {
		durationUS = (s.endNS - s.startNS) / 1000
	}
	return c.At.Add(time.Duration(s.startNS - c.NS)), durationUS
}

// BySlot sorts sealed witness rows to the slots that the monitor noted, so that
// each attempt looks at its own rows only.
func BySlot(rows []*lane.WitnessRow, slots int) [][]lane.WitnessRow {
	out := make([][]lane.WitnessRow, slots)
	for _, row := range rows {
		if row.Epoch > 0 && row.Slot >= 0 && row.Slot < slots {
			out[row.Slot] = append(out[row.Slot], *row)
		}
	}
	return out
}
