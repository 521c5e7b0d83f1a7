package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/diff/stale"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/host/verify"
	"github.com/hrhost/hrhost/host/world"
	"github.com/hrhost/hrhost/internal/text"
)

// staleness is what stale prints.
type staleness struct {
	Stale    bool            `json:"stale"`
	Bundle   string          `json:"bundle"` // "" when there is none
	RunID    string          `json:"run_id"`
	Findings []stale.Finding `json:"findings"`
	Refresh  string          `json:"refresh"` // a command, "" when nothing is stale
}

func staleCommand(u *ui) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "stale [CONFIG]",
		Short: "check whether the newest bundle still covers the plan",
		Long: `Compares the newest bundle with what would be run now: the world, each family's
plugin, each profile's text, imports, parameters and seal mode, and each probe.
Exit 1 when something was added or changed since; what the plan no longer asks
for is not stale. Without CONFIG the plan is the one that hrhost run would take.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := staleNow(chosenPlan(args), out)
			if err != nil {
				return err
			}
			if u.json {
				err = u.object(s)
			} else {
				s.print(u)
			}
			if err == nil && s.Stale {
				err = exit(run.ExitMismatch)
			}
			return err
		},
	}
	c.Flags().StringVar(&out, "out", "", "directory that holds the bundles (default: the plan's out)")
	return c
}

func staleNow(config, out string) (*staleness, error) {
	p, err := loadPlan(config, plan.Options{})
	if err != nil {
		return nil, err
	}
	if out == "" {
		out = p.Run.Out
	}
	s := &staleness{Findings: []stale.Finding{}}
	if err := s.check(p, out); err != nil {
		return nil, err
	}
	if s.Stale = len(s.Findings) > 0; s.Stale {
		s.Refresh = strings.TrimSpace("hrhost run " + config)
	}
	return s, nil
}

// check adds what is found. A bundle that is missing or not valid covers nothing.
func (s *staleness) check(p *plan.Plan, out string) error {
	nothing := func(format string, args ...any) error {
		s.Findings = append(s.Findings, stale.Finding{Kind: "bundle", ID: short(out), What: fmt.Sprintf(format, args...)})
		return nil
	}
	dir, err := bundle.Resolve(out)
	if err != nil {
		return nothing("there is no bundle in %s", short(out))
	}
	v, err := verify.Bundle(dir)
	if err != nil || !v.Valid {
		return nothing("the newest bundle, %s, is not valid", short(dir))
	}
	if v.Kind != bundle.KindRun {
		return nothing("what is in %s is no run but a self test", short(out))
	}
	then := stale.State{Plan: new(plan.Plan), Plugins: map[string]string{}}
	var m bundle.Manifest
	if err := bundle.ReadDocument(dir, bundle.RunManifest, &m); err != nil {
		return err
	}
	if err := bundle.ReadDocument(dir, bundle.PlanResolved, then.Plan); err != nil {
		return err
	}
	s.Bundle, s.RunID, then.World = short(dir), m.RunID, m.WorldID
	for _, e := range m.Plugins {
		then.Plugins[e.Family] = e.Digest
	}
	now, err := present(p)
	if err != nil {
		return err
	}
	s.Findings = stale.Check(then, now)
	return nil
}

// present is what a run would find now.
func present(p *plan.Plan) (stale.State, error) {
	s := stale.State{Plan: p, Plugins: map[string]string{}}
	w, err := world.Read()
	if err != nil {
		return s, err
	}
	s.World = w.ID
	bin, err := programs()
	if err != nil {
		return s, err
	}
	for _, conf := range p.Plugins {
		path, err := run.FindPlugin(bin, p.Run.PluginDir, conf)
		if err != nil {
			continue
		}
		if b, err := launch.Open(path); err == nil {
			s.Plugins[conf.Family] = b.Digest
			b.Close()
		}
	}
	return s, nil
}

func (s *staleness) print(u *ui) {
	if !s.Stale {
		u.printf("%s covers the plan\n", text.Terminal(s.Bundle))
		return
	}
	for _, f := range s.Findings {
		u.tell("stale    %-8s %s\n", f.Kind, text.Terminal(f.What))
	}
	u.tell("refresh: %s\n", text.Terminal(s.Refresh))
}
