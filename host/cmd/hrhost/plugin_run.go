package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/clean"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/internal/guard"
	"github.com/hrhost/hrhost/internal/wire"
)

type pluginRunFlags struct {
	tryFlags
	probe, profile string
	pause, debug   bool
}

func pluginRunCommand(u *ui) *cobra.Command {
	var f pluginRunFlags
	c := &cobra.Command{
		Use:   "run BIN --probe OPERATION[:TARGET] --profile FILE",
		Short: "one probe of a plugin under a profile, with a readable trace",
		Long: `Runs one probe of the plugin under the profile, and prints what happens while it
happens: each step of the protocol, the seal, what the plugin sends, what the
enforcement point is asked and answers, the flight recorder's slot, and at the
end the row with its decision. Without a target it takes the probe's first
control, or its first symbolic target. No bundle is kept.

--pause stops between the seal and the attempt and prints the process's pid, so
that a debugger can be attached (gdb -p PID, dlv attach PID); Enter goes on.
--debug prints the plugin's own log and every message of the connection.`,
		Example: `  hrhost plugin run ./hrhost-probe-chdir --probe sysctl-read:kernel.ostype --profile strict.sb`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return pluginRun(u.heed(c), u, f, args[0])
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.probe, "probe", "", "the operation and, behind a colon, its target")
	fl.StringVar(&f.profile, "profile", "", "the profile to run it under")
	fl.StringArrayVarP(&f.params, "param", "D", nil, "a parameter of the profile, NAME=VALUE")
	fl.StringVar(&f.seal, "seal", "self", "self: once the process is up; exec: from its first instruction")
	fl.StringVar(&f.expect, "expect", "any", "allow, deny, absent or any")
	fl.BoolVar(&f.pause, "pause", false, "stop before the operation and print the pid")
	fl.BoolVar(&f.debug, "debug", false, "print the plugin's log and the messages to stderr")
	return c
}

// pluginRun makes a plan of one probe and runs it in this process.
func pluginRun(ctx context.Context, u *ui, f pluginRunFlags, binary string) error {
	if f.probe == "" || f.profile == "" {
		return refuse(errors.New("run: --probe and --profile are needed"), "see hrhost plugin run --help")
	}
	if _, err := os.Stat(f.profile); err != nil {
		return refuse(fmt.Errorf("reading profile %q: %w", f.profile, cause(err)))
	}
	path, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	d, err := ask(ctx, path)
	if err != nil {
		return err
	}
	operation, target, err := choose(d, f.probe)
	if err != nil {
		return err
	}
	f.repeat = 1
	probe := plan.Probe{ID: "probe", Operation: operation, Target: target, Expect: f.expect}
	pr, err := f.tryFlags.profile(d.Family, f.profile, probe)
	if err != nil {
		return err
	}
	draft := draftOf(*pr, map[string]string{
		"family": binary, "probes[0].op": "--probe", "probes[0].target": "--probe", "probes[0].expect": "--expect",
	})
	draft.Plan.Run.Channel = "direct"
	draft.Plan.Plugins = []plan.Plugin{{Family: d.Family, Path: path}}
	p, err := await(ctx, func() (*plan.Plan, error) { return plan.New(*draft, plan.Options{}) })
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err != nil {
		return refuse(err)
	}
	stage, err := clean.NewStage()
	if err != nil {
		return err
	}
	defer stage.Close()
	return traced(ctx, u, f, p, stage.Dir)
}

// traced runs the plan and prints the trace, then the row.
func traced(ctx context.Context, u *ui, f pluginRunFlags, p *plan.Plan, dir string) error {
	bin, err := programs()
	if err != nil {
		return err
	}
	t := newTracer(u, f)
	opts := run.Options{
		Plan: p, Shown: "plugin run", Out: filepath.Join(dir, "out"), Bin: bin, TempDir: dir, Private: clean.Roots(), Channel: "direct",
		Version: version, Watch: silence{}, Trace: t.trace(), Point: newPoint,
	}
	if f.debug {
		opts.Debug = t.debug("log")
	}
	res, err := run.Run(ctx, opts)
	switch {
	case guard.Stack(err) != nil:
		return faulted(err, runFlags{Discard: true}, "")
	case err != nil && ctx.Err() != nil:
		return errInterrupted
	case err != nil:
		return err
	}
	s, err := readEvidence(res.Dir, "try:probe")
	if err != nil {
		return err
	}
	s.Reproduce = mismatch.Shell(append([]string{"hrhost"}, os.Args[1:]...)...)
	if u.json {
		return errors.Join(u.object(map[string]any{"exit": res.Exit, "story": s}), exit(res.Exit))
	}
	if u.quiet && res.Exit == run.ExitOK {
		return nil
	}
	u.printf("\n")
	s.print(u)
	u.printf("exit %d: %s\n", res.Exit, exitWord(res.Exit))
	return exit(res.Exit)
}

// choose finds the probe and a target for it.
func choose(d *wire.Description, probe string) (operation, target string, err error) {
	operation, target, given := strings.Cut(probe, ":")
	p := d.Probe(operation)
	if p == nil {
		var known []string
		for _, p := range d.Probes {
			known = append(known, p.Operation)
		}
		return "", "", refuse(fmt.Errorf("family %s has no probe for %q", d.Family, operation), "it has "+strings.Join(known, ", "))
	}
	if given {
		return operation, target, nil
	}
	for _, list := range [][]string{p.Controls, p.Targets} {
		if len(list) > 0 {
			return operation, list[0], nil
		}
	}
	return "", "", refuse(fmt.Errorf("the probe %s has no target of its own", operation), "write --probe "+operation+":TARGET")
}

// silence watches a run and says nothing.
type silence struct{}

func (silence) Started(string, int, int) {}
func (silence) Profile(run.ProfileDone)  {}
func (silence) Line(run.Line)            {}

var _ run.Watcher = silence{}
