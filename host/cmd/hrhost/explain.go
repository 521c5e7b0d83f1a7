package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

func explainCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "explain BUNDLE PROFILE:PROBE",
		Short: "one probe's story: every lane, the profile's line, a command that does it again",
		Long: `Tells what a bundle holds about one probe: what was predicted, enforced and got,
what the same probe got with no sandbox, the decision with the profile's line, and
a command that does it again. It reads the bundle as it is: hrhost verify says
whether it is to be believed.`,
		Args: cobra.ExactArgs(2),
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

func (s *story) print(u *ui) {
	u.tell("%s   expected: %s\n", visible(s.Probe), s.Expected)
	for _, r := range s.Oracle {
		u.tell("  predicted   %-8s by %s%s\n", r.Prediction, r.Source, suffix(r.Rule))
	}
	for _, r := range s.Witness {
		if r.By != lane.ByPrelude {
			u.tell("  enforced    %-8s %s %s by %s%s   (%s, %s)\n", r.Verdict, r.Operation, visible(r.Filter.Value), r.By, suffix(r.Rule), r.Syscall, or(r.Reason, r.How))
		}
	}
	for _, r := range s.AtLaunch {
		u.tell("  at launch   %-8s %s %s by %s%s   (%s)\n", r.Verdict, r.Operation, visible(r.Filter.Value), r.By, suffix(r.Rule), r.Syscall)
		u.tell("              a dependency of the start, no decision of the probe; this would allow it: %s\n", visible(r.Suggest))
	}
	for _, r := range s.Runtime {
		u.tell("  got         %-8s %s   %s\n", r.RuntimeStatus, shownResult(r.RuntimeStatus, r.Result, r.Effect), visible(r.Carrier))
		if r.Detail != "" {
			u.tell("              %s\n", visible(r.Detail))
		}
	}
	for _, r := range s.Baseline {
		u.tell("  no sandbox  %-8s %s\n", r.RuntimeStatus, shownResult(r.RuntimeStatus, r.Result, r.Effect))
	}
	for _, r := range s.Runtime {
		u.tell("  decision    %s   rule %d of the decision table: %s, %s\n", verdict(r.Decision), r.Decision.Rule, r.Decision.Reason, r.Decision.Tier)
		s.quote(u, r)
	}
	for _, p := range s.Packets {
		u.tell("  mismatch    %s\n", p.MismatchReason)
		for _, line := range p.Explain {
			u.tell("              %s\n", visible(line))
		}
	}
	u.tell("  again:      %s\n", visible(s.Reproduce))
}

// quote prints the deciding line of the profile as the bundle holds it.
func (s *story) quote(u *ui, r lane.RuntimeRow) {
	ref := r.Decision.PolicyRule
	if ref == nil || ref.Default || ref.Implicit || ref.Line == 0 {
		return
	}
	root, err := os.OpenRoot(s.dir) // the manifest may name any path
	if err != nil {
		return
	}
	defer root.Close()
	text, err := root.ReadFile(s.held(r.ProfileID, ref.File))
	lines := strings.Split(string(text), "\n")
	if err != nil || ref.Line > len(lines) {
		return
	}
	u.tell("      %4d | %s\n", ref.Line, visible(lines[ref.Line-1]))
	u.tell("           | %s^\n", strings.Repeat(" ", max(0, ref.Col-1)))
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
	return ", rule " + visible(ref.Place()) + " " + visible(ref.Text) + " (walked " + strings.Join(ref.Walk, " > ") + ")"
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
	return visible(shown)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
