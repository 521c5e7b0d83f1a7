package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/internal/families"
)

type tryFlags struct {
	params []string
	repeat int
	out    string
	expect string
	seal   string
}

func tryCommand(u *ui) *cobra.Command {
	var f tryFlags
	c := &cobra.Command{
		Use:   "try PROFILE OPERATION TARGET",
		Short: "perform one operation under a profile and print the rule that decided",
		Long: `Performs OPERATION on TARGET under the file PROFILE and prints one line: the
prediction, the decision, the result, the result without the profile, and the
rule. hrhost world --operations lists the operations of this system, and hrhost
plugin describe prints the targets that a plugin has names for, such as pid1.
It keeps no bundle unless you name a directory with --out.`,
		Example: `  hrhost try my.sb sysctl-read kernel.ostype
  hrhost try my.sb signal child -D NAME=value`,
		Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			return try(u.heed(c), u, f, args[0], args[1], args[2])
		},
	}
	fl := c.Flags()
	fl.StringArrayVarP(&f.params, "param", "D", nil, "set a parameter of the profile, `NAME=VALUE`")
	fl.IntVar(&f.repeat, "repeat", 1, "how many times to perform the operation")
	fl.StringVar(&f.out, "out", "", "keep the bundle in this `directory`")
	fl.StringVar(&f.seal, "seal", "self", "self: after the plugin has started; exec: from its first instruction")
	fl.StringVar(&f.expect, "expect", "any", "expected result: allow, deny, absent or any")
	return c
}

// try writes a plan of one probe and runs it like any other.
func try(ctx context.Context, u *ui, f tryFlags, profile, op, target string) error {
	family, err := familyOf(op)
	if err != nil {
		return err
	}
	text, err := tryPlan(f, family, profile, op, target)
	if err != nil {
		return err
	}
	return runMade(ctx, u, text, runFlags{Shown: fmt.Sprintf("try %s %s %s", profile, op, target), Out: f.out})
}

func tryPlan(f tryFlags, family, profile, op, target string) (string, error) {
	if err := sealFlag(f.seal); err != nil {
		return "", err
	}
	params, err := paramTable(f.params)
	if err != nil {
		return "", err
	}
	if profile, err = filepath.Abs(profile); err != nil {
		return "", err
	}
	return fmt.Sprintf(`schema = 1
id = %[1]s
[[profile]]
id = %[1]s
family = %[2]s
source = %[3]s
repeat = %[4]d
seal = %[5]s
params = { %[6]s }
probes = [ { id = "probe", op = %[7]s, target = %[8]s, expect = %[9]s } ]
`, toml(run.TryPlan), toml(family), toml(profile), f.repeat, toml(f.seal), params, toml(op), toml(target), toml(f.expect)), nil
}

func familyOf(op string) (string, error) {
	if family, ok := families.Of(op); ok {
		return family, nil
	}
	return "", refuse(errors.New("no built-in family has operation "+strconv.Quote(op)),
		"what they have begins with "+strings.Join(families.Beginnings(), ", ")+"; a plan can name a plugin of your own")
}
