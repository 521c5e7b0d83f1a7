package run

import (
	"fmt"

	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
)

// skipping writes the rows of the probes that this world cannot do between those
// of the probes that it can, so that a profile's rows are in the plan's order.
type skipping struct {
	*runner
	prof *plan.Profile
	left []evidence.Question // in the plan's order, without those that have their rows
}

// to accounts for the skipped probes that the plan has before p. p comes next.
func (s *skipping) to(p evidence.Question) error {
	if s == nil {
		return nil
	}
	for len(s.left) > 0 {
		q := s.left[0]
		if !q.Skip {
			if q.ID == p.ID && q.Arm == p.Arm {
				s.left = s.left[1:]
			}
			return nil
		}
		if err := s.skip(s.prof, q); err != nil {
			return err
		}
		s.left = s.left[1:]
	}
	return nil
}

// rest accounts for those after the last probe.
func (s *skipping) rest() error { return s.to(evidence.Question{}) }

// skip accounts for a probe that this world cannot do.
func (r *runner) skip(prof *plan.Profile, p evidence.Question) error {
	e := &concluded{prof: prof, probe: p, expect: expectation(prof, p)}
	base := lane.BaselineRow{Context: r.context(prof, p, 1), Name: "baseline:" + evidence.ShownID(prof, p),
		RuntimeStatus: "unsupported", State: lane.NotStarted, End: lane.Returned, Effect: lane.EffectUnobservable,
		Result: lane.Result{Class: lane.NoResult}}
	e.base = &base
	for attempt := 1; attempt <= max(1, prof.Repeat); attempt++ {
		at := lane.Attempt{Supported: false, State: lane.NotStarted}
		e.rows = append(e.rows, lane.RuntimeRow{
			Context: r.context(prof, p, attempt), RuntimeStatus: lane.RuntimeStatus(at), State: lane.NotStarted,
			End: lane.Returned, Result: lane.Result{Class: lane.NoResult}, Effect: lane.EffectUnobservable,
			Attribution: "host_observed", Decision: lane.Decide(at),
			Detail: fmt.Sprintf("the plan has no target for %s", r.opts.Plan.OS),
		})
	}
	return r.write(e)
}
