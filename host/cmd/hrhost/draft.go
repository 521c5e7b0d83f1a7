package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hrhost/hrhost/host/plan"
)

// runDraft runs a plan that a command made of its flags. Without f.Out its bundle is
// thrown away.
func runDraft(ctx context.Context, u *ui, d *plan.Draft, f runFlags) error {
	f.Draft, f.Discard = d, f.Out == ""
	f.JSON, f.Quiet = u.json, u.quiet
	return startRun(ctx, u, f)
}

// draftOf is a plan of one profile that has the plan's id. blame is by the keys of the
// profile. The profile's file is not in it: problems with it name the file.
func draftOf(pr plan.Profile, blame map[string]string) *plan.Draft {
	d := &plan.Draft{
		Plan:  plan.Plan{ID: pr.ID, Profiles: []plan.Profile{pr}},
		Blame: map[string]string{"profile[0].params": "-D"},
	}
	for key, flag := range blame {
		d.Blame["profile[0]."+key] = flag
	}
	return d
}

// paramsOf reads the NAME=VALUE of each -D.
func paramsOf(pairs []string) (map[string]string, error) {
	params := map[string]string{}
	for _, p := range pairs {
		name, value, err := param(p)
		if err != nil {
			return nil, err
		}
		if _, twice := params[name]; twice {
			return nil, refuse(fmt.Errorf("parameter %q is given twice", name), "write one -D for each name")
		}
		params[name] = value
	}
	return params, nil
}

// param reads NAME=VALUE.
func param(pair string) (name, value string, err error) {
	name, value, ok := strings.Cut(pair, "=")
	if !ok || name == "" {
		missing := map[bool]string{true: "name", false: "value"}[ok]
		return "", "", refuse(fmt.Errorf("parameter %q has no %s", pair, missing), "write -D NAME=VALUE")
	}
	return name, value, nil
}

// sealFlag checks --seal, which has fewer words than a plan's seal: a wrapper is
// a command line, and no flag holds one.
func sealFlag(seal string) error {
	switch seal {
	case "self", "exec":
		return nil
	case "wrap":
		return refuse(errors.New("--seal wrap: a wrapper's command can only be given in a plan"),
			`write a plan with seal = "wrap" and wrap = [...] for its profile, and hrhost run it`)
	}
	return refuse(fmt.Errorf("--seal %q is neither self nor exec", seal))
}
