package run

import (
	"context"
	"fmt"
	"time"

	"github.com/hrhost/hrhost/host/evidence"
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
	arm                       lane.Arm
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
		planned := evidence.Planned(prof)
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
		if it.Arm != lane.After {
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

// unsealedBatch is the baseline of a batch as it waits in the spool.
type unsealedBatch struct {
	Rows    []*lane.BaselineRow `json:"rows"`    // one for each probe
	Trouble string              `json:"trouble"` // why the process did not come to its end, "" when it did
}

// baselineOf gets the baselines of a profile's batches and puts them into the
// spool.
func (r *runner) baselineOf(ctx context.Context, prof *plan.Profile) error {
	var kept []extent
	for _, b := range batches(prof, evidence.Planned(prof)) {
		rep, err := r.baselineReport(ctx, b)
		if err != nil {
			return err
		}
		e, err := r.spool.put(r.unsealedBatch(b, rep))
		if err != nil {
			return err
		}
		kept = append(kept, e)
	}
	r.mu.Lock()
	r.kept[prof.ID] = kept
	r.mu.Unlock()
	return r.restLog(prof.ID)
}

func (r *runner) unsealedBatch(b *batch, rep *probing.Report) *unsealedBatch {
	u := &unsealedBatch{}
	if rep.Failed != "" && rep.Failed != lane.StageCleanup {
		u.Trouble = fmt.Sprintf("baseline failed at %s: %v", rep.Failed, rep.Err)
	}
	p := observe(rep)
	for i, q := range b.probes {
		row := evidence.BaselineRow(r.caseOf(b.prof, q), p.Attempts[i], p)
		row.Contained = contained(r.launcher.Containment(), row.Operation, row.Result)
		u.Rows = append(u.Rows, row)
	}
	return u
}

// baselineReport is the report about a batch's probes with no policy, in their
// order: the shared process's, else that of a separate process. Without a program,
// and for a profile that can't be applied, none is started.
func (r *runner) baselineReport(ctx context.Context, b *batch) (*probing.Report, error) {
	items := b.baselineItems()
	if rep := r.notRun(b, items); rep != nil {
		return rep, nil
	}
	if rep := r.sharedReport(ctx, b); rep != nil {
		return rep, nil
	}
	log, err := r.log(b.prof.ID)
	if err != nil {
		return nil, err
	}
	pl := r.plugins[b.prof.Family]
	return r.start(ctx, pl, b.prof, probing.Job{
		Name: b.prof.Family + ", baseline of " + b.prof.ID, Family: b.prof.Family, Binary: pl.binary,
		Options: pl.conf.Options, Items: items, Timeout: b.prof.Timeout, Log: log,
	}), nil
}

// sharedReport is the shared process's report about a batch, nil when there is
// none. When that process failed, over any probe, there is none: the
// batch gets a separate process, so that one profile's trouble is not another's.
func (r *runner) sharedReport(ctx context.Context, bt *batch) *probing.Report {
	b := r.shared[bt.prof.Family]
	if b == nil || bt.prof.Isolation == "probe" {
		return nil
	}
	<-b.done
	if b.report == nil || ctx.Err() != nil {
		return nil
	}
	switch b.report.Failed {
	case "", lane.StageCleanup:
	case lane.StageOperation, lane.StageReport:
		return nil
	default: // it never got to a probe, and would not the next time
	}
	view := *b.report
	view.Attempts = nil
	for _, it := range bt.baselineItems() {
		view.Attempts = append(view.Attempts, b.report.Attempts[b.slot[triedBy(it)]])
	}
	return &view
}
