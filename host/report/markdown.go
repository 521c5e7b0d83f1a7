package report

import (
	"fmt"
	"io"
	"strings"
)

// Markdown renders summary.md.
func Markdown(w io.Writer, run *Run) error {
	m, s := run.Manifest, run.Summary
	var b strings.Builder
	fmt.Fprintf(&b, "# Run %s: %s\n\n", markdown(m.RunID), markdown(string(s.Status)))
	fmt.Fprintf(&b, "World %s, channel %s, plan %s, hrhost %s.\n\n",
		code(m.WorldID), code(m.Channel), code(m.PlanID), code(m.HrhostVersion))
	if c := s.Counts; len(s.Headline) == 0 {
		fmt.Fprintf(&b, "%d probes: %d as expected, %d mismatches, %d without a decision, %d skipped.\n\n",
			c.Probes, c.AsExpected, c.Mismatches, c.Undecided, c.Skipped)
	}
	for _, line := range s.Headline {
		fmt.Fprintf(&b, "- %s\n", markdown(line))
	}
	if len(s.Headline) > 0 {
		b.WriteString("\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	for _, p := range run.Profiles {
		if p.Sweep != nil {
			if err := markdownSweep(w, p); err != nil {
				return err
			}
			continue
		}
		if err := markdownProfile(w, p); err != nil {
			return err
		}
	}
	return markdownTrouble(w, run)
}

// markdownProfile is one profile's table.
func markdownProfile(w io.Writer, p Profile) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\nFamily %s, sealed by %s, from %s.\n\n", markdown(p.ID), code(p.Family), code(p.SealMode), code(p.Source))
	b.WriteString("| | probe | expected | predicted | enforced | got | no sandbox | rule |\n|---|---|---|---|---|---|---|---|\n")
	for _, x := range p.Probes {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", x.Letter(), code(x.Short()),
			markdown(x.Expected), dash(markdown(x.Predicted)), dash(markdown(x.Enforced)), code(x.Got), code(x.NoSandbox), code(x.Rule))
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// markdownTrouble tells each packet's story.
func markdownTrouble(w io.Writer, run *Run) error {
	first := true
	for _, p := range run.Profiles {
		for _, x := range p.Trouble() {
			var b strings.Builder
			if first {
				b.WriteString("## Not as expected\n\n")
				first = false
			}
			for _, k := range x.Packets {
				fmt.Fprintf(&b, "- %s (%s, %s): %s Reproduce: %s\n", code(x.Short()), x.Outcome,
					code(k.Reason), markdown(strings.Join(k.Explain, " ")), code(k.Reproduce))
			}
			if _, err := io.WriteString(w, b.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// dash stands for nothing.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
