// Package run executes a plan: it starts the processes, gathers the lanes,
// decides, judges and writes the bundle. Data flows through it once:
//
//	plan -> processes -> rows -> decisions -> packets -> bundle -> report
//
// Package evidence makes the rows, the decisions and the counts. Run schedules the
// processes and owns the files.
//
// It knows nothing of terminals; a [Watcher] is told what happens.
package run

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/host/verify"
	"github.com/hrhost/hrhost/host/world"
	"github.com/hrhost/hrhost/internal/guard"
)

// Options is one run.
type Options struct {
	Plan    *plan.Plan
	Shown   string   // the plan's path as the user gave it, "" for the default plan
	Out     string   // directory that gets runs/, LATEST and the links
	Bin     string   // directory of hrhost's own programs
	TempDir string   // short: sockets live below it. No plugin reads there but in its own directory
	Private []string // more directories that no plugin may read
	Channel string   // spawn_clean or direct
	Stage   string   // the staged root, "" when there is none
	Version string
	Watch   Watcher
	Trace   *probing.Trace // of the sealed processes
	Debug   io.Writer      // gets a copy of their stderr
	Point   point.New      // how this system enforces policies
	probing.Deadlines

	world *world.World                            // tests say another world; nil is this one
	batch int                                     // tests make a sweep's batches small; 0 is batchSize
	lives func(probing.Job) (ended func())        // tests see each process of a plugin begin and end
	check func(dir string) (verify.Report, error) // tests say another verification; nil is [verify.Bundle]
}

// Watcher is told what happens, from several goroutines, one call at a time.
type Watcher interface {
	Started(world string, profiles, probes int)
	Profile(ProfileDone)
	Line(Line)
}

// ProfileDone is one profile that has ended.
type ProfileDone struct {
	ID     string
	Sealed bool
	Seal   string // self, exec, wrap
	Probes int
	Took   time.Duration
	Note   string // "" when all went well: "DIED in denied: killed by SIGSEGV (5 of 6 done)"
}

// Line is one expectation as a person reads it.
type Line = evidence.Line

// Result is a finished run.
type Result struct {
	Dir       string // the bundle
	RunID     string
	Summary   bundle.Summary
	Verify    verify.Report
	Documents int
	Notes     []bundle.Note // the summary's, in the order of the plan
	Acquired  string        // what became of handles from before sealing, in one line; "" when none was held
	Faults    []string      // what plugins did that none should, each beginning with the process's name
	Wrong     []Line        // the first targets of sweeps that have a packet, named profile:target
	WrongMore int           // and how many more there are
	Took      time.Duration
	Exit      int
	Sweeps    []bundle.SweepResult
}

// Exit codes of a run, by what was found.
const (
	ExitOK         = 0
	ExitMismatch   = 1
	ExitRefused    = 2
	ExitIncomplete = 3
	ExitInternal   = 4
)

// exitOf is the exit code of a run by its rows. What could not be measured comes
// before a mismatch.
func exitOf(t *evidence.Tally) int {
	switch {
	case t.Incomplete:
		return ExitIncomplete
	case t.Mismatch:
		return ExitMismatch
	}
	return ExitOK
}

// execution is one run: what it is about, and what it works with.
type execution struct {
	opts    Options
	about   about
	errs    *firstError
	opening sync.WaitGroup // of the plugins
	plugins pluginSet
	points  *enforcement
	out     *outputs
}

// Run executes the plan. An error means that hrhost itself failed or was interrupted;
// what plugins and policies did is in the Result and in the bundle. After an
// *[Unverified] the bundle is whole, after any other error it is partial.
func Run(ctx context.Context, opts Options) (res *Result, err error) {
	x := &execution{opts: opts, errs: new(firstError), plugins: pluginSet{}, about: aboutOf(opts)}
	x.opening.Go(func() { // nothing takes longer before the first process
		x.errs.guard(func() { x.plugins.open(opts) })
	})
	defer func() {
		x.opening.Wait()
		x.plugins.close()
	}()
	if x.about.world == nil {
		if x.about.world, err = world.Read(); err != nil {
			return nil, err
		}
	}
	x.about.self = world.CheckSelf()
	if x.points, err = newEnforcement(&opts); err != nil {
		return nil, err
	}
	defer x.points.close()
	w, err := bundle.Create(opts.Out, x.about.id)
	if err != nil {
		return nil, err
	}
	x.out = &outputs{bundle: w}
	defer func() {
		if err != nil {
			x.out.close()
			abort(ctx, w, err)
		}
	}()
	x.points.launcher.Fence(append(opts.Private, opts.TempDir, filepath.Dir(w.Dir()))...)
	err = guard.Do(func() (err error) {
		res, err = x.execute(ctx)
		return err
	})
	return res, err
}

func (x *execution) execute(ctx context.Context) (*Result, error) {
	if err := x.prepare(ctx); err != nil {
		return nil, err
	}
	p := x.opts.Plan
	x.opts.Watch.Started(x.about.world.ID, len(p.Profiles), countProbes(p))
	res := &results{
		judge: mismatch.Run{Plan: x.opts.Shown, Context: x.about.mismatchContext()},
		plan:  p.ID, out: x.out, watch: x.opts.Watch, tally: evidence.NewTally(p),
	}
	swept, err := x.processes(ctx, res)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("interrupted: %w", context.Cause(ctx))
	}
	return x.epilogue(ctx, &findings{tally: &res.tally, wrong: res.wrong, context: res.judge.Context, swept: swept})
}

// prepare does what comes before the first plugin: the programs are read, the
// buses started, the first documents written. None of the three needs another.
// The live oracles are calibrated beside the first processes.
func (x *execution) prepare(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait() // also when the prologue panics
	wg.Go(func() {
		x.errs.guard(func() { x.points.start(ctx, x.opts.Plan) })
		x.points.calibrating.Go(func() { x.errs.guard(x.points.point.Calibrate) })
	})
	err := x.prologue()
	wg.Wait()
	x.opening.Wait()
	return errors.Join(err, x.errs.get())
}

// processes runs the phases, and returns the results of the sweeps.
func (x *execution) processes(ctx context.Context, res *results) ([]bundle.SweepResult, error) {
	spool, err := newSpool(x.opts.TempDir)
	if err != nil {
		return nil, err
	}
	defer spool.close()
	procs := &processes{run: x.points.host.Run, place: res.tally.Place, lives: x.opts.lives, errs: x.errs}
	all := x.opts.Plan.Profiles
	on := parts{frame: x.about.frame(x.points.point), plugins: x.plugins, points: x.points, procs: procs, spool: spool, out: x.out, res: res}
	base := &baselines{parts: on, kept: map[string][]extent{}}
	probes := &profiles{parts: on, base: base, os: x.opts.Plan.OS, trace: x.opts.Trace, debug: x.opts.Debug}
	sweeps := &sweeps{parts: on, size: cmp.Or(x.opts.batch, batchSize)}

	// unsealed runs everything that has no policy: the families' shared baselines,
	// the profiles' own ones, the listings and baselines of sweeps.
	unsealed := func(ctx context.Context) error {
		p := newPool(x.errs)
		defer p.wait()
		if err := base.startShared(ctx, x.opts.Plan, p); err != nil {
			return err
		}
		if err := eachProfile(ctx, p, all, isPlain, base.make); err != nil || ctx.Err() != nil {
			return err
		}
		base.shared = nil // their rows are in the spool
		return sweeps.list(ctx, all)
	}
	wrapped := func(ctx context.Context) error {
		return eachProfile(ctx, newPool(x.errs), all, isWrapped, probes.run)
	}
	// sealed runs what an enforcement point of ours judges.
	sealed := func(ctx context.Context) error {
		if err := eachProfile(ctx, newPool(x.errs), all, isJudged, probes.run); err != nil || ctx.Err() != nil {
			return err
		}
		return sweeps.seal(ctx)
	}
	err = inPhases(ctx, func() { x.endOrphans(procs) }, unsealed, wrapped, sealed)
	return sweeps.results(), err
}

// endOrphans ends the processes that plugins of a phase left behind in separate sessions.
// A wrapper's processes are ended too and are not a fault.
func (x *execution) endOrphans(procs *processes) {
	ended, err := x.points.launcher.EndOrphans()
	procs.hold(err)
	if !slices.Contains(sealModes(x.opts.Plan), string(probing.SealWrap)) {
		x.plugins.blame(ended)
	}
}

// NewID names a run by its time and two random bytes.
func NewID(t time.Time) string {
	var b [2]byte
	rand.Read(b[:])
	return t.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:])
}

func countProbes(p *plan.Plan) (n int) {
	for _, prof := range p.Profiles {
		n += len(evidence.Questions(&prof))
	}
	return n
}

// Order lists a plan's expectations as [Line] names them.
func Order(p *plan.Plan) []string {
	var out []string
	for i := range p.Profiles {
		for _, q := range evidence.Questions(&p.Profiles[i]) {
			out = append(out, evidence.ShownID(&p.Profiles[i], q))
		}
	}
	return out
}
