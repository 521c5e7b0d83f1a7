package run

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/text"
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

// baselines makes the baselines of a run and keeps them in the spool.
type baselines struct {
	parts
	shared map[string]*baseline // by family

	mu   sync.Mutex          // guards kept
	kept map[string][]extent // by profile
}

// startShared starts one process for each family, in the order of the plan. A
// family that has more distinct probes than one process takes, and profiles
// whose probes are isolated, are left to their batches.
func (bs *baselines) startShared(ctx context.Context, p *plan.Plan, pool *pool) error {
	bs.shared = sharedBaselines(p)
	for _, conf := range p.Plugins {
		family, b := conf.Family, bs.shared[conf.Family]
		if b == nil {
			continue
		}
		pl := bs.plugins[family]
		if pl.err != nil || bs.points.blocked(operationsOf(b.items)...) != nil {
			close(b.done)
			continue
		}
		log, err := bs.out.log(family + ".baseline")
		if err != nil {
			return err
		}
		pool.run(func() {
			defer close(b.done)
			b.report = bs.procs.start(ctx, pl, "", baselineJob(pl, family+", baseline", b.items, b.timeout, log))
			if err := bs.out.closeLog(family + ".baseline"); err != nil {
				bs.procs.errs.note(err)
			}
		})
	}
	return nil
}

// baselineJob is a process that makes attempts without a policy.
func baselineJob(pl *plugin, name string, items []wire.RunItem, timeout time.Duration, log io.Writer) probing.Job {
	return probing.Job{
		Name: name, Family: pl.conf.Family, Binary: pl.binary, Options: pl.conf.Options,
		Items: items, Timeout: timeout, Log: log,
	}
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

// make gets the baselines of a profile's batches and puts them into the spool.
func (bs *baselines) make(ctx context.Context, prof *plan.Profile) error {
	var kept []extent
	for _, b := range batches(prof, evidence.Planned(prof)) {
		rep, err := bs.report(ctx, b)
		if err != nil {
			return err
		}
		e, err := bs.keepBaseline(b, rep)
		if err != nil {
			return err
		}
		kept = append(kept, e)
	}
	bs.mu.Lock()
	bs.kept[prof.ID] = kept
	bs.mu.Unlock()
	return bs.out.restLog(prof.ID)
}

// of returns where a profile's baselines are in the spool, one for each batch.
func (bs *baselines) of(profile string) []extent {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	return bs.kept[profile]
}

// unsealed is a batch's baseline, as its process reports it.
func (f frame) unsealed(b *batch, rep *probing.Report, fence launch.Containment) *unsealedBatch {
	u := &unsealedBatch{}
	if rep.Failed != "" && rep.Failed != lane.StageCleanup {
		u.Trouble = fmt.Sprintf("baseline failed at %s: %s", rep.Failed, text.OneLine(rep.Err.Error()))
	}
	p := observe(rep)
	for i, q := range b.probes {
		row := evidence.BaselineRow(f.caseOf(b.prof, q), p.Attempts[i], p)
		row.Contained = contained(fence, row.Operation, row.Result)
		u.Rows = append(u.Rows, row)
	}
	return u
}

// report is about a batch's probes with no policy, in their order: the shared
// process's, else that of a separate process. Without a program, and for a profile
// that can't be applied, none is started.
func (bs *baselines) report(ctx context.Context, b *batch) (*probing.Report, error) {
	items, pl := b.baselineItems(), bs.plugins[b.prof.Family]
	if rep := notRun(b.prof, pl, items, bs.points.blocked(operationsOf(items)...)); rep != nil {
		return rep, nil
	}
	if shared := bs.shared[b.prof.Family]; shared != nil && b.prof.Isolation != "probe" {
		<-shared.done
		if rep := shared.part(items); rep != nil && ctx.Err() == nil {
			return rep, nil
		}
	}
	log, err := bs.out.log(b.prof.ID)
	if err != nil {
		return nil, err
	}
	job := baselineJob(pl, b.prof.Family+", baseline of "+b.prof.ID, items, b.prof.Timeout, log)
	return bs.procs.start(ctx, pl, b.prof.ID, job), nil
}

// part is the process's report about some of its items, nil when there is none.
// When that process failed, over any probe, there is none: the batch gets a separate
// process, so that one profile's trouble is not another's.
func (b *baseline) part(items []wire.RunItem) *probing.Report {
	if b.report == nil {
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
	for _, it := range items {
		view.Attempts = append(view.Attempts, b.report.Attempts[b.slot[triedBy(it)]])
	}
	return &view
}
