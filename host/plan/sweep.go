package plan

import (
	"path"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// maxTargets bounds a sweep's limit.
const maxTargets = 1 << 24

// sweep reads a profile's sweep, which stands in place of its probes.
func (p *parser) sweep(t *table, pr *Profile) {
	pr.Probes = []Probe{}
	sub := t.sub("sweep", "sweep of "+t.what)
	if sub == nil {
		return
	}
	op := p.operation(sub)
	pr.Sweep = &Sweep{
		Operation: op, Filter: p.filter(sub, op), Match: sub.text("match", ""),
		Limit: sub.integer("limit", 0, 0, maxTargets),
	}
	if _, err := path.Match(pr.Sweep.Match, ""); err != nil {
		sub.problem("match", "* stands for anything, ? for one character, [a-z] for one of several",
			"match %q%s is not a pattern", pr.Sweep.Match, sub.in())
	}
	sub.done()
	p.sweepAlone(t, pr)
}

// sweepAlone refuses what a sweep does not go with.
func (p *parser) sweepAlone(t *table, pr *Profile) {
	if t.has("probes") {
		t.problem("probes", "write two profiles", "both probes and a sweep%s", t.in())
	}
	for key, usual := range map[string]bool{
		"acquire": pr.Acquire == "after", "isolation": pr.Isolation == "profile", "repeat": pr.Repeat == 1, "seal": pr.Seal != "wrap",
	} {
		if !usual {
			t.problem(key, "",
				"%s%s does not go with a sweep, which is one process with the policy put over it, and one attempt a target",
				key, t.in())
		}
	}
}

// Matches reports that a target belongs to the sweep: its pattern fits one of the
// ways to write the target. A * stands for anything, separators too.
func (s *Sweep) Matches(target string) bool {
	return s.Match == "" || slices.ContainsFunc(sbpl.Spellings(sbpl.Filter{Name: s.Filter, Value: target}), func(spelling string) bool {
		ok, _ := path.Match(flat(s.Match), flat(spelling))
		return ok
	})
}

// flat takes the meaning from path.Match's only separator.
func flat(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
