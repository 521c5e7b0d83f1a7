package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/host/world"
	"github.com/hrhost/hrhost/internal/facts"
	"github.com/hrhost/hrhost/internal/text"
)

func selftestCommand(u *ui) *cobra.Command {
	out := ""
	c := &cobra.Command{
		Use:   "selftest [FACT]...",
		Short: "test the facts about this system that hrhost relies on",
		Long: `Runs a small experiment for each fact that hrhost facts lists for this system, or
for the facts named, each in a process of its own, and prints what was seen:

    pass        the claim was seen to hold
    FAIL        something else was seen, or the experiment crashed, hung or flooded
    n/a         this machine does not have what the claim is about
    INCOMPLETE  the experiment could not be carried out

Nothing needs more rights than an ordinary user has, nothing is written outside
of a temporary directory, and nothing is reached but processes and names of its
own. With --out the result is also written as a directory that hrhost verify and
hrhost diff take, to be sent back: docs/selftest.md.

Exit 1 when something failed, 3 when something could not be carried out.`,
		Example: `  hrhost selftest --out selftest
  hrhost selftest memfd.exec`,
		RunE: func(c *cobra.Command, names []string) error {
			list, err := factsToTry(names)
			if err == nil && out != "" {
				err = usable(out)
			}
			if err != nil {
				return err
			}
			return tryFacts(u.heed(c), u, list, out)
		},
	}
	c.Flags().StringVar(&out, "out", "", "write the result below this directory")
	c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return factNames(), cobra.ShellCompDirectiveNoFileComp
	}
	return c
}

// factsToTry are those of this system that a self test is there for, or those
// named, which may be verified ones.
func factsToTry(names []string) ([]facts.Fact, error) {
	list, err := chosen(here)
	if err != nil {
		return nil, refuse(fmt.Errorf("there are no facts of %s to try", here))
	}
	s := list[0]
	if len(names) == 0 {
		return s.open, nil
	}
	var found []facts.Fact
	for _, name := range names {
		i := slices.IndexFunc(s.facts, func(f facts.Fact) bool { return f.ID == name })
		if i < 0 {
			return nil, refuse(fmt.Errorf("no fact %q of %s", name, here), "hrhost facts --all lists them")
		}
		found = append(found, s.facts[i])
	}
	return found, nil
}

// factNames are those of this system, for a shell to complete.
func factNames() (names []string) {
	list, _ := chosen(here)
	for _, s := range list {
		for _, f := range s.facts {
			names = append(names, f.ID)
		}
	}
	return names
}

// tryFacts runs the experiments, prints each result as it comes, and writes the
// document.
func tryFacts(ctx context.Context, u *ui, list []facts.Fact, out string) error {
	w, err := world.Read()
	if err != nil {
		return err
	}
	start := time.Now()
	d := &selftest.Document{
		SchemaVersion: bundle.SchemaOf(bundle.SelfTestJSON), RunID: run.NewID(start), WorldID: w.ID, World: w,
		System: here, Program: version, User: "ordinary", StartedAt: bundle.Time(start),
	}
	if os.Geteuid() == 0 {
		d.User = "root"
	}
	u.printf("hrhost selftest   %s   %s user   %d facts\n\n", text.Terminal(w.ID), d.User, len(list))
	var r selftest.Runner
	for _, f := range list {
		res := r.Try(ctx, f, selftest.Find(experiments(), f.ID))
		d.Results = append(d.Results, res)
		if res.Ended == selftest.Interrupted {
			continue // once is enough: below
		}
		wrong := res.Outcome == selftest.Fail || res.Outcome == selftest.Incomplete
		if !u.json && (wrong || !u.quiet) {
			res.Line(u.besidePath(), text.Terminal)
		}
	}
	d.EndedAt, d.Counts = bundle.Time(time.Now()), selftest.Count(d.Results)
	u.printf("\n%s   %.1f s\n", d.Counts, time.Since(start).Seconds())
	if err := u.written(d, out); err != nil {
		return err
	}
	if slices.ContainsFunc(d.Results, func(r selftest.Result) bool { return r.Ended == selftest.Interrupted }) {
		return errInterrupted
	}
	return exit(exitCode(d.Counts))
}

// written writes the document where it is wanted, and says where.
func (u *ui) written(d *selftest.Document, out string) error {
	dir := ""
	if out != "" {
		var err error
		if dir, err = selftest.Write(out, d, text.Terminal); err != nil {
			return fmt.Errorf("writing the results: %w", err)
		}
		u.kept = dir
		u.printf("self test %s: send the whole directory back\n", short(dir))
	}
	if u.json {
		return u.object(map[string]any{"selftest": d, "world": d.World, "path": dir})
	}
	if dir != "" {
		u.path(dir)
	}
	return nil
}

// exitCode is the README's: what could not be carried out weighs more than what
// failed.
func exitCode(c selftest.Counts) int {
	switch {
	case c.Incomplete > 0:
		return run.ExitIncomplete
	case c.Fail > 0:
		return run.ExitMismatch
	}
	return 0
}
