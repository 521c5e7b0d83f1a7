package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/clean"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/internal/guard"
)

// runFlags are the flags of run; the clean worker gets them as they are.
type runFlags struct {
	Plan, Out                  string // Plan "": the default plan
	Families, Profiles, Probes []string
	JSON, Quiet                bool
	Channel, Stage, Bin, Shown string
	Draft                      *plan.Draft // of try or sweep, in place of Plan
	Discard                    bool        // then: the bundle is thrown away
	Sweep, All                 bool        // of sweep

	read  func(path string) ([]byte, error) // reads the plan's files; nil = from where they are
	stage *clean.Stage                      // of a worker
}

func runCommand(u *ui) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run [CONFIG]",
		Short: "run a plan and write a bundle",
		Long: `Performs each probe of the plan CONFIG under its profile, prints one line for
each and writes a bundle. Without CONFIG, it runs config.toml of the working
directory; if that file does not exist, it runs the default plan, which is part
of hrhost, and writes to the directory out. hrhost init writes the default plan
to files that you can edit.

A result that differs from the plan's expectation is a mismatch: exit 1.`,
		Example: `  hrhost run
  hrhost run my-plan.toml --profile strict --probe denied`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			f.Plan = chosenPlan(args)
			f.Shown, f.JSON, f.Quiet = f.Plan, u.json, u.quiet
			return startRun(u.heed(c), u, f)
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.Out, "out", "", "`directory` for the bundle (default: the plan's out)")
	fl.StringSliceVar(&f.Families, "family", nil, "run only these families of operations")
	fl.StringSliceVar(&f.Profiles, "profile", nil, "run only the profiles with these ids")
	fl.StringSliceVar(&f.Probes, "probe", nil, "run only the probes with these ids")
	return c
}

// startRun refuses a bad plan here, before anything is started or written, and
// then has a clean process do the work.
func startRun(ctx context.Context, u *ui, f runFlags) error {
	var files []string
	f.read = func(path string) ([]byte, error) {
		files = append(files, path)
		return plan.ReadFile(path)
	}
	p, err := load(ctx, f)
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err != nil {
		return err
	}
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		return &exitError{code: run.ExitIncomplete, err: launch.ErrUnsupported}
	}
	if f.Bin, err = programs(); err != nil {
		return err
	}
	out := ""
	if !f.Discard {
		if out, err = filepath.Abs(outOf(p, f)); err != nil {
			return err
		}
		if err := usable(out); err != nil {
			return err
		}
	}
	if f.Channel = p.Run.Channel; f.Channel == "direct" {
		return work(ctx, u, f)
	}
	f.Channel = clean.Channel
	req := clean.Request{Verb: "worker", Payload: f, Files: append(files, binaries(p, f.Bin)...), Out: out}
	if !f.Discard {
		req.Logs, u.kept = filepath.Join(out, "failed-jobs"), out
	}
	req.Lost = u.out.lost
	code, err := clean.Spawn(ctx, req)
	if err != nil {
		return err
	}
	return exit(code)
}

// binaries are the programs that a run of the plan may start.
func binaries(p *plan.Plan, bin string) []string {
	files, _ := filepath.Glob(filepath.Join(bin, "hrhost-*"))
	for _, pl := range p.Plugins {
		if path, err := run.FindPlugin(bin, p.Run.PluginDir, pl); err == nil {
			files = append(files, path)
		}
	}
	return files
}

// staged makes a plan name the copies of its plugins that a clean process has.
func staged(p *plan.Plan, stage *clean.Stage) {
	p.Run.PluginDir = stage.Staged(p.Run.PluginDir)
	for i := range p.Plugins {
		p.Plugins[i].Path = stage.Staged(p.Plugins[i].Path)
	}
}

// outOf is the directory that gets the bundle.
func outOf(p *plan.Plan, f runFlags) string {
	if f.Out != "" {
		return f.Out
	}
	return p.Run.Out
}

// usable refuses an output directory before anything is run.
func usable(out string) error {
	if err := bundle.MakeOut(out); err != nil {
		return refuse(err, "--out names another directory")
	}
	return nil
}

// interrupted says where the part of a run is that was done, if it is kept.
func interrupted(f runFlags, out string) error {
	if f.Discard {
		return errInterrupted
	}
	return &exitError{code: run.ExitIncomplete, err: fmt.Errorf("interrupted: what was done is in a .partial directory below %s", short(filepath.Join(out, "runs")))}
}

// unchecked names a whole bundle whose verification was interrupted.
func unchecked(dir string) error {
	return &exitError{
		code: run.ExitIncomplete, err: fmt.Errorf("interrupted: the bundle %s is whole, but its verification did not end", short(dir)),
		hints: []string{"verify it: hrhost verify " + short(dir)},
	}
}

// overdue is the error of a worker that did not come to its end after a signal.
func overdue(f runFlags, out string) error {
	text := fmt.Sprintf("interrupted: the run did not end within %s", clean.Grace)
	if !f.Discard {
		text += "; what was done is in the newest directory below " + short(filepath.Join(out, "runs"))
	}
	return &exitError{code: run.ExitIncomplete, err: errors.New(text)}
}

// faulted says where the stack of a panic is, if it is kept.
func faulted(err error, f runFlags, out string) error {
	hint := "this is a mistake in hrhost: report it; with --out DIR its stack is kept"
	if !f.Discard {
		hint = fmt.Sprintf("this is a mistake in hrhost: report it with %s of the .partial directory below %s",
			run.FaultLog, short(filepath.Join(out, "runs")))
	}
	var fault *guard.Fault
	if errors.As(err, &fault) { // other errors follow from it
		err = fault
	}
	return &exitError{code: run.ExitInternal, err: err, hints: []string{hint}}
}

// programs is the directory of hrhost's own programs.
func programs() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	if exe, err = filepath.EvalSymlinks(exe); err != nil {
		return "", err
	}
	return filepath.Dir(exe), nil
}

// load reads the plan, or makes it of a draft, and compiles its profiles.
func load(ctx context.Context, f runFlags) (*plan.Plan, error) {
	return await(ctx, func() (*plan.Plan, error) {
		if f.Draft != nil {
			p, err := plan.New(*f.Draft, plan.Options{ReadFile: f.read})
			if err != nil {
				return nil, refuse(err)
			}
			return p, nil
		}
		return loadPlan(f.Plan, plan.Options{Families: f.Families, Profiles: f.Profiles, Probes: f.Probes, ReadFile: f.read})
	})
}

// workerCommand is the clean process's side. It is not for people.
func workerCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use: "worker", Hidden: true, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := u.heed(c)
			var f runFlags
			stage, err := clean.Receive(&f)
			var failure *clean.Failure
			if errors.As(err, &failure) {
				return err
			}
			if err != nil {
				return refuse(err)
			}
			defer stage.Close()
			f.Stage, u.json, u.quiet = stage.Dir, f.JSON, f.Quiet
			f.stage, f.read = stage, func(path string) ([]byte, error) { return plan.ReadFile(stage.Staged(path)) }
			return work(ctx, u, f)
		},
	}
}

// work executes the plan in this process and prints the result.
func work(ctx context.Context, u *ui, f runFlags) error {
	p, err := load(ctx, f)
	if err != nil {
		return err
	}
	out := outOf(p, f)
	if f.stage != nil {
		kept := out
		defer context.AfterFunc(ctx, func() {
			time.Sleep(clean.Grace)
			code := u.exit(overdue(f, kept))
			f.stage.Close()
			os.Exit(code)
		})()
		staged(p, f.stage)
		f.Bin, out = f.stage.Staged(f.Bin), f.stage.Results()
	}
	temp := f.Stage
	if temp == "" {
		stage, err := clean.NewStage()
		if err != nil {
			return err
		}
		defer stage.Close()
		temp = stage.Dir
	}
	if f.Discard {
		out = filepath.Join(temp, "out")
	}
	u.shown, u.channel, u.sweep = "run "+shownPlan(f.Shown), f.Channel, f.Sweep
	if f.Draft != nil {
		u.shown = f.Shown
	}
	res, err := run.Run(ctx, run.Options{
		Plan: p, Shown: f.Shown, Out: out, Bin: f.Bin, TempDir: temp, Private: clean.Roots(), Channel: f.Channel,
		Stage: f.Stage, Version: version, Watch: u, Point: newPoint,
	})
	var unverified *run.Unverified
	switch {
	case guard.Stack(err) != nil:
		return faulted(err, f, outOf(p, f))
	case errors.As(err, &unverified) && !f.Discard:
		dir := unverified.Dir
		if f.stage != nil {
			dir = f.stage.Final(dir)
		}
		return unchecked(dir)
	case err != nil && ctx.Err() != nil:
		return interrupted(f, outOf(p, f))
	case err != nil:
		return err
	}
	if f.stage != nil {
		res.Dir = f.stage.Final(res.Dir)
	}
	if !f.Discard {
		u.kept = res.Dir
	}
	if f.Sweep {
		return u.finishSweep(res, f.All, f.Discard)
	}
	return u.finish(p, res, f.Discard)
}

// finish prints a result. A discarded bundle is not named.
func (u *ui) finish(p *plan.Plan, res *run.Result, discard bool) error {
	if u.json {
		err := u.object(map[string]any{"bundle": res.Dir, "exit": res.Exit, "summary": res.Summary,
			"promotable": res.Verify.Promotable, "conditions": res.Verify.Conditions, "valid": res.Verify.Valid})
		return errors.Join(err, exit(res.Exit))
	}
	if ids := run.Order(p); len(ids) > 0 {
		u.inOrder(ids)
		u.table()
	}
	u.sweeps(res)
	u.wrong(res)
	u.closing(res, short(res.Dir), discard)
	return exit(res.Exit)
}

// short is a path relative to where the user stands, when that is shorter.
func short(path string) string {
	wd := os.Getenv("HRHOST_SHOWN_FROM")
	if wd == "" {
		wd, _ = os.Getwd()
	}
	if rel, err := filepath.Rel(wd, path); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return path
}
