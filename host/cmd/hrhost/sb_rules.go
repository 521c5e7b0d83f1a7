package main

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/internal/text"
	"github.com/hrhost/hrhost/sb/sbpl"
)

func sbRulesCommand(u *ui) *cobra.Command {
	var f sbFlags
	var all bool
	c := &cobra.Command{
		Use:   "rules FILE",
		Short: "the rule table that a profile makes, by operation, in the order tried",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := f.compile(u, args[0])
			if err != nil {
				return sbExit(err)
			}
			return sbRules(u, p, all)
		},
	}
	f.register(c)
	c.Flags().BoolVar(&all, "all", false, "also operations without a rule of the profile")
	return c
}

func sbRules(u *ui, p *sbpl.Policy, all bool) error {
	rows := []sbpl.Rule{}
	for _, list := range byOperation(p.Rules()) {
		if all || !list[0].Default && list[0].Jump == "" {
			rows = append(rows, list...)
		}
	}
	if u.json {
		return u.object(map[string]any{"rules": rows})
	}
	last := ""
	for _, r := range rows {
		if r.Operation != last {
			u.tell("%s\n", text.Terminal(r.Operation))
			last = r.Operation
		}
		switch {
		case r.Jump != "":
			u.tell("  else as %s\n", r.Jump)
			continue
		case r.Filtered:
			u.tell("  %-5s if %s", r.Action, text.Terminal(r.Filter))
		default:
			u.tell("  %-5s always", r.Action)
		}
		var notes []string
		for _, m := range r.Modifiers {
			notes = append(notes, m.String())
		}
		if r.Merged {
			notes = append(notes, "one with the entry before")
		}
		if len(notes) > 0 {
			u.tell("  [%s]", text.Terminal(strings.Join(notes, "; ")))
		}
		u.tell("  %s\n", text.Terminal(cmp.Or(r.Where, string(r.From))))
	}
	return nil
}

// byOperation splits a rule table into the lists of its operations.
func byOperation(rules []sbpl.Rule) [][]sbpl.Rule {
	var out [][]sbpl.Rule
	for i, r := range rules {
		if i == 0 || r.Operation != rules[i-1].Operation {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], r)
	}
	return out
}
