package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
)

// maxItems is how many attempts one process makes at most, so that memory does
// not grow with the plan.
const maxItems = 2048

// maxHeld is how many handles one process holds at most: each may be a child with
// two pipes and a descriptor, and a process has 1024 descriptors.
const maxHeld = 200

// batch is one process's share of a profile: its probes, and for each the
// items of its attempts.
type batch struct {
	prof   *plan.Profile
	probes []evidence.Question
	items  []wire.RunItem // attempts of probe i stand together, in order
	of     []int          // item -> probe
	sweep  *sweeping      // nil when the probes are the plan's own

	skipping *skipping // nil in a sweep, which plans nothing that it skips
}

// profile runs a profile's sealed processes, one for each batch, and concludes
// with the baselines that wait in the spool.
func (r *runner) profile(ctx context.Context, prof *plan.Profile) error {
	begun := time.Now()
	done := ProfileDone{ID: prof.ID, Sealed: true, Seal: prof.Seal, Probes: len(evidence.Questions(prof))}
	s := &skipping{runner: r, prof: prof, left: evidence.Questions(prof)}
	r.mu.Lock()
	kept := r.kept[prof.ID]
	r.mu.Unlock()
	for i, b := range batches(prof, evidence.Planned(prof)) {
		b.skipping = s
		var base unsealedBatch
		if err := r.spool.get(kept[i], &base); err != nil {
			return err
		}
		sealed, err := r.sealedReport(ctx, b)
		if err != nil {
			return err
		}
		if note := health(base.Trouble, sealed); note != "" {
			done.Note, done.Sealed = note, sealed.Epoch > 0
		}
		if err := r.conclude(b, &base, sealed); err != nil {
			return err
		}
	}
	if err := errors.Join(s.rest(), r.ended(prof)); err != nil {
		return err
	}
	done.Took = time.Since(begun)
	r.mu.Lock()
	defer r.mu.Unlock()
	if done.Note != "" { // also when only the baseline's process died
		r.tally.Incomplete = true
	}
	if ctx.Err() == nil { // how a process ended that was interrupted is no news of its plugin
		r.opts.Watch.Profile(done)
	}
	return nil
}

// batches cuts a profile's probes into processes: one probe each under
// isolation probe, else as many as one process takes.
func batches(prof *plan.Profile, probes []evidence.Question) []*batch {
	size := max(1, maxItems/max(1, prof.Repeat))
	if prof.Acquire != "after" {
		size = min(size, maxHeld)
	}
	if prof.Isolation == "probe" {
		size = 1
	}
	var out []*batch
	for len(probes) > 0 {
		n := min(size, len(probes))
		out = append(out, newBatch(prof, probes[:n]))
		probes = probes[n:]
	}
	return out
}

func newBatch(prof *plan.Profile, probes []evidence.Question) *batch {
	b := &batch{prof: prof, probes: probes}
	for i, p := range probes {
		for attempt := 1; attempt <= max(1, prof.Repeat); attempt++ {
			b.items = append(b.items, wire.RunItem{
				Slot: len(b.items), ID: evidence.ShownID(prof, p), Operation: p.Operation,
				FilterName: p.Filter, Target: p.Target, Arm: lane.Arm(p.Arm), Attempt: attempt,
			})
			b.of = append(b.of, i)
		}
	}
	return b
}

// baselineItems are the batch's items without repeats.
func (b *batch) baselineItems() []wire.RunItem {
	var out []wire.RunItem
	for _, it := range b.items {
		if it.Attempt == 1 {
			it.Slot = len(out)
			out = append(out, it)
		}
	}
	return out
}

// sealedReport runs a batch's sealed process. Without a program, and for a profile
// that can't be applied, none is started.
func (r *runner) sealedReport(ctx context.Context, b *batch) (*probing.Report, error) {
	if rep := r.notRun(b, b.items); rep != nil {
		if b.prof.Gate != "" {
			rep.Failed, rep.Reason = lane.StageApply, lane.ApplyUnsupported
		}
		return rep, nil
	}
	log, err := r.log(b.prof.ID)
	if err != nil {
		return nil, err
	}
	pl := r.plugins[b.prof.Family]
	job := probing.Job{
		Name: b.prof.Family + ", profile " + b.prof.ID, Family: b.prof.Family, Binary: pl.binary,
		Options: pl.conf.Options, Items: b.items, Timeout: b.prof.Timeout, Log: log,
		Policy: b.prof.Policy, SBPL: string(b.prof.Text), Params: b.prof.Params,
		Seal: probing.Seal(b.prof.Seal), Wrap: b.prof.Wrap,
		Witness: r.witnessWriter(b, pl), Trace: r.opts.Trace,
	}
	if r.opts.Debug != nil {
		job.Log = io.MultiWriter(log, r.opts.Debug)
	}
	for _, p := range b.probes {
		job.Ask = append(job.Ask, p.Query(0))
	}
	sealed := r.start(ctx, pl, b.prof, job)
	if d := sealed.Description; d != nil {
		r.mu.Lock()
		pl.version, pl.protocol = d.Version, wire.ProtocolMajor
		r.mu.Unlock()
	}
	return sealed, nil
}

// notRun is the report of a batch's process that can't be started, nil when it
// can.
func (r *runner) notRun(b *batch, items []wire.RunItem) *probing.Report {
	if why := b.prof.Gate; why != "" {
		return notLaunched(items, errors.New(why))
	}
	if err := r.plugins[b.prof.Family].err; err != nil {
		return notLaunched(items, err)
	}
	if err := r.blocked(items); err != nil {
		return unattended(items, err)
	}
	return nil
}

// log is a file below logs/ in the bundle. The processes of one profile write
// the same one, one after the other.
func (r *runner) log(name string) (io.Writer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.out.logs[name]; f != nil {
		return f, nil
	}
	f, err := r.bundle.File("logs/" + name + ".log")
	if err == nil {
		r.out.logs[name] = f
	}
	return f, err
}

// restLog gives a log's descriptor back until the next phase.
func (r *runner) restLog(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.out.logs[name]; f != nil {
		return f.Rest()
	}
	return nil
}

// closeLog ends the log of processes that have all ended.
func (r *runner) closeLog(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.out.logs[name]; f != nil {
		return f.Close()
	}
	return nil
}

// notLaunched is the report of a process that never was.
func notLaunched(items []wire.RunItem, err error) *probing.Report {
	r := &probing.Report{Failed: lane.StageLaunch, Err: err}
	for _, it := range items {
		r.Attempts = append(r.Attempts, probing.Attempt{Item: it})
	}
	return r
}

// health is what a person should know of a batch's processes, "" when all went
// well.
func health(baseline string, sealed *probing.Report) string {
	switch {
	case sealed.Reason == lane.FixtureUnavailable:
		return fmt.Sprintf("BLOCKED: %v", sealed.Err)
	case sealed.Failed == lane.StageOperation:
		return died(sealed)
	case sealed.Epoch > 0 && (sealed.Failed == lane.StageLaunch || sealed.Failed == lane.StageHandshake || sealed.Failed == lane.StagePrepare):
		return fmt.Sprintf("DID NOT START under its profile: %v%s", sealed.Err, hint(sealed.Err))
	case sealed.Failed != "" && sealed.Failed != lane.StageCleanup && sealed.Failed != lane.StageReport:
		return fmt.Sprintf("NOT SEALED: %v%s", sealed.Err, hint(sealed.Err))
	}
	return baseline
}

func asLaunch(err error, target **launch.Error) bool { return errors.As(err, target) }

func hint(err error) string {
	var le *launch.Error
	if asLaunch(err, &le) && le.Hint != "" {
		return " (" + le.Hint + ")"
	}
	return ""
}

// died names the probe at which a process stopped and how: by itself, by its
// time limit, or by our hand because it broke the protocol.
func died(s *probing.Report) string {
	done, where := 0, "no probe"
	for _, a := range s.Attempts {
		if a.Outcome != nil || a.Slot.State == recorder.Done {
			done++
		}
		if a.Stopped {
			_, where, _ = strings.Cut(a.Item.ID, ":")
		}
	}
	verb, how := "STOPPED", s.Err.Error()
	switch {
	case s.TimedOut:
		verb, how = "HUNG", "killed after its time limit"
	case s.Exit != nil && !s.Exit.Killed:
		verb, how = "DIED", s.Exit.String()
	}
	return fmt.Sprintf("%s in %s: %s (%d of %d done)", verb, where, how, done, len(s.Attempts))
}

// answerOf pairs the oracle's answers with the probes.
func (r *runner) answerOf(s *probing.Report, probe int, q evidence.Question) *lane.OracleRow {
	if probe >= len(s.Answers) {
		return nil
	}
	row := evidence.Asked(s.Answers[probe], r.host.Point.Calibrated(q.Query(0)))
	return &row
}
