package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
)

type sweepFlags struct {
	profile, operation      string
	family, plugin          string
	filter, match, out, bus string
	limit                   int
	all                     bool
	params                  []string
	seal                    string
}

func sweepCommand(u *ui) *cobra.Command {
	var f sweepFlags
	c := &cobra.Command{
		Use:   "sweep --profile FILE --operation OPERATION",
		Short: "perform one operation on every target of this host",
		Long: `sweep has a plugin list every target of an operation that it knows on this
host, and then one sealed process performs the operation on each of them, one
after the other, as in any other run: the monitor decides, the witness is
recorded, the oracle predicts, and the same is done with no sandbox. Nothing is
expected of any target: the exit code is 0 when all of them were measured.`,
		Example: `  hrhost sweep --profile my.sb --operation sysctl-read
  hrhost sweep --profile my.sb --operation sysctl-read --match 'net.*' --all
  hrhost sweep --profile my.sb --operation process-info-pidinfo --out out`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return sweep(u.heed(c), u, f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.profile, "profile", "", "the profile")
	fl.StringVar(&f.operation, "operation", "", "the operation, as the profile language names it")
	fl.StringVar(&f.family, "family", "", "the plugin's family (default: the built-in one that has the operation)")
	fl.StringVar(&f.plugin, "plugin", "", "a plugin of your own: its file, hrhost-probe-FAMILY")
	fl.StringVar(&f.filter, "filter", "", "what the targets are values of, when the operation has several filters")
	fl.StringVar(&f.match, "match", "", "only targets that this pattern fits: * is anything, ? one character")
	fl.IntVar(&f.limit, "limit", 0, "at most so many targets (default: all)")
	fl.BoolVar(&f.all, "all", false, "list every target, not only a few of each rule")
	fl.StringVar(&f.out, "out", "", "keep the bundle below this directory")
	fl.StringArrayVarP(&f.params, "param", "D", nil, "a parameter of the profile, NAME=VALUE")
	fl.StringVar(&f.seal, "seal", "self", "self: once the process is up; exec: from its first instruction")
	fl.StringVar(&f.bus, "bus", "private", "private: buses of hrhost's own; user: this user's session bus and the system bus")
	return c
}

// sweep makes a plan of one sweep and runs it like any other.
func sweep(ctx context.Context, u *ui, f sweepFlags) error {
	if f.profile == "" || f.operation == "" {
		return refuse(errors.New("sweep: a profile and an operation are needed"), "write --profile FILE --operation OPERATION")
	}
	d, err := f.draft()
	if err != nil {
		return err
	}
	shown := fmt.Sprintf("sweep %s %s", f.profile, f.operation)
	return runDraft(ctx, u, d, runFlags{Shown: shown, Out: f.out, Sweep: true, All: f.all})
}

// draft is the plan of one sweep.
func (f *sweepFlags) draft() (*plan.Draft, error) {
	if f.seal == "wrap" {
		return nil, refuse(errors.New("--seal wrap: a sweep is made by one process with the policy put over it"),
			"use --seal self or exec")
	}
	if err := sealFlag(f.seal); err != nil {
		return nil, err
	}
	family, err := sweepFamily(*f)
	if err != nil {
		return nil, err
	}
	source, err := filepath.Abs(f.profile)
	if err != nil {
		return nil, err
	}
	params, err := paramsOf(f.params)
	if err != nil {
		return nil, err
	}
	d := draftOf(plan.Profile{
		ID: "sweep", Family: family, Source: source, Seal: f.seal, Repeat: 1, Params: params,
		Sweep: &plan.Sweep{Operation: f.operation, Filter: f.filter, Match: f.match, Limit: f.limit},
	}, map[string]string{
		"family": "--family", "sweep.op": "--operation", "sweep.filter": "--filter", "sweep.match": "--match",
		"sweep.limit": "--limit",
	})
	d.Plan.Run.Bus, d.Blame["run.bus"] = f.bus, "--bus"
	if f.plugin != "" {
		path, err := filepath.Abs(f.plugin)
		if err != nil {
			return nil, err
		}
		d.Plan.Plugins = []plan.Plugin{{Family: family, Path: path}}
		d.Blame["plugin"] = "--plugin"
	}
	return d, nil
}

// sweepFamily is the family asked for, else the plugin file's, else the built-in
// one that has the operation. What the flags name can be opened.
func sweepFamily(f sweepFlags) (string, error) {
	file, family := f.plugin, f.family
	switch {
	case file == "" && family == "":
		return familyOf(f.operation)
	case file == "":
		bin, err := programs()
		if err != nil {
			return "", err
		}
		file = filepath.Join(bin, plugins+family)
	case family == "":
		var ok bool
		if family, ok = strings.CutPrefix(filepath.Base(file), plugins); !ok {
			return "", refuse(errors.New("the family of "+file+" is not in its name"), "name it with --family")
		}
	}
	return family, canOpen(file)
}

// canOpen refuses a plugin's file that could not be launched. The run reads it.
func canOpen(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	return unopened(launch.Check(path), path)
}
