package evidence

import (
	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Question is one expectation: a planned probe on one arm.
type Question struct {
	plan.Probe
	Arm lane.Arm
}

// Expected is the plan's expectation on this arm.
func (q Question) Expected() string {
	if q.Arm == lane.Before {
		return q.ExpectBefore
	}
	return q.Expect
}

// Query is the question to a policy about the process pid, see [enforce.Planned].
func (q Question) Query(pid int) sbpl.Query {
	return enforce.Planned(q.Operation, q.Filter, q.Target, pid)
}

// Questions returns a profile's expectations in the plan's order. A probe that
// expects nothing to be there has nothing to hold.
func Questions(prof *plan.Profile) []Question {
	var out []Question
	for _, p := range prof.Probes {
		arms := []lane.Arm{lane.After}
		switch {
		case p.Expect == "absent":
		case prof.Acquire == "before":
			arms = []lane.Arm{lane.Before}
		case prof.Acquire == "both":
			arms = []lane.Arm{lane.After, lane.Before, lane.Again}
		}
		for _, arm := range arms {
			out = append(out, Question{p, arm})
		}
	}
	return out
}

// Planned returns the questions of a profile that this platform can ask, in the
// plan's order.
func Planned(prof *plan.Profile) []Question {
	var out []Question
	for _, q := range Questions(prof) {
		if !q.Skip {
			out = append(out, q)
		}
	}
	return out
}

// ExpectationID names an expectation in the documents of a bundle.
func ExpectationID(prof *plan.Profile, q Question) string {
	return prof.ID + ":" + q.ID + "@" + string(q.Arm)
}

// ShownID names an expectation for people. It leaves the usual arm out.
func ShownID(prof *plan.Profile, q Question) string {
	id := prof.ID + ":" + q.ID
	if q.Arm != lane.After {
		id += "@" + string(q.Arm)
	}
	return id
}
