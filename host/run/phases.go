package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
)

// A run has phases, one for each kind of trust: processes without a policy, which
// may do what the user may; processes in somebody else's sandbox; and sealed
// processes. A process that is alive next to one of another kind could hand it a
// descriptor, memory or a message. So all processes of a phase are gone, with all
// that they left behind, before the next one begins. Only rows are kept, in the
// spool.

// phase is a part of a run whose processes are all of one kind.
type phase func(context.Context) error

// inPhases runs the phases, and cleans up after each. The first error, and the end
// of the context, end the sequence.
func inPhases(ctx context.Context, cleanUp func(), phases ...phase) error {
	for _, do := range phases {
		if err := do(ctx); err != nil || ctx.Err() != nil {
			return err
		}
		cleanUp()
	}
	return nil
}

// eachProfile does something for all profiles that are meant, as many at once as
// the pool takes, and returns when all is done.
func eachProfile(
	ctx context.Context, p *pool, all []plan.Profile, meant func(*plan.Profile) bool, do func(context.Context, *plan.Profile) error,
) error {
	errs := make([]error, len(all))
	for i := range all {
		prof := &all[i]
		if !meant(prof) {
			continue
		}
		p.run(func() {
			if ctx.Err() == nil {
				errs[i] = do(ctx, prof)
			}
		})
	}
	return errors.Join(append(errs, p.wait())...)
}

// isPlain reports that a profile's probes are the plan's own.
func isPlain(prof *plan.Profile) bool { return prof.Sweep == nil }

// isWrapped reports that a profile's processes run in somebody else's sandbox. They
// have neither a Landlock domain nor a filter of ours, so that one of them could
// connect to a socket on which a sealed process listens.
func isWrapped(prof *plan.Profile) bool { return prof.Seal == string(probing.SealWrap) }

// isJudged reports that an enforcement point of ours judges the plan's probes.
func isJudged(prof *plan.Profile) bool { return isPlain(prof) && !isWrapped(prof) }

// stopped is why a run that is under way does not go on, nil when it does.
func stopped(ctx context.Context, errs *firstError) error {
	if err := errs.get(); err != nil || ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("interrupted: %w", context.Cause(ctx))
}
