package plan

import (
	"fmt"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// own are system calls of which no sealed plugin can do without one: it reads and
// answers the host's requests on a socket (internal/poll), and its runtime waits for
// that socket (runtime/netpoll_kqueue.go, internal/runtime/syscall of Go).
var own = []string{"SYS_read", "SYS_write", "SYS_kevent"}

// sealable refuses a profile under which a plugin that seals itself on macOS loses
// the system calls that it reports with: (version 3)(deny default) covers them. No
// probe of it would end. docs/sbpl.md, section 5.
func (p *parser) sealable(t *table, pr *Profile) {
	if p.opts.OS != MacOS || pr.Seal != "self" || pr.Policy == nil || p.opts.Ran {
		return
	}
	var lost []string
	why := ""
	for _, call := range own {
		fact := sbpl.Filter{Name: "syscall-number", Value: call}
		d := pr.Policy.Decide(sbpl.Query{Operation: "syscall-unix", Filters: []sbpl.Filter{fact}})
		switch {
		case d.Err != nil || d.Action == sbpl.Allow: // releases before 10.15 do not have the operation
			continue
		case len(d.Missing) > 0: // it depends on the process
			continue
		case why == "" && d.Action == sbpl.Deny:
			why = ruled(&d)
		case why == "":
			why = ruled(&d) + ", and " + d.Reason
		}
		lost = append(lost, call)
	}
	if len(lost) == 0 {
		return
	}
	t.problem("source", `add (allow syscall*) to the profile, or use (version 1), which leaves system calls open`,
		"seal self%s: profile %q denies the plugin's own system calls %s once it is sealed, so that no probe can report (%s)",
		t.in(), pr.Source, strings.Join(lost, ", "), why)
}

// ruled is the rule that decided, with its place.
func ruled(d *sbpl.Decision) string {
	if d.Provenance() != sbpl.FromProfile {
		return d.RuleText
	}
	return fmt.Sprintf("%s: %s", d.Rule, d.RuleText)
}
