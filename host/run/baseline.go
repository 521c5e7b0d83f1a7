package run

import (
	"context"
	"time"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/wire"
)

// baseline is one family's process without a policy. It is shared by the
// family's profiles: what a probe gets with no sandbox does not depend on the
// profile that it is held against.
type baseline struct {
	items   []wire.RunItem
	slot    map[tried]int
	timeout time.Duration
	done    chan struct{}
	report  *probing.Report // once done; nil when no process could be started
}

// tried is what makes two probes the same probe.
type tried struct {
	operation, filter, target string
	arm                       wire.Arm
}

func triedBy(it wire.RunItem) tried { return tried{it.Operation, it.FilterName, it.Target, it.Arm} }

// baselines starts one process for each family, in the order of the plan. A
// family that has more distinct probes than one process takes, and profiles
// whose probes are isolated, are left to their batches.
func (r *runner) baselines(ctx context.Context, p *pool) error {
	r.shared = sharedBaselines(r.opts.Plan)
	for _, pl := range r.opts.Plan.Plugins {
		family, b := pl.Family, r.shared[pl.Family]
		if b == nil {
			continue
		}
		program := r.plugins[family]
		if program.err != nil || r.blocked(b.items) != nil {
			close(b.done)
			continue
		}
		log, err := r.log(family + ".baseline")
		if err != nil {
			return err
		}
		p.run(func() {
			defer close(b.done)
			b.report = r.start(ctx, program, nil, probing.Job{
				Name: family + ", baseline", Family: family, Binary: program.binary,
				Options: program.conf.Options, Items: b.items, Timeout: b.timeout, Log: log,
			})
			if err := r.closeLog(family + ".baseline"); err != nil {
				r.fail(err)
			}
		})
	}
	return nil
}

func sharedBaselines(p *plan.Plan) map[string]*baseline {
	all := map[string]*baseline{}
	for i := range p.Profiles {
		prof := &p.Profiles[i]
		_, planned := split(prof)
		if prof.Isolation == "probe" || len(planned) == 0 || prof.Gate != "" {
			continue
		}
		b := all[prof.Family]
		if b == nil {
			b = &baseline{slot: map[tried]int{}, done: make(chan struct{})}
			all[prof.Family] = b
		}
		b.timeout = max(b.timeout, prof.Timeout)
		for _, it := range newBatch(prof, planned).baselineItems() {
			b.add(it)
		}
	}
	for family, b := range all {
		if len(b.items) > maxItems || b.held() > maxHeld {
			delete(all, family)
		}
	}
	return all
}

// held counts what the process would hold.
func (b *baseline) held() (n int) {
	for _, it := range b.items {
		if it.Arm != wire.After {
			n++
		}
	}
	return n
}

func (b *baseline) add(it wire.RunItem) {
	if _, ok := b.slot[triedBy(it)]; ok {
		return
	}
	it.Slot = len(b.items)
	b.slot[triedBy(it)] = it.Slot
	b.items = append(b.items, it)
}

// baselineOf is the baseline's report about a batch's probes, in their order.
// When the shared process came to grief, over whatever probe, the batch gets a
// process of its own, so that one profile's trouble is not another's.
func (r *runner) baselineOf(ctx context.Context, bt *batch, own func() *probing.Report) *probing.Report {
	b := r.shared[bt.prof.Family]
	if b == nil || bt.prof.Isolation == "probe" {
		return own()
	}
	<-b.done
	if b.report == nil || ctx.Err() != nil {
		return own()
	}
	switch b.report.Failed {
	case "", lane.StageCleanup:
	case lane.StageOperation, lane.StageReport:
		return own()
	default: // it never got to a probe, and would not the next time
	}
	view := *b.report
	view.Attempts = nil
	for _, it := range bt.baselineItems() {
		view.Attempts = append(view.Attempts, b.report.Attempts[b.slot[triedBy(it)]])
	}
	return &view
}
