package mismatch

import "github.com/hrhost/hrhost/host/lane"

// Incomplete reports that a packet of this reason makes the run incomplete
// (exit 3) and not merely mismatched (exit 1).
func Incomplete(why lane.Reason) bool { return why.Incomplete() }

// Reasons are all reasons that a packet of our own may have.
func Reasons() []lane.Reason {
	var out []lane.Reason
	for _, row := range lane.Reasons() {
		if row.Exit != 0 {
			out = append(out, row.Reason)
		}
	}
	return out
}
