package sbpl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/scheme"
)

// Warning is something in a profile that probably does not do what was meant.
type Warning struct {
	Pos     Pos    `json:"-"`
	Where   string `json:"where"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// WarningCodes are all codes that a Warning may have.
var WarningCodes = []string{"not-covered", "dead-rule", "defeated-deny", "order", "symlink-path", "never-matches",
	"category", "subpath-slash", "variable", "regex-doubt"}

// warn notes something while the profile is evaluated.
func (c *compiler) warn(k *scheme.Call, code, msg string) {
	pos := k.Pos
	if pos.Line == 0 {
		pos = c.top
	}
	w := Warning{pos, pos.String(), code, msg}
	if len(c.warnings) < maxWarnings && !slices.Contains(c.warnings, w) {
		c.warnings = append(c.warnings, w)
	}
}

// maxWarnings bounds what is reported of one profile.
const maxWarnings = 500

// critic looks through a policy.
type critic struct {
	p   *Policy
	out []Warning
}

func (c *critic) warn(pos Pos, code, format string, args ...any) {
	w := Warning{pos, pos.String(), code, fmt.Sprintf(format, args...)}
	if len(c.out) < maxWarnings && !slices.Contains(c.out, w) {
		c.out = append(c.out, w)
	}
}

// Warnings looks for what people get wrong most often, in the order of the
// profile. It is meant for a person: it takes longer than compiling.
func (p *Policy) Warnings() []Warning {
	c := &critic{p: p, out: slices.Clone(p.warnings)}
	c.notCovered()
	for i := range p.lists {
		l := &p.lists[i]
		c.replaced(&p.table.lists[i])
		c.neverTried(l)
		c.filteredFirst(&p.table.lists[i])
		c.defeated(l)
		for _, r := range l.rules {
			if !r.implicit {
				c.paths(r)
			}
		}
	}
	slices.SortStableFunc(c.out, func(a, b Warning) int {
		if a.Pos.File != b.Pos.File {
			return strings.Compare(a.Pos.File, b.Pos.File)
		}
		if a.Pos.Line != b.Pos.Line {
			return a.Pos.Line - b.Pos.Line
		}
		return a.Pos.Col - b.Pos.Col
	})
	return c.out
}

// notCovered names the operations whose own default a rule on default does not
// reach, and that the profile does not name.
func (c *critic) notCovered() {
	def := c.p.table.list("default").always
	if def.builtin {
		return
	}
	var open []string
	for _, l := range c.p.table.lists {
		if l.op.Name != "default" && l.op.Terminal() && l.always.builtin && l.always.action != def.action {
			open = append(open, l.op.Name)
		}
	}
	if len(open) > 0 {
		other := map[Action]string{Deny: "allowed", Allow: "denied"}[def.action]
		c.warn(def.pos, "not-covered", "(%s default) does not cover %s: %s leaves them %s unless a rule names them",
			def.action, strings.Join(open, ", "), c.p.library, other)
	}
}

// replaced are unfiltered rules that a later unfiltered one takes the place of.
func (c *critic) replaced(l *list) {
	for _, r := range l.replaced {
		c.warn(r.pos, "dead-rule", "dead for %s: the unfiltered rule at %s replaces it", l.op.Name, l.always.pos)
	}
}

// neverTried are rules all of whose values an earlier tried rule answers.
func (c *critic) neverTried(l *ordered) {
	for j := 1; j < len(l.rules); j++ {
		r := l.rules[j]
		if r.implicit || len(l.rules) > 2000 {
			continue
		}
		for _, before := range l.rules[:j] {
			if !implies(r.test, before.test) {
				continue
			}
			what := "decides the other way"
			if before.action == r.action {
				what = "says the same"
			}
			switch {
			case !before.implicit:
				c.warn(r.pos, "dead-rule", "dead for %s: the later rule at %s is tried first, covers it and %s", l.op.Name, before.pos, what)
			case before.action != r.action: // one that says what the library says anyway is clear and harmless
				c.warn(r.pos, "dead-rule", "dead for %s: %s, which %s adds after every profile, is tried first, covers it and %s",
					l.op.Name, before.text, c.p.library, what)
			}
			break
		}
	}
}

// filteredFirst: an unfiltered rule after a filtered one does not take it back.
func (c *critic) filteredFirst(l *list) {
	if l.always == nil || l.always.builtin {
		return
	}
	for _, r := range l.filtered {
		if r.implicit || r.pos.File != l.always.pos.File || !before(r.pos, l.always.pos) {
			continue
		}
		if r.action != l.always.action {
			c.warn(l.always.pos, "order", "%s does not take back %s at %s: for %s a filtered rule is tried before an unfiltered one, whatever the order",
				l.always.text, r.text, r.pos, l.op.Name)
			return
		}
	}
}

// defeated: a deny on a wildcard does not reach an operation below it that has
// an allow of its own.
func (c *critic) defeated(l *ordered) {
	if l.op.Terminal() {
		return
	}
	for _, own := range append(slices.Clone(l.rules), l.always) {
		if own == nil || own.builtin || own.implicit || own.action != Allow {
			continue
		}
		for at := &c.p.lists[l.parent]; ; at = &c.p.lists[at.parent] {
			for _, up := range append(slices.Clone(at.rules), at.always) {
				if up == nil || up.builtin || up.implicit || up.action != Deny || up.test == nil && at.op.Name == "default" {
					continue
				}
				if up.test == nil && own.test != nil { // allow in part what is denied at large: the usual way
					continue
				}
				if own.test == nil || implies(up.test, own.test) || implies(own.test, up.test) {
					c.warn(up.pos, "defeated-deny", "%s does not hold for %s: the rule at %s is on the operation itself and wins, whatever the order", up.text, l.op.Name, own.pos)
				}
			}
			if at.always != nil {
				break
			}
		}
	}
}

func before(a, b Pos) bool { return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col }
