package evidence

import (
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// TestBySlot: rows from before sealing, and of slots that the process lacks, are of
// no attempt.
func TestBySlot(t *testing.T) {
	rows := []*lane.WitnessRow{
		{Seq: 1, Epoch: 0, Slot: 0}, {Seq: 2, Epoch: 1, Slot: 1}, {Seq: 3, Epoch: 1, Slot: -1},
		{Seq: 4, Epoch: 1, Slot: 2}, {Seq: 5, Epoch: 1, Slot: 1},
	}
	got := BySlot(rows, 2)
	if len(got) != 2 || len(got[0]) != 0 || len(got[1]) != 2 || got[1][0].Seq != 2 || got[1][1].Seq != 5 {
		t.Errorf("%+v", got)
	}
}

// TestDetailHasTheHint: a process that did not start tells each attempt why, and
// what a person can do.
func TestDetailHasTheHint(t *testing.T) {
	k, _ := asked(t, "kernel.ostype")
	a := Attempt{Item: tried(k, 0).Item}
	row := BaselineRow(k, a, &Process{Failed: lane.StageLaunch, Err: "exec: no such file", Hint: " (run make build)"})
	if row.Detail != "exec: no such file (run make build)" || row.Stage != lane.StageLaunch || row.State != lane.NotStarted {
		t.Errorf("%+v", row)
	}
}
