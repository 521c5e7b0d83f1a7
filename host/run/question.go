package run

import (
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
)

// question is one expectation: a planned probe on one arm.
type question struct {
	plan.Probe
	Arm lane.Arm
}

// expected is what the plan expects on this arm.
func (q question) expected() string {
	if q.Arm == lane.Before {
		return q.ExpectBefore
	}
	return q.Expect
}

// questions are a profile's expectations, in the plan's order. A probe that
// expects nothing to be there has nothing to hold.
func questions(prof *plan.Profile) []question {
	var out []question
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
			out = append(out, question{p, arm})
		}
	}
	return out
}

func expectationID(prof *plan.Profile, q question) string {
	return prof.ID + ":" + q.ID + "@" + string(q.Arm)
}

// shownID is how a person names an expectation: the usual arm goes without
// saying.
func shownID(prof *plan.Profile, q question) string {
	id := prof.ID + ":" + q.ID
	if q.Arm != lane.After {
		id += "@" + string(q.Arm)
	}
	return id
}

// Order lists a plan's expectations as [Line] names them.
func Order(p *plan.Plan) []string {
	var out []string
	for i := range p.Profiles {
		for _, q := range questions(&p.Profiles[i]) {
			out = append(out, shownID(&p.Profiles[i], q))
		}
	}
	return out
}
