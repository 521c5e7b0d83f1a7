package sbpl

import (
	"fmt"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/pattern"
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// procedures are the library's own, of every release.
var procedures = []*scheme.Builtin{
	{Name: "allow", Min: 0, Max: -1, Do: action(Allow)},
	{Name: "deny", Min: 0, Max: -1, Do: action(Deny)},
	{Name: "with", Min: 1, Max: -1, Do: withModifier},
	{Name: "require-any", Min: 0, Max: -1, Do: requireAny},
	{Name: "require-all", Min: 0, Max: -1, Do: requireAll},
	{Name: "require-not", Min: 0, Max: -1, Do: requireNot},
	{Name: "require-entitlement", Min: 1, Max: 2, Do: requireEntitlement},
	{Name: "entitlement-value", Min: 1, Max: 1, Do: entitlementValue},
	{Name: "entitlement-value-regex", Min: 1, Max: 1, Do: entitlementRegex},
	{Name: "sbpl-filter?", Min: 1, Max: 1, Do: func(k *scheme.Call) (scheme.Value, error) { _, ok := asFilter(k.Args[0]); return ok, nil }},
	{Name: "sbpl-operation-can-return?", Min: 2, Max: 2, Do: canReturn},
	{Name: "import", Min: 1, Max: 1, Do: importFile}, {Name: "load", Min: 1, Max: 1, Do: importFile},
	{Name: "open-input-file", Min: 1, Max: 1, Do: openInputFile},
	{Name: "trace", Min: 1, Max: 1, Do: trace}, {Name: "record", Min: 1, Max: 1, Do: nothing},
	{Name: "disable-callouts", Max: 0, Do: nothing}, {Name: "disable-full-symbolication", Max: 0, Do: nothing},
	{Name: "eliminate-duplicate-rules", Max: 0, Do: nothing},
	{Name: "disable-syscall-inference", Max: 0, Do: func(k *scheme.Call) (scheme.Value, error) {
		host(k).listed = true
		return scheme.Unspecified, nil
	}},
	{Name: "regex-quote", Min: 1, Max: 1, Do: func(k *scheme.Call) (scheme.Value, error) {
		s, err := k.Str(0)
		return &syntax.Str{S: pattern.Quote(s)}, err
	}},
	{Name: "_IO", Min: 2, Max: 2, Do: ioctlNumber},
	{Name: "split-string", Min: 2, Max: 2, Do: splitString},
	{Name: "path-ancestors", Min: 1, Max: -1, Do: pathAncestors},
	{Name: "display", Min: 1, Max: 2, Do: display}, {Name: "write", Min: 1, Max: 2, Do: display},
	{Name: "newline", Max: 1, Do: func(k *scheme.Call) (scheme.Value, error) { host(k).print("\n"); return scheme.Unspecified, nil }},
}

func nothing(*scheme.Call) (scheme.Value, error) { return scheme.Unspecified, nil }

func (c *compiler) print(s string) {
	if w := c.options.Output; w != nil {
		fmt.Fprint(w, s)
	}
}

func display(k *scheme.Call) (scheme.Value, error) {
	s := scheme.Display(k.Args[0])
	host(k).print(s)
	return scheme.Unspecified, k.M.Work(k.Pos, len(s)/64)
}

// trace takes the path of a file that nothing is written to here.
func trace(k *scheme.Call) (scheme.Value, error) {
	c := host(k)
	if _, ok := k.Args[0].(*syntax.Str); !ok {
		return nil, k.Errorf("argument must be a string")
	}
	if c.traced {
		return nil, k.Errorf("only one trace path may be specified")
	}
	c.traced = true
	return scheme.Unspecified, nil
}

func canReturn(k *scheme.Call) (scheme.Value, error) {
	o, ok := k.Args[0].(*operation)
	what, ok2 := k.Args[1].(syntax.Symbol)
	if !ok || !ok2 || o.noop {
		return nil, k.Errorf("arguments must be: an operation, and allow or deny")
	}
	return host(k).table.can(o.name, map[syntax.Symbol]Action{"allow": Allow, "deny": Deny}[what]), nil
}

// ioctlNumber is (_IO "g" n).
func ioctlNumber(k *scheme.Call) (scheme.Value, error) {
	group, err := k.Str(0)
	if err != nil || group == "" {
		return nil, k.Errorf("argument 1 must be: a group letter")
	}
	n, err := k.Int(1)
	return n + 256*int64(group[0]), err
}

// oldPathLiteral is the pattern that (remote unix-socket ...) takes.
func oldPathLiteral(k *scheme.Call) (scheme.Value, error) {
	s, err := k.Str(0)
	return &syntax.Str{S: "^" + pattern.Quote(s) + "$"}, err
}

func splitString(k *scheme.Call) (scheme.Value, error) {
	s, err := k.Str(0)
	if err != nil {
		return nil, err
	}
	sep, err := k.Str(1)
	if err != nil {
		return nil, err
	}
	if err := k.M.Alloc(k.Pos, 128*(1+strings.Count(s, sep))); err != nil {
		return nil, err
	}
	var out []scheme.Value
	for _, piece := range strings.Split(s, sep) {
		out = append(out, &syntax.Str{S: piece})
	}
	return scheme.List(out...), nil
}

// maxPath bounds what path-ancestors takes apart; the system's paths are
// shorter.
const maxPath = 8192

// pathAncestors is a filter on every proper ancestor of each path.
func pathAncestors(k *scheme.Call) (scheme.Value, error) {
	c := host(k)
	t := &test{fact: "path", category: "path", filter: c.table.release.Filters["path"]}
	for i := range k.Args {
		s, err := k.Str(i)
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "${") {
			return nil, k.Errorf("%q is not an absolute path", s)
		}
		if len(s) > maxPath {
			return nil, k.Errorf("a path of %d bytes is longer than the %d that are taken", len(s), maxPath)
		}
		if s != "/" && s[0] == '/' {
			t.values = append(t.values, "/")
		}
		for at := strings.LastIndexByte(s, '/'); at > 0; at = strings.LastIndexByte(s, '/') {
			s = s[:at]
			t.values = append(t.values, s)
		}
		if err := k.M.Work(k.Pos, len(t.values)); err != nil {
			return nil, err
		}
	}
	if len(t.values) == 0 {
		return nil, k.Errorf("require-any requires at least one filter: the root has no ancestors")
	}
	return c.filterValue(t), k.M.Alloc(k.Pos, 32*len(t.values))
}
