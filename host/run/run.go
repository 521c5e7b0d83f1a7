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
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/host/report"
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

	world *world.World                     // tests say another world; nil is this one
	batch int                              // tests make a sweep's batches small; 0 is batchSize
	lives func(probing.Job) (ended func()) // tests see each process of a plugin begin and end
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
	Acquired  string   // what became of handles from before sealing, in one line; "" when none was held
	Faults    []string // what plugins did that none should, each beginning with the process's name
	Wrong     []Line   // the first targets of sweeps that have a packet, named profile:target
	WrongMore int      // and how many more there are
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

// runner is the state of one run.
type runner struct {
	opts        Options
	id          string
	started     time.Time
	world       *world.World
	self        world.SelfCheck
	launcher    *launch.Launcher
	host        *probing.Host
	opening     sync.WaitGroup
	plugins     map[string]*plugin // by family, once opened
	bundle      *bundle.Writer
	out         outputs
	shared      map[string]*baseline // by family
	spool       *spool
	kept        map[string][]extent // baselines in the spool, by profile; guarded by mu
	sweepings   []*sweeping
	orphaned    error // what the phase before left behind could not be ended
	calibrating sync.WaitGroup
	facts       point.Facts // of the system, once the processes are gone
	judge       mismatch.Run
	acquired    string // hypothesis 2 in one line
	swept       []bundle.SweepResult

	mu    sync.Mutex // guards what follows, and the watcher
	tally evidence.Tally
	wrong evidence.WrongTargets
	err   error // the first error of our own that must end the run
}

// Run executes the plan. An error means that hrhost itself failed; whatever
// plugins and policies did is in the Result and in the bundle.
func Run(ctx context.Context, opts Options) (res *Result, err error) {
	r := &runner{
		opts: opts, id: NewID(time.Now()), started: time.Now(), tally: evidence.NewTally(opts.Plan),
		world: opts.world, kept: map[string][]extent{},
	}
	r.opening.Go(func() { // nothing takes longer before the first process
		r.guard(func() { r.plugins = openPlugins(opts) })
	})
	defer func() {
		r.opening.Wait()
		closePlugins(r.plugins)
	}()
	if r.world == nil {
		if r.world, err = world.Read(); err != nil {
			return nil, err
		}
	}
	r.self = world.CheckSelf()
	if r.launcher, err = launch.NewLauncher(filepath.Join(opts.Bin, "hrhost-trampoline")); err != nil {
		return nil, err
	}
	defer r.launcher.Close()
	r.host = opts.host(r.launcher)
	defer r.closePoint()
	if r.bundle, err = bundle.Create(opts.Out, r.id); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			r.abort(ctx, err)
		}
	}()
	r.launcher.Fence(append(opts.Private, opts.TempDir, filepath.Dir(r.bundle.Dir()))...)
	err = guard.Do(func() (err error) {
		res, err = r.execute(ctx)
		return err
	})
	return res, err
}

func (r *runner) execute(ctx context.Context) (*Result, error) {
	r.judge = mismatch.Run{Plan: r.opts.Shown, Context: mismatch.RunContext{
		RunID: r.id, WorldID: r.world.ID, Channel: r.opts.Channel,
		PlanDigest: r.opts.Plan.Digest, RunManifest: bundle.RunManifest,
	}}
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	p := r.opts.Plan
	r.opts.Watch.Started(r.world.ID, len(p.Profiles), countProbes(p))
	if err := r.processes(ctx); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("interrupted: %w", context.Cause(ctx))
	}
	return r.epilogue()
}

// prepare does what comes before the first plugin: the programs are read, the
// buses started, the first documents written. None of the three needs another.
// The live oracles are calibrated beside the first processes.
func (r *runner) prepare(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait() // also when the prologue panics
	wg.Go(func() {
		r.guard(func() { r.startPoint(ctx) })
		r.calibrating.Go(func() { r.guard(r.host.Point.Calibrate) })
	})
	err := r.prologue()
	wg.Wait()
	r.opening.Wait()
	return errors.Join(err, r.failed())
}

// epilogue writes what is known only at the end, and closes the bundle.
func (r *runner) epilogue() (*Result, error) {
	if err := errors.Join(r.out.close(), r.bundle.Join()); err != nil {
		return nil, err
	}
	r.facts = r.host.Point.Facts()
	var ending sync.WaitGroup
	defer ending.Wait()
	ending.Go(r.closePoint) // nobody needs it any more
	sum, err := r.finalDocuments()
	if err != nil {
		return nil, err
	}
	if err := report.Write(r.bundle); err != nil {
		return nil, fmt.Errorf("rendering the reports: %w", err)
	}
	if err := r.bundle.Status(bundle.Complete, ""); err != nil {
		return nil, err
	}
	dir, err := r.bundle.Commit()
	if err != nil {
		return nil, err
	}
	res := &Result{Dir: dir, RunID: r.id, Summary: sum, Acquired: r.acquired, Exit: exitOf(&r.tally), Sweeps: r.swept, Faults: r.faults(), Wrong: r.wrong.First, WrongMore: r.wrong.More}
	if res.Verify, err = verify.Bundle(dir); err != nil {
		return nil, fmt.Errorf("verifying the bundle: %w", err)
	}
	if !res.Verify.Valid {
		res.Exit = ExitInternal
	}
	entries, err := os.ReadDir(dir)
	res.Documents, res.Took = len(entries), time.Since(r.started)
	return res, err
}

// host starts the processes of a run or of a question.
func (o *Options) host(l *launch.Launcher) *probing.Host {
	return &probing.Host{
		Launcher: l, TempDir: o.TempDir, Version: o.Version, Deadlines: o.Deadlines,
		Point: o.Point(point.Config{Launcher: l, TempDir: o.TempDir, Bin: o.Bin}),
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
