package evidence

import (
	"slices"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
)

// SweepPackets keeps the packets that a sweep has. A sweep expects nothing of a
// target, so a missing decision is a packet only where the attempt went wrong or
// two lanes contradict each other. It reuses the slice.
func SweepPackets(packets []mismatch.Packet) []mismatch.Packet {
	return slices.DeleteFunc(packets, func(p mismatch.Packet) bool {
		switch p.MismatchReason {
		case lane.OracleDisagreement, lane.CapturePipelineDisagreement, lane.ProtocolViolation:
			return false
		}
		return !mismatch.Incomplete(p.MismatchReason)
	})
}

// WrongTargets are the targets of sweeps that a person should look at. A plugin
// that dies leaves a thousand of them: the first few are kept.
type WrongTargets struct {
	First []Line
	More  int
}

const maxWrong = 10

// Add keeps a target that has a packet, or counts it.
func (w *WrongTargets) Add(e *Evidence, v mismatch.Judgement) {
	switch {
	case len(v.Packets) == 0:
		return
	case len(w.First) == maxWrong:
		w.More++
		return
	}
	l := NewLine(e, v)
	l.ID = e.Profile.ID + ":" + e.Question.Target
	w.First = append(w.First, l)
}
