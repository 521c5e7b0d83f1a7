package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/clean"
	"github.com/hrhost/hrhost/host/run"
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
		Short: "one operation under a profile, all lanes, the rule; no bundle unless --out",
		Example: `  hrhost try my.sb sysctl-read kernel.ostype
  hrhost try my.sb signal child -D NAME=value`,
		Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			return try(c.Context(), u, f, args[0], args[1], args[2])
		},
	}
	fl := c.Flags()
	fl.StringArrayVarP(&f.params, "param", "D", nil, "a parameter of the profile, NAME=VALUE")
	fl.IntVar(&f.repeat, "repeat", 1, "how often")
	fl.StringVar(&f.out, "out", "", "keep the bundle below this directory")
	fl.StringVar(&f.seal, "seal", "self", "self: once the process is up; exec: from its first instruction")
	fl.StringVar(&f.expect, "expect", "any", "allow, deny, absent or any")
	return c
}

// try writes a plan of one probe and runs it like any other.
func try(ctx context.Context, u *ui, f tryFlags, profile, op, target string) error {
	family, err := familyOf(op)
	if err != nil {
		return err
	}
	abs, err := filepath.Abs(profile)
	if err != nil {
		return err
	}
	stage, err := clean.NewStage()
	if err != nil {
		return err
	}
	defer stage.Close()
	dir := stage.Dir
	text, err := tryPlan(f, family, abs, op, target)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "try.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	rf := runFlags{Plan: path, Shown: fmt.Sprintf("try %s %s %s", profile, op, target), Out: f.out, JSON: u.json, Quiet: u.quiet, Made: true}
	if rf.Out == "" {
		rf.Out = filepath.Join(dir, "out")
		rf.Discard = true
	} else if rf.Out, err = filepath.Abs(rf.Out); err != nil {
		return err
	}
	return startRun(ctx, u, rf)
}

func tryPlan(f tryFlags, family, profile, op, target string) (string, error) {
	if err := sealFlag(f.seal); err != nil {
		return "", err
	}
	params, err := paramTable(f.params)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`schema = 1
id = %[1]q
[[profile]]
id = %[1]q
family = %[2]q
source = %[3]q
repeat = %[4]d
seal = %[5]q
params = { %[6]s }
probes = [ { id = "probe", op = %[7]q, target = %[8]q, expect = %[9]q } ]
`, run.TryPlan, family, profile, f.repeat, f.seal, params, op, target, f.expect), nil
}

// sealFlag checks --seal, which has fewer words than a plan's seal: a wrapper is
// a command line, and no flag holds one.
func sealFlag(seal string) error {
	switch seal {
	case "self", "exec":
		return nil
	case "wrap":
		return refuse(errors.New("--seal wrap: a wrapper's command can only be given in a plan"), `write a plan with seal = "wrap" and wrap = [...] for its profile, and hrhost run it`)
	}
	return refuse(fmt.Errorf("--seal %q is neither self nor exec", seal))
}

// paramTable is the inside of a plan's params, from NAME=VALUE.
func paramTable(pairs []string) (string, error) {
	var params []string
	for _, p := range pairs {
		k, v, ok := strings.Cut(p, "=")
		if !ok {
			return "", refuse(fmt.Errorf("parameter %q has no value", p), "write -D NAME=VALUE")
		}
		params = append(params, strconv.Quote(k)+" = "+strconv.Quote(v))
	}
	return strings.Join(params, ", "), nil
}

// families are the built-in families by what their operations begin with.
var families = []struct{ prefix, family string }{
	{"sysctl-", "sysctl"}, {"process-info", "procinfo"}, {"signal", "signal"},
	{"mach-", "mach"}, {"darwin-notification-", "notify"}, {"distributed-notification-", "notify"},
}

func familyOf(op string) (string, error) {
	for _, f := range families {
		if strings.HasPrefix(op, f.prefix) {
			return f.family, nil
		}
	}
	return "", refuse(errors.New("no built-in family has operation "+strconv.Quote(op)), "hrhost plugin list shows what there is; a plan can name a plugin of your own")
}
