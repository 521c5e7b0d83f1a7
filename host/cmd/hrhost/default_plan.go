package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/hrhost/hrhost"
	"github.com/hrhost/hrhost/host/plan"
)

// planFile is the plan that a command without CONFIG looks for.
const planFile = "config.toml"

// embeddedPlan names the default plan that is in the program: it has no path.
const embeddedPlan = ""

// chosenPlan is the plan that a command line means: the one it names, else
// config.toml of the working directory, else the default plan. A config.toml
// that is there and cannot be read is an error, and no reason to run another.
func chosenPlan(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	if _, err := os.Lstat(planFile); errors.Is(err, fs.ErrNotExist) {
		return embeddedPlan
	}
	return planFile
}

// loadPlan reads a plan; one that is refused is the user's to mend.
func loadPlan(path string, o plan.Options) (*plan.Plan, error) {
	var p *plan.Plan
	var err error
	if path == embeddedPlan {
		p, err = plan.LoadFS(hrhost.DefaultPlan, planFile, o)
	} else {
		p, err = plan.Load(path, o)
	}
	if err != nil {
		return nil, refuse(err)
	}
	return p, nil
}

// shownPlan is what a line of output calls a plan.
func shownPlan(path string) string {
	if path == embeddedPlan {
		return "(" + plan.DefaultName + ")"
	}
	return path
}
