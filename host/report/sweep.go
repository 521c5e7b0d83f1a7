package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/internal/text"
)

// SweepRow is one rule of a sweep as the reports show it.
type SweepRow struct{ Verdict, Targets, Rule, Text, Examples string }

// sweepRows are a sweep's groups in words.
func sweepRows(s *bundle.SweepResult) []SweepRow {
	var out []SweepRow
	for _, g := range s.Groups {
		row := SweepRow{Verdict: "-", Targets: fmt.Sprint(g.Targets), Rule: "no decision: " + g.Reason, Examples: strings.Join(g.Examples, ", ")}
		if g.Verdict != nil {
			row.Verdict, row.Rule = string(*g.Verdict), ""
		}
		if g.Rule != nil {
			row.Rule, row.Text = g.Rule.Place(), strings.Join(strings.Fields(g.Rule.Text), " ")
		}
		out = append(out, row)
	}
	return out
}

// sweepLine is a sweep in one sentence.
func sweepLine(p Profile) string {
	s := p.Sweep
	line := fmt.Sprintf("%d targets of %s: %d allowed, %d denied, %d other; %d a second.", s.Targets, s.Operation, s.Allowed, s.Denied, s.Other, s.PerSecond)
	if p.Faults > 0 {
		line += fmt.Sprintf(" %d mismatch packets.", p.Faults)
	}
	return line
}

// markdownSweep is one sweep's table.
func markdownSweep(w io.Writer, p Profile) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\nFamily %s, sealed by %s, from %s. %s\n\n", markdown(p.ID), code(p.Family), code(p.SealMode), code(p.Source), markdown(sweepLine(p)))
	b.WriteString("| decision | targets | rule | text | such as |\n|---|---|---|---|---|\n")
	for _, r := range sweepRows(p.Sweep) {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", markdown(r.Verdict), r.Targets, code(r.Rule), code(r.Text), code(r.Examples))
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// sweepCase is a sweep as one test case: it fails when a target's attempt went
// wrong, never by a decision.
func sweepCase(p Profile) junitCase {
	s := p.Sweep
	c := junitCase{
		Name: text.Visible(p.ID + ": every target"), ClassName: text.Visible(p.Family + "." + s.Operation),
		Time: seconds(s.SealedUS),
	}
	if p.Faults > 0 || s.Targets == 0 {
		c.Error = &junitDetail{Message: text.Visible(sweepLine(p)), Attrs: xmlAttr("type", "sweep")}
	}
	return c
}
