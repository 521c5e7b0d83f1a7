package run

import (
	"context"
	"errors"

	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
)

// A run has phases, one for each kind of trust: processes without a policy, which
// may do what the user may; processes in somebody else's sandbox; and sealed
// processes. A process that is alive next to one of another kind could hand it a
// descriptor, memory or a message. So all processes of a phase are gone, with all
// that they left behind, before the next one begins. Only rows are kept, in the
// spool.

// processes runs the phases.
func (r *runner) processes(ctx context.Context) (err error) {
	if r.spool, err = newSpool(r.opts.TempDir); err != nil {
		return err
	}
	defer r.spool.close()
	for _, phase := range []func(context.Context) error{r.unsealed, r.wrapped, r.sealed} {
		if err := phase(ctx); err != nil || ctx.Err() != nil {
			return err
		}
		r.endOrphans()
	}
	return nil
}

// unsealed runs everything that has no policy: the families' shared baselines,
// the profiles' own ones, the listings and baselines of sweeps.
func (r *runner) unsealed(ctx context.Context) error {
	p := newPool(r.guard)
	defer p.wait()
	if err := r.baselines(ctx, p); err != nil {
		return err
	}
	err := r.eachProfile(ctx, p, func(prof *plan.Profile) bool { return prof.Sweep == nil }, r.baselineOf)
	if err != nil || ctx.Err() != nil {
		return err
	}
	r.shared = nil // their rows are in the spool
	return r.listSweeps(ctx)
}

// wrapped runs the profiles of other people's sandboxes. They have neither a
// Landlock domain nor a filter of ours, so that one of them could connect to a
// socket on which a sealed process listens.
func (r *runner) wrapped(ctx context.Context) error {
	return r.eachProfile(ctx, newPool(r.guard), isWrapped, r.profile)
}

// sealed runs what an enforcement point of ours judges.
func (r *runner) sealed(ctx context.Context) error {
	judged := func(prof *plan.Profile) bool { return prof.Sweep == nil && !isWrapped(prof) }
	err := r.eachProfile(ctx, newPool(r.guard), judged, r.profile)
	if err != nil || ctx.Err() != nil {
		return err
	}
	return r.sealSweeps(ctx)
}

func isWrapped(prof *plan.Profile) bool { return prof.Seal == string(probing.SealWrap) }

// eachProfile does something for all profiles that are meant, some at once, and
// returns when all is done.
func (r *runner) eachProfile(
	ctx context.Context, p *pool, meant func(*plan.Profile) bool, do func(context.Context, *plan.Profile) error,
) error {
	errs := make([]error, len(r.opts.Plan.Profiles))
	for i := range r.opts.Plan.Profiles {
		prof := &r.opts.Plan.Profiles[i]
		if !meant(prof) {
			continue
		}
		p.run(func() {
			if ctx.Err() == nil {
				errs[i] = do(ctx, prof)
			}
		})
	}
	p.wait()
	return errors.Join(append(errs, r.failed())...)
}
