package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/world"
	"github.com/hrhost/hrhost/internal/text"
)

func worldCommand(u *ui) *cobra.Command {
	operations := false
	c := &cobra.Command{
		Use:   "world",
		Short: "print the facts about this host and whether a sandbox confines hrhost",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			w, err := world.Read()
			if err != nil {
				return err
			}
			covered := newPoint(point.Config{}).Covers()
			if operations {
				return showOperations(u, w.ID, covered)
			}
			self := world.CheckSelf()
			if u.json {
				return u.object(map[string]any{"world": w, "self_check": self, "operations": covered})
			}
			u.tell("%s\n", text.Terminal(w.ID))
			for _, f := range w.Facts {
				value := f.Value
				if f.Error != "" {
					value = "not known: " + f.Error
				}
				u.tell("  %-24s %-40s %s\n", f.Name, text.Terminal(value), text.Terminal(f.Source))
			}
			u.tell("self check: %s\n", text.Terminal(self.String()))
			u.tell("decided here: %s (--operations says through which calls)\n", strings.Join(enforce.Names(covered), ", "))
			return nil
		},
	}
	c.Flags().BoolVar(&operations, "operations", false, "list the operations that are decided in this world: about what, on which filters, through which calls")
	return c
}

// showOperations prints the table that docs/operations.md holds.
func showOperations(u *ui, id string, all []enforce.Mediation) error {
	if u.json {
		return u.object(map[string]any{"world_id": id, "operations": all})
	}
	for _, m := range all {
		filters := strings.Join(m.Filters, ", ")
		if filters == "" {
			filters = "none"
		}
		u.tell("%s\n  about    %s\n  filters  %s\n  through  %s\n  lane     %s\n",
			m.Operation, m.Objects, filters, wrapped(m.Carriers, len("  through  "), 100), m.Lane)
	}
	u.tell("%d operations. Any other is never reported as decided: its rows say not_mediated\n", len(all))
	return nil
}

// wrapped joins names with commas, in lines of at most width that begin under
// the first.
func wrapped(names []string, indent, width int) string {
	var b strings.Builder
	at := indent
	for i, n := range names {
		if i > 0 {
			b.WriteString(",")
			if at+len(n)+2 > width {
				b.WriteString("\n" + strings.Repeat(" ", indent))
				at = indent
			} else {
				b.WriteString(" ")
				at += 2
			}
		}
		b.WriteString(n)
		at += len(n)
	}
	return b.String()
}
