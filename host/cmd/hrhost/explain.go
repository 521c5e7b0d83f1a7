package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/run"
)

func explainCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "explain BUNDLE PROFILE:PROBE",
		Short: "one probe's story: every lane, the profile's line, a command that does it again",
		Args:  cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := bundle.Resolve(args[0])
			if err != nil {
				return refuse(err)
			}
			s, err := readStory(dir, args[1])
			if err != nil {
				return err
			}
			if u.json {
				return u.object(s)
			}
			s.print(u)
			return nil
		},
	}
}

// story is all that a bundle holds about one probe.
type story struct {
	Probe     string             `json:"probe"`
	Expected  string             `json:"expected"`
	Baseline  []lane.BaselineRow `json:"baseline"`
	Runtime   []lane.RuntimeRow  `json:"runtime"`
	Witness   []lane.WitnessRow  `json:"witness"`
	AtLaunch  []launchDenial     `json:"denied_at_launch"` // what start-up wanted and the profile denied
	Oracle    []lane.OracleRow   `json:"oracle"`
	Packets   []mismatch.Packet  `json:"packets"`
	Reproduce string             `json:"reproduce"`
	dir       string
	profiles  []bundle.ProfileEntry
}

// launchDenial is a refusal outside every attempt, of a process that was under
// its profile from the first instruction.
type launchDenial struct {
	lane.WitnessRow
	Suggest string `json:"suggest"` // a rule that would allow it
}

// readStory gathers the rows of one probe, with or without its arm.
func readStory(dir, probe string) (*story, error) {
	s := &story{Probe: probe, dir: dir}
	var matrix bundle.Matrix
	var err error
	if err = bundle.ReadDocument(dir, bundle.ExpectedMatrixJSON, &matrix); err != nil {
		return nil, refuse(err, "BUNDLE is a run's directory, or the directory that holds LATEST")
	}
	profile, name, _ := strings.Cut(probe, ":")
	name, arm, _ := strings.Cut(name, "@")
	var known []string
	id := ""
	var found bundle.Expectation
	for p, mp := range matrix.Profiles {
		for _, e := range mp.Probes {
			known = append(known, strings.TrimSuffix(e.ExpectationID, "@after"))
			if p == profile && e.Name == name && (arm == string(e.Arm) || arm == "" && (id == "" || e.Arm == lane.After)) {
				id, s.Expected, found = e.ExpectationID, e.Expected, e
			}
		}
	}
	_, target, _ := strings.Cut(probe, ":")
	swept := matrix.Profiles[profile]
	if swept.Sweep != nil {
		if id, err = targetOf(dir, profile, target); err != nil {
			return nil, refuse(err)
		}
		known, s.Expected = append(known, "the targets of "+bundle.SweepTargets), "nothing (a sweep)"
	}
	if id == "" {
		return nil, refuse(fmt.Errorf("no probe %q in this bundle", probe), "it has "+strings.Join(known, ", "))
	}
	var res struct {
		ID       string      `json:"id"`
		Path     string      `json:"path"`
		Profiles []run.Asked `json:"profiles"`
	}
	if err := bundle.ReadDocument(dir, bundle.PlanResolved, &res); err != nil {
		return nil, refuse(err)
	}
	if res.Path != "" { // the embedded default plan has none
		res.Path = short(res.Path)
	}
	var manifest bundle.Manifest
	if err := bundle.ReadDocument(dir, bundle.RunManifest, &manifest); err != nil {
		return nil, refuse(err)
	}
	s.profiles = manifest.Profiles
	asked := run.Asked{Source: swept.Source}
	if i := slices.IndexFunc(res.Profiles, func(a run.Asked) bool { return a.ID == profile }); i >= 0 {
		asked = res.Profiles[i]
	}
	switch {
	case swept.Sweep != nil:
		s.Reproduce = run.ReproduceSweep(asked, swept.Sweep.Operation, target)
	case res.ID == run.TryPlan && profile == run.TryPlan:
		s.Reproduce = run.ReproduceTry(asked, found.Operation, found.Target)
	default:
		s.Reproduce = mismatch.Command(res.Path, profile, name)
	}
	if err := s.rows(id); err != nil {
		return nil, refuse(err)
	}
	return s, nil
}

// targetOf finds a sweep's target, named as it is or by its number.
func targetOf(dir, profile, name string) (id string, err error) {
	err = bundle.ReadRows(dir, bundle.SweepTargets, func(t bundle.SweepTarget) error {
		if t.ProfileID == profile && id == "" && (t.Target == name || strconv.Itoa(t.Number) == name) {
			id = fmt.Sprintf("%s:%d@after", profile, t.Number)
		}
		return nil
	})
	return id, err
}

func (s *story) rows(id string) error {
	if err := collect(s.dir, bundle.BaselineResults, &s.Baseline, func(r lane.BaselineRow) bool { return r.ExpectationID == id }); err != nil {
		return err
	}
	if err := collect(s.dir, bundle.RuntimeResults, &s.Runtime, func(r lane.RuntimeRow) bool { return r.ExpectationID == id }); err != nil {
		return err
	}
	if err := collect(s.dir, bundle.WitnessEvents, &s.Witness, func(r lane.WitnessRow) bool { return r.ExpectationID == id }); err != nil {
		return err
	}
	if err := s.atLaunch(); err != nil {
		return err
	}
	if err := collect(s.dir, bundle.OracleResults, &s.Oracle, func(r lane.OracleRow) bool { return r.ExpectationID == id }); err != nil {
		return err
	}
	return collect(s.dir, bundle.MismatchPackets, &s.Packets, func(p mismatch.Packet) bool { return p.ExpectationID == id })
}

// atLaunch gathers what the profile's process was denied before it answered, each
// once.
func (s *story) atLaunch() error {
	profile, _, _ := strings.Cut(s.Probe, ":")
	seen := map[string]bool{}
	return bundle.ReadRows(s.dir, bundle.WitnessEvents, func(r lane.WitnessRow) error {
		if r.ProfileID != profile || r.Stage != lane.StageLaunch || r.By != lane.ByPolicy || r.Verdict != lane.Deny {
			return nil
		}
		if rule := mismatch.Suggest(&r); !seen[rule] {
			seen[rule] = true
			s.AtLaunch = append(s.AtLaunch, launchDenial{r, rule})
		}
		return nil
	})
}

func collect[T any](dir, name string, into *[]T, want func(T) bool) error {
	return bundle.ReadRows(dir, name, func(row T) error {
		if want(row) {
			*into = append(*into, row)
		}
		return nil
	})
}

// print tells the story. Nobody has held the bundle against a schema: whatever is a
// text may be anything.
func (s *story) print(u *ui) {
	line := func(format string, args ...any) {
		for i, a := range args {
			if _, isNumber := a.(int); !isNumber {
				args[i] = visible(fmt.Sprint(a))
			}
		}
		u.tell(format+"\n", args...)
	}
	line("%s   expected: %s", s.Probe, s.Expected)
	for _, r := range s.Oracle {
		line("  predicted   %-8s by %s%s", r.Prediction, r.Source, suffix(r.Rule))
	}
	for _, r := range s.Witness {
		if r.By != lane.ByPrelude {
			line("  enforced    %-8s %s %s by %s%s   (%s, %s)", r.Verdict, r.Operation, r.Filter.Value, r.By, suffix(r.Rule), r.Syscall, or(r.Reason, r.How))
		}
	}
	for _, r := range s.AtLaunch {
		line("  at launch   %-8s %s %s by %s%s   (%s)", r.Verdict, r.Operation, r.Filter.Value, r.By, suffix(r.Rule), r.Syscall)
		line("              a dependency of the start, no decision of the probe; this would allow it: %s", r.Suggest)
	}
	for _, r := range s.Runtime {
		line("  got         %-8s %s   %s", r.RuntimeStatus, shownResult(r.RuntimeStatus, r.Result, r.Effect), r.Carrier)
		if r.Detail != "" {
			line("              %s", r.Detail)
		}
	}
	for _, r := range s.Baseline {
		line("  no sandbox  %-8s %s", r.RuntimeStatus, shownResult(r.RuntimeStatus, r.Result, r.Effect))
	}
	for _, r := range s.Runtime {
		line("  decision    %s   rule %d of the decision table: %s, %s", verdict(r.Decision), r.Decision.Rule, r.Decision.Reason, r.Decision.Tier)
		s.quote(u, r)
	}
	for _, p := range s.Packets {
		line("  mismatch    %s", p.MismatchReason)
		for _, text := range p.Explain {
			line("              %s", text)
		}
	}
	line("  again:      %s", s.Reproduce)
}

// quote prints the deciding line of the profile as the bundle holds it.
func (s *story) quote(u *ui, r lane.RuntimeRow) {
	ref := r.Decision.PolicyRule
	if ref == nil || ref.Default || ref.Implicit || ref.Line < 1 {
		return
	}
	text, err := bundle.ReadText(s.dir, s.held(r.ProfileID, ref.File)) // the manifest may name any path
	lines := strings.Split(string(text), "\n")
	if err != nil || ref.Line > len(lines) {
		return
	}
	line := lines[ref.Line-1]
	u.tell("      %4d | %s\n", ref.Line, visible(line))
	u.tell("           | %s^\n", strings.Repeat(" ", max(0, min(ref.Col-1, len(line)))))
}

// held is where the bundle holds a file that a rule stands in: the profile, or
// one that it imports.
func (s *story) held(profile, file string) string {
	for _, p := range s.profiles {
		if p.ID != profile {
			continue
		}
		for _, im := range p.Imports {
			if im.Source == file {
				return im.Path
			}
		}
		return p.Path
	}
	return ""
}

func suffix(ref *lane.RuleRef) string {
	if ref == nil {
		return ""
	}
	return ", rule " + ref.Place() + " " + ref.Text + " (walked " + strings.Join(ref.Walk, " > ") + ")"
}

func verdict(d lane.Decision) string {
	if d.Verdict == nil {
		return "none"
	}
	return string(*d.Verdict)
}

// shownResult is what a call got; an error is the API's own.
func shownResult(status string, r lane.Result, e lane.Effect) string {
	shown := lane.Shown(status, r, e, 200)
	if status == "errno" {
		shown = r.API + " " + shown
	}
	return shown
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
