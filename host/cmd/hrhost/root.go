package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const longHelp = `hrhost measures a sandbox profile, the text that states the operations a process
may perform. It starts a small plugin, seals it with the profile, has it perform
each operation, and writes four results next to each other:

    predicted    the answer of the profile, evaluated and not enforced
    enforced     the decision that was enforced, with the rule that made it
    got          the result of the call
    no sandbox   the result of the same call without the profile

A probe is one operation on one target. A plan is a file of profiles and probes.
A bundle is the directory that a run writes: every result, with digests.

    hrhost try my.sb sysctl-read kernel.ostype   # one probe
    hrhost run                                   # config.toml, or the default plan
    hrhost explain out sysctl.strict:denied      # one probe of a bundle in full
    hrhost verify out                            # check a bundle

Exit codes of every command:
    0  as expected
    1  mismatches (run, try, sweep, plugin run), invalid (verify), differences
       (diff), stale, findings (sb check), facts missing for a decision (sb decide),
       a rule of the protocol broken (plugin check), a fact that failed (selftest)
    2  usage, plan or profile refused: nothing was run, nothing was written
    3  incomplete: a process died, was blocked or interrupted, or disk
       space or open files ran out
    4  internal error

-q prints only failures and the output path. The failures of run, try, sweep and
selftest go to stderr, those of other commands to stdout. Commands that answer a
question (explain, world, sb decide...) print their answer with -q too. --json
prints one JSON object; a command that is refused prints none.`

func rootCommand(u *ui) *cobra.Command {
	root := &cobra.Command{
		Use:           "hrhost",
		Short:         "measure how a sandbox profile behaves",
		Long:          longHelp,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },

		PersistentPreRunE: refuseEmpty,
	}
	root.SetOut(u.out) // the texts that cobra prints (help, version, completion) are results too
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return refuse(err, "see "+c.CommandPath()+" --help") })
	root.PersistentFlags().BoolVar(&u.json, "json", false, "print one JSON object")
	root.PersistentFlags().BoolVarP(&u.quiet, "quiet", "q", false, "print only failures and the output path")
	root.AddCommand(runCommand(u), initCommand(u), workerCommand(u), tryCommand(u), sweepCommand(u), verifyCommand(u), explainCommand(u),
		diffCommand(u), staleCommand(u), worldCommand(u), factsCommand(u), selftestCommand(u), pluginCommand(u), sbCommand(u), manCommand(u))
	root.AddCommand(systemCommands(u)...)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	refuseUnknown(root)
	wrapUsage(root)
	return root
}

// refuseUnknown has cobra's own commands refuse a name that they do not know;
// left alone they print a help text and succeed.
func refuseUnknown(root *cobra.Command) {
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = func(c *cobra.Command, args []string) error {
				of, rest, err := root.Find(args)
				if err == nil && len(rest) > 0 {
					err = fmt.Errorf("unknown command %q for %q", rest[0], of.CommandPath())
				}
				return err
			}
		case "completion":
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		}
	}
}

// refuseEmpty refuses run "$UNSET" and --out "$UNSET", which would mean as much as
// nothing: the default plan, and its directory.
func refuseEmpty(c *cobra.Command, args []string) (err error) {
	if c.DisableFlagParsing { // a shell asks for completions: the word may be empty yet
		return nil
	}
	hint := "see " + c.CommandPath() + " --help"
	c.Flags().Visit(func(f *pflag.Flag) {
		if v := f.Value.String(); v == "" || v == "[]" {
			err = refuse(fmt.Errorf("flag --%s is empty", f.Name), hint)
		}
	})
	if i := slices.Index(args, ""); i >= 0 {
		err = refuse(fmt.Errorf("argument %d is empty", i+1), hint)
	}
	return err
}

// wrapUsage gives wrong arguments exit code 2, and says what is wrong with them.
func wrapUsage(c *cobra.Command) {
	for _, sub := range c.Commands() {
		wrapUsage(sub)
	}
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return wrongArguments(c, args, err)
			}
			return nil
		}
	}
}

// wrongArguments says it in our words where cobra's are about commands that
// there could be, or count "arg(s)".
func wrongArguments(c *cobra.Command, args []string, err error) error {
	name := c.Name()
	noArgs := name != "help" && strings.HasPrefix(err.Error(), "unknown command")
	switch {
	case noArgs && c.HasSubCommands():
		c.SuggestionsMinimumDistance = 2
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			err = fmt.Errorf("%w: did you mean %q?", err, near[0])
		}
		return refuse(err, "see "+c.CommandPath()+" --help")
	case noArgs:
		err = fmt.Errorf("it takes no arguments, and %q was given", args[0])
	case name != "help":
		err = fmt.Errorf("wrong number of arguments: %d", len(args))
	}
	return refuse(fmt.Errorf("%s: %w", name, err), "usage: "+c.UseLine())
}
