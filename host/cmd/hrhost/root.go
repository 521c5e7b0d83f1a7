package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const longHelp = `hrhost runs small probe plugins under a sandbox profile and writes down, for
every planned operation, four things side by side: what the profile was
predicted to say, what the enforcement point decided, what the system call
returned, and what the same probe gets with no sandbox.

    hrhost run                 # the default plan, or config.toml if there is one
    hrhost try my.sb sysctl-read kernel.ostype
    hrhost sweep --profile my.sb --operation sysctl-read
    hrhost explain out sysctl.strict:denied

Exit codes, of every verb:
    0  as expected
    1  mismatches (run, try, sweep, plugin run), not valid (verify), differences
       (diff), stale, findings (sb check), a decision that lacks facts (sb decide),
       a duty not kept (plugin check), a fact that failed (selftest)
    2  usage, plan or profile refused: nothing was run, nothing was written
    3  incomplete: a process died, was blocked or interrupted, or disk
       space or open files ran out
    4  internal error

With -q what went well is not told: stdout has the path of what was written and
kept, or, of a verb that writes nothing, what was found wrong. What run, try,
sweep and selftest found wrong is on stderr then. A verb that only answers a
question (explain, world, sb decide...) answers.`

func rootCommand(u *ui) *cobra.Command {
	root := &cobra.Command{
		Use:           "hrhost",
		Short:         "probe what a sandbox profile really does",
		Long:          longHelp,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },

		PersistentPreRunE: refuseEmpty,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return refuse(err, "see "+c.CommandPath()+" --help") })
	root.PersistentFlags().BoolVar(&u.json, "json", false, "print one JSON object")
	root.PersistentFlags().BoolVarP(&u.quiet, "quiet", "q", false, "print only what was found wrong, and the path of what was written")
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
