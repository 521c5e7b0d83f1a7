package sbpl

import "strings"

// Warning is something in a profile that probably does not do what was meant.
type Warning struct {
	Pos     Pos    `json:"-"`
	Where   string `json:"where"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Warnings are the findings of `hrhost sb check`.
func (p *Policy) Warnings() []Warning { return p.warnings }

// Rule is one entry of the rule table.
type Rule struct {
	Operation string     `json:"operation"`
	Action    string     `json:"action"`
	Where     string     `json:"where"`
	Text      string     `json:"text"`
	Filtered  bool       `json:"filtered"`
	Modifiers []Modifier `json:"modifiers,omitempty"`
	Implicit  bool       `json:"implicit,omitempty"`
	Default   bool       `json:"default,omitempty"`
}

// Rules is the rule table, in the order of the release's operations, each list
// in the order in which it is tried.
func (p *Policy) Rules() []Rule {
	var out []Rule
	for _, o := range p.table.release.Operations {
		for _, e := range p.table.lists[o.Name] {
			if e.jump == "" {
				out = append(out, Rule{o.Name, e.action.String(), e.pos.String(), e.text, e.test != nil, e.modifiers, e.implicit, e.builtin})
			}
		}
	}
	return out
}

// findings looks for what people get wrong most often.
func (c *compiler) findings() []Warning {
	var out []Warning
	warn := func(pos Pos, code, msg string) { out = append(out, Warning{pos, pos.String(), code, msg}) }
	last := c.table.lists["default"]
	def := last[len(last)-1]
	for _, o := range c.table.release.Operations {
		list := c.table.lists[o.Name]
		tail := list[len(list)-1]
		if def.action == Deny && !def.builtin && tail.builtin && o.Allow {
			warn(def.pos, "not-covered", "(deny default) does not cover "+o.Name+", whose own default is allow; deny it by name")
		}
		for _, e := range list {
			e.test.each(func(t *test) {
				for _, s := range append(append([]string{}, t.subpaths...), keys(t.literals)...) {
					if phys := physical(s); t.name == "path" && phys != "" && !e.implicit {
						warn(e.pos, "symlink-path", s+" is a symbolic link on macOS; the system sees "+phys)
					}
				}
			})
		}
	}
	return out
}

func keys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

// physical is the spelling that the kernel uses, "" when it is the same.
func physical(p string) string {
	for _, link := range []string{"/tmp", "/var", "/etc"} {
		if p == link || strings.HasPrefix(p, link+"/") {
			return "/private" + p
		}
	}
	return ""
}
