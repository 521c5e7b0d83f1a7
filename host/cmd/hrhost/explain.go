package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/text"
)

func explainCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "explain BUNDLE PROFILE:PROBE",
		Short: "show one probe in full: every result, the deciding rule, a command to reproduce it",
		Long: `Shows one probe of a bundle: the predictions, the decision of the enforcement
point, the result of the call, the result without the profile, the line of the
profile that decided, and a command to reproduce it.

It does not check the bundle; hrhost verify does. BUNDLE is the directory of one
run, or the output directory, whose LATEST names the newest run.`,
		Example: `  hrhost explain out sysctl.strict:denied
  hrhost explain out try:probe`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := bundle.Resolve(args[0])
			if err != nil {
				return refuse(err)
			}
			s, err := readEvidence(dir, args[1])
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

// print tells the story. Nobody has held the bundle against a schema: whatever is a
// text may be anything.
func (s *probeEvidence) print(u *ui) {
	line := func(format string, args ...any) {
		for i, a := range args {
			if _, isNumber := a.(int); !isNumber {
				args[i] = text.Terminal(fmt.Sprint(a))
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
			line("  enforced    %-8s %s %s by %s%s   (%s, %s)", r.Verdict, r.Operation, r.Filter.Value, r.By, suffix(r.Rule), r.Syscall, cmp.Or(r.Reason, r.How))
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
func (s *probeEvidence) quote(u *ui, r lane.RuntimeRow) {
	ref := r.Decision.PolicyRule
	if ref == nil || ref.Default || ref.Implicit || ref.Line < 1 {
		return
	}
	source, err := bundle.ReadText(s.dir, s.held(r.ProfileID, ref.File)) // the manifest may name any path
	lines := strings.Split(string(source), "\n")
	if err != nil || ref.Line > len(lines) {
		return
	}
	line := lines[ref.Line-1]
	u.tell("      %4d | %s\n", ref.Line, text.Terminal(line))
	u.tell("           | %s^\n", strings.Repeat(" ", max(0, min(ref.Col-1, len(line)))))
}

// held is where the bundle holds a file that a rule stands in: the profile, or
// one that it imports.
func (s *probeEvidence) held(profile, file string) string {
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
	return ", " + ref.Named() + " " + ref.Text + " (walked " + strings.Join(ref.Walk, " > ") + ")"
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
