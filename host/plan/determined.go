package plan

import (
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// chosen are the facts that belong to a call and not to an object: the plugin that
// makes the call chooses them.
var chosen = []string{"socket-domain", "socket-type", "socket-protocol", "signal-number", "target"}

// determined refuses a target that leaves out a fact which the profile decides by and
// the plugin chooses. Its decision would be the plugin's choice. A plan that was run
// is read as it was. Of a process, the name states every relation ([lane.Relations])
// and implies the signal ([lane.Signal]).
func (p *parser) determined(t *table, pr *Profile, b *Probe) {
	if pr.Policy == nil || b.Target == "" || b.Filter == "target" || p.opts.Ran {
		return
	}
	open := leftOpen(pr.Policy, b)
	if len(open) == 0 {
		return
	}
	hint := `use filter = "target"`
	if b.Filter == "socket-domain" {
		hint = socketForm
	}
	t.problem("target", hint, "target %q%s leaves out %s, which %s decides by",
		b.Target, t.in(), strings.Join(open, ", "), pr.Source)
}

// leftOpen lists the facts that the policy's answer about a probe still needs and that
// a plugin chooses.
func leftOpen(policy *sbpl.Policy, b *Probe) []string {
	q := sbpl.Query{Operation: b.Operation}
	for _, f := range lane.Facts(b.Filter, b.Target) {
		q.Filters = append(q.Filters, sbpl.Filter(f))
	}
	d := policy.Decide(q)
	if d.Action != sbpl.Unknown {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(d.Missing), func(name string) bool { return !slices.Contains(chosen, name) })
}
