package run

import (
	"fmt"

	"github.com/hrhost/hrhost/host/evidence"
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
	why := fmt.Sprintf("the plan has no target for %s", r.opts.Plan.OS)
	return r.write(evidence.Skipped(r.caseOf(prof, p), why), nil)
}
