package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/plan"
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

// try makes a plan of one probe and runs it like any other.
func try(ctx context.Context, u *ui, f tryFlags, profile, op, target string) error {
	family, err := familyOf(op)
	if err != nil {
		return err
	}
	pr, err := f.profile(family, profile, plan.Probe{ID: "probe", Operation: op, Target: target, Expect: f.expect})
	if err != nil {
		return err
	}
	d := draftOf(*pr, map[string]string{
		"repeat": "--repeat", "probes[0].op": "OPERATION", "probes[0].target": "TARGET", "probes[0].expect": "--expect",
	})
	return runDraft(ctx, u, d, runFlags{Shown: fmt.Sprintf("try %s %s %s", profile, op, target), Out: f.out})
}

// profile is that of a plan of one probe.
func (f *tryFlags) profile(family, source string, probe plan.Probe) (*plan.Profile, error) {
	if err := sealFlag(f.seal); err != nil {
		return nil, err
	}
	params, err := paramsOf(f.params)
	if err != nil {
		return nil, err
	}
	if source, err = filepath.Abs(source); err != nil {
		return nil, err
	}
	return &plan.Profile{
		ID: run.TryPlan, Family: family, Source: source, Seal: f.seal, Repeat: f.repeat, Params: params,
		Probes: []plan.Probe{probe},
	}, nil
}

func familyOf(op string) (string, error) {
	if family, ok := families.Of(op); ok {
		return family, nil
	}
	return "", refuse(errors.New("no built-in family has operation "+strconv.Quote(op)),
		"what they have begins with "+strings.Join(families.Beginnings(), ", ")+"; a plan can name a plugin of your own")
}
