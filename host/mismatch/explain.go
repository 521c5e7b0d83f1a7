package mismatch

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/hrhost/hrhost/host/lane"
)

// explain tells a packet's story in plain sentences: what was expected, what
// happened, who decided by which rule, and what the reason means.
func (c evidence) explain(row *lane.RuntimeRow, why lane.Reason) []string {
	lines := []string{
		fmt.Sprintf("The plan expects %s for %s on %s.", expects(c.exp.Expected), c.exp.Operation, c.target()),
		happened(row),
	}
	lines = append(lines, decidedBy(row))
	if op := row.Decision.FirstDenialOp; op != nil && *op != c.exp.Operation {
		lines = append(lines, fmt.Sprintf("Before that the policy denied %s%s, which the call depends on.", *op, filterText(row.Decision.FirstDenialFilters)))
	}
	lines = append(lines, c.withoutSandbox())
	if s := why.Row().Sentence; s != "" {
		lines = append(lines, s)
	}
	if c.differ() != nil {
		lines = append(lines, c.spread())
	}
	if row.Detail != "" {
		lines = append(lines, sentence(row.Detail))
	}
	return lines
}

// expects is the plan's word as it is said in a sentence.
func expects(word string) string {
	switch word {
	case "absent":
		return "a missing object"
	case "any":
		return "some decision"
	case "held", "refused", "lost":
		return "the handle to be " + word
	}
	return word
}

func (c evidence) target() string {
	if c.exp.Target == "" {
		return "no particular target"
	}
	return fmt.Sprintf("%q", c.exp.Target)
}

// happened is what the sealed call returned.
func happened(row *lane.RuntimeRow) string {
	call := row.Carrier
	if call == "" {
		call = "the call"
	}
	switch {
	case row.State == lane.NotStarted:
		return "The attempt was not started."
	case row.State != lane.Done:
		return fmt.Sprintf("%s did not return: the process had got to %q and its end was %q.", capital(call), row.State, row.End)
	}
	s := fmt.Sprintf("%s returned %s", capital(call), resultText(row.Result))
	if row.Effect == lane.EffectSeen || row.Effect == lane.EffectAbsent {
		s += fmt.Sprintf("; its effect was %s", row.Effect)
	}
	if row.Use != "" {
		s += fmt.Sprintf("; the handle is %s", row.Use)
	}
	return s + "."
}

func resultText(r lane.Result) string {
	switch {
	case r.ErrnoName != "":
		return r.ErrnoName
	case r.Native != nil && r.Native.Name != "":
		return r.Native.Name
	case r.Native != nil:
		return fmt.Sprintf("%s %d", r.Native.API, r.Native.Code)
	case r.Errno != nil && *r.Errno != 0:
		return fmt.Sprintf("errno %d", *r.Errno)
	case r.Class == "" || r.Class == lane.NoResult:
		return "no result"
	}
	return string(r.Class)
}

// decidedBy is who decided, and by which line of the profile.
func decidedBy(row *lane.RuntimeRow) string {
	d := row.Decision
	if d.Verdict == nil {
		s := fmt.Sprintf("There is no decision: %s (rule %d of the decision table).", d.Reason, d.Rule)
		if d.PolicyRule != nil {
			s += fmt.Sprintf(" The %s names %s.", cmp.Or(d.RuleSource, "witness"), ruleText(d.PolicyRule))
		}
		return s
	}
	s := fmt.Sprintf("The decision is %s, %s (rule %d of the decision table)", *d.Verdict, d.Tier, d.Rule)
	if d.PolicyRule != nil {
		s += fmt.Sprintf("; the %s names %s", cmp.Or(d.RuleSource, "witness"), ruleText(d.PolicyRule))
	}
	return s + "."
}

// ruleText points at a rule: its place, and its text when it is short.
func ruleText(r *lane.RuleRef) string {
	s := r.Place()
	text := strings.Join(strings.Fields(r.Text), " ")
	if text != "" && len(text) <= 120 {
		s += " " + text
	}
	if r.Implicit {
		s += " (the system adds it to every profile)"
	}
	return s
}

// withoutSandbox is what the baseline lane says.
func (c evidence) withoutSandbox() string {
	switch b := c.base; {
	case b == nil:
		return "There is no baseline."
	case b.Contained:
		return "The baseline was contained, so that it says nothing about a host without a sandbox."
	case b.State != lane.Done:
		return "The baseline did not finish."
	default:
		return fmt.Sprintf("Without a sandbox the same probe got %s.", resultText(b.Result))
	}
}

// spread lists how often each outcome came.
func (c evidence) spread() string {
	count := map[string]int{}
	var order []string
	for i := range c.attempts {
		o := outcome(c.exp, &c.attempts[i])
		if count[o] == 0 {
			order = append(order, o)
		}
		count[o]++
	}
	for i, o := range order {
		order[i] = fmt.Sprintf("%d times %s", count[o], o)
	}
	return "The repeats were: " + strings.Join(order, ", ") + "."
}

func filterText(filters []lane.Filter) string {
	var parts []string
	for _, f := range filters {
		parts = append(parts, fmt.Sprintf("%s %q", f.Name, f.Value))
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func sentence(s string) string {
	s = capital(strings.TrimSpace(s))
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
