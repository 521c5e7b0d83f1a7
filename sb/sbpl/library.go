package sbpl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// operation is an operation named in a profile. noop is one that the release
// accepts and ignores.
type operation struct {
	name string
	noop bool
}

func (o *operation) String() string { return "operation " + o.name }

// library binds what (version N) makes known.
func (c *compiler) library() {
	g := c.machine.Global
	for name, k := range c.constants {
		g.Define(name, k)
	}
	t := c.table.release
	for name := range t.ByName {
		g.Define(name, &operation{name: name})
	}
	for alias, name := range t.Aliases {
		g.Define(alias, &operation{name: name})
	}
	for name := range t.NoOps {
		g.Define(name, &operation{name, true})
	}
	for _, b := range c.procedures() {
		g.Define(b.Name, b)
	}
	for _, f := range ops.Filters {
		c.defineFilter(f.Name, f, "")
		for kind, name := range f.Derived {
			c.defineFilter(name, f, kind)
		}
	}
	for alias, name := range ops.FilterAliases {
		if v, ok := g.Lookup(syntax.Symbol(name)); ok {
			g.Define(alias, v)
		}
	}
	for name, m := range modifierArgs {
		g.Define(name, &modifierName{name, m})
	}
	g.Define("no-log", &modifierName{"no-report", 0})
	g.Define("no-profile", &modifierName{"no-sandbox", 0})
	for name, f := range processFacts {
		g.Define(name, &scheme.Builtin{Name: name, Max: 0, Do: func(*scheme.Call) (scheme.Value, error) {
			return &test{name: f[0], category: f[1], literals: map[string]bool{f[2]: true}}, nil
		}})
	}
}

// processFacts are the procedures without arguments that give a filter.
var processFacts = map[string][3]string{
	"process-is-plugin":    {"process-attribute", "process", "is-plugin"},
	"process-is-installer": {"process-attribute", "process", "is-installer"},
	"debug-mode":           {"system-attribute", "system", "sandbox-debug-mode"},
	"tty":                  {"vnode-type", "vnode-type", "TTY"},
}

// procedures are the library's own.
func (c *compiler) procedures() []*scheme.Builtin {
	return []*scheme.Builtin{
		{Name: "allow", Min: 0, Max: -1, Do: c.action(Allow)},
		{Name: "deny", Min: 0, Max: -1, Do: c.action(Deny)},
		{Name: "with", Min: 1, Max: -1, Do: withModifier},
		{Name: "require-any", Min: 0, Max: -1, Do: combine("require-any", func(l []*test) *test { return &test{any: l} })},
		{Name: "require-all", Min: 0, Max: -1, Do: combine("require-all", func(l []*test) *test { return &test{all: l} })},
		{Name: "require-not", Min: 0, Max: -1, Do: requireNot},
		{Name: "require-entitlement", Min: 1, Max: 2, Do: requireEntitlement},
		{Name: "entitlement-value", Min: 1, Max: 1, Do: entitlementValue},
		{Name: "entitlement-value-regex", Min: 1, Max: 1, Do: entitlementRegex},
		{Name: "sbpl-filter?", Min: 1, Max: 1, Do: func(k *scheme.Call) (scheme.Value, error) { _, ok := k.Args[0].(*test); return ok, nil }},
		{Name: "import", Min: 1, Max: 1, Do: c.importFile},
		{Name: "trace", Min: 1, Max: 1, Do: nothing}, {Name: "record", Min: 1, Max: 1, Do: nothing},
		{Name: "disable-callouts", Max: 0, Do: nothing}, {Name: "disable-full-symbolication", Max: 0, Do: nothing},
		{Name: "eliminate-duplicate-rules", Max: 0, Do: nothing},
		{Name: "regex-quote", Min: 1, Max: 1, Do: func(k *scheme.Call) (scheme.Value, error) {
			s, err := k.Str(0)
			return &syntax.Str{S: quotePattern(s)}, err
		}},
		{Name: "_IO", Min: 2, Max: 2, Do: func(k *scheme.Call) (scheme.Value, error) {
			group, err := k.Str(0)
			if err != nil || group == "" {
				return nil, k.Errorf("argument 1 must be: a group letter")
			}
			n, err := k.Int(1)
			return n + 256*int64(group[0]), err
		}},
		{Name: "split-string", Min: 2, Max: 2, Do: splitString},
		{Name: "path-ancestors", Min: 1, Max: -1, Do: pathAncestors},
		{Name: "display", Min: 1, Max: 2, Do: c.display}, {Name: "write", Min: 1, Max: 2, Do: c.display},
		{Name: "newline", Max: 1, Do: nothing},
	}
}

func nothing(*scheme.Call) (scheme.Value, error) { return scheme.Unspecified, nil }

func (c *compiler) display(k *scheme.Call) (scheme.Value, error) {
	if w := c.options.Output; w != nil {
		fmt.Fprint(w, scheme.Show(k.Args[0]))
	}
	return scheme.Unspecified, nil
}

func splitString(k *scheme.Call) (scheme.Value, error) {
	s, err := k.Str(0)
	if err != nil {
		return nil, err
	}
	sep, err := k.Str(1)
	var out []scheme.Value
	for _, piece := range strings.Split(s, sep) {
		out = append(out, &syntax.Str{S: piece})
	}
	return scheme.List(out...), err
}

// pathAncestors is a filter on every proper ancestor of each path.
func pathAncestors(k *scheme.Call) (scheme.Value, error) {
	t := &test{name: "path", category: "path", literals: map[string]bool{}}
	for i := range k.Args {
		s, err := k.Str(i)
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "${") {
			return nil, k.Errorf("%q is not an absolute path", s)
		}
		for at := strings.LastIndexByte(s, '/'); at > 0; at = strings.LastIndexByte(s, '/') {
			s = s[:at]
			t.literals[s] = true
		}
		if k.Args[i].(*syntax.Str).S != "/" {
			t.literals["/"] = true
		}
	}
	if len(t.literals) == 0 {
		return nil, k.Errorf("the root has no ancestors")
	}
	return t, nil
}

// names are a release's operations, for suggestions.
func names(t *ops.Table) []string {
	out := slices.Collect(maps.Keys(t.ByName))
	slices.Sort(out)
	return out
}
