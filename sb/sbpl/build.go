package sbpl

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// defineFilter binds one member of a filter's family. kind is "" for the base
// name, prefix, regex or subpath.
func (c *compiler) defineFilter(name string, f *ops.Filter, kind string) {
	c.machine.Global.Define(name, &scheme.Builtin{Name: name, Min: 0, Max: -1, Do: func(k *scheme.Call) (scheme.Value, error) {
		t := &test{name: f.Name, category: f.Category, literals: map[string]bool{}}
		if f.Kind == "network" {
			return c.network(k, t)
		}
		if f.Kind == "boolean" && len(k.Args) == 0 {
			t.literals["#t"] = true
			return t, nil
		}
		if len(k.Args) == 0 {
			return nil, k.Errorf("malformed %s filter: at least one argument is needed", f.Category)
		}
		t.fold = c.options.FoldCase && f.Kind == "path-pattern" && kind != "regex"
		for i, a := range k.Args {
			if err := c.argument(k, t, f, kind, i, a); err != nil {
				return nil, err
			}
		}
		return t, nil
	}})
}

func (c *compiler) argument(k *scheme.Call, t *test, f *ops.Filter, kind string, i int, a scheme.Value) error {
	switch x := a.(type) {
	case *syntax.Str:
		if f.Kind == "integer" || f.Kind == "bitfield" {
			break
		}
		return c.pattern(k, t, kind, x.S)
	case *constant:
		if f.Kind == "integer" || f.Kind == "bitfield" {
			if _, ok := f.Values[x.name]; len(f.Values) > 0 && !ok {
				break
			}
			t.literals[x.name] = true
			t.literals[strconv.FormatInt(f.Values[x.name], 10)] = true
			return nil
		}
	case int64:
		if f.Kind == "integer" || f.Kind == "bitfield" {
			t.literals[strconv.FormatInt(x, 10)] = true
			return nil
		}
	case bool:
		if !x {
			return k.Errorf("malformed %s filter: argument %d is #f: a parameter that is not set?%s", f.Category, i+1, c.missingParam(k))
		}
	}
	return k.Errorf("malformed %s filter: argument %d is %s", f.Category, i+1, scheme.Show(a))
}

// missingParam names a (param "X") without a value in the form, the commonest
// real mistake.
func (c *compiler) missingParam(k *scheme.Call) string {
	form, ok := k.Form.(*syntax.Pair)
	if !ok {
		return ""
	}
	items, _ := scheme.Slice(form.Cdr)
	for _, it := range items {
		p, ok := it.(*syntax.Pair)
		if !ok || p.Car != syntax.Datum(syntax.Symbol("param")) {
			continue
		}
		arg, _ := scheme.Slice(p.Cdr)
		if len(arg) == 1 {
			if s, ok := arg[0].(*syntax.Str); ok {
				return " Parameter " + strconv.Quote(s.S) + " has no value."
			}
		}
	}
	return ""
}

func (c *compiler) pattern(k *scheme.Call, t *test, kind, s string) error {
	if t.fold {
		s = strings.ToLower(s)
	}
	switch kind {
	case "prefix":
		t.prefixes = append(t.prefixes, s)
	case "subpath":
		if s == "" || s != "/" && strings.HasSuffix(s, "/") {
			return k.Errorf("subpaths must not end with a slash: %q", s)
		}
		t.subpaths = append(t.subpaths, s)
	case "regex":
		re, err := c.regex(s)
		if err != nil {
			return k.Errorf("%s", err)
		}
		t.regexes = append(t.regexes, re)
	default:
		t.literals[s] = true
	}
	return nil
}

// regex compiles each pattern of a profile once.
func (c *compiler) regex(s string) (*regexp.Regexp, error) {
	if re := c.regexes[s]; re != nil {
		return re, nil
	}
	re, err := compilePattern(s)
	if err == nil {
		c.regexes[s] = re
	}
	return re, err
}

// network is (local PROTO "host:port"...) and (remote ...).
func (c *compiler) network(k *scheme.Call, t *test) (scheme.Value, error) {
	if len(k.Args) == 0 {
		return nil, k.Errorf("malformed network filter: a protocol is needed")
	}
	proto := scheme.Show(k.Args[0])
	if con, ok := k.Args[0].(*constant); ok {
		proto = con.name
	}
	if proto == "unix-socket" || proto == "unix" {
		return unixSocket(c, k)
	}
	if len(k.Args) == 1 {
		t.literals[proto+" *:*"] = true
		return t, nil
	}
	for i := 1; i < len(k.Args); i++ {
		s, err := k.Str(i)
		if err != nil {
			return nil, err
		}
		if err := checkAddress(s); err != "" {
			return nil, k.Errorf("%s: %q", err, s)
		}
		t.literals[proto+" "+s] = true
	}
	return t, nil
}

func checkAddress(s string) string {
	host, port, ok := strings.Cut(s, ":")
	if !ok || host != "*" && host != "localhost" {
		return "host must be * or localhost in network address"
	}
	if n, err := strconv.ParseUint(port, 10, 16); port != "*" && (err != nil || n == 0) {
		return "invalid port in network address"
	}
	return ""
}

// unixSocket is a path filter on the socket, or every unix socket.
func unixSocket(c *compiler, k *scheme.Call) (scheme.Value, error) {
	if len(k.Args) == 1 {
		return &test{name: "socket-domain", category: "socket", literals: map[string]bool{"AF_UNIX": true, "1": true}}, nil
	}
	switch x := k.Args[1].(type) {
	case *test:
		return x, nil
	case *syntax.Str:
		re, err := c.regex(x.S)
		if err != nil {
			return nil, k.Errorf("%s", err)
		}
		return &test{name: "path", category: "path", regexes: []*regexp.Regexp{re}}, nil
	}
	return nil, k.Errorf("malformed network filter")
}

func filters(k *scheme.Call, what string) ([]*test, error) {
	if len(k.Args) == 0 {
		return nil, k.Errorf("%s requires at least one filter", what)
	}
	var out []*test
	for _, a := range k.Args {
		t, ok := a.(*test)
		if !ok {
			return nil, k.Errorf("arguments to %s must be filters, not %s", what, scheme.Show(a))
		}
		out = append(out, t)
	}
	return out, nil
}

func combine(name string, join func([]*test) *test) func(*scheme.Call) (scheme.Value, error) {
	return func(k *scheme.Call) (scheme.Value, error) {
		l, err := filters(k, name)
		if err != nil {
			return nil, err
		}
		if len(l) == 1 {
			return l[0], nil
		}
		return join(l), nil
	}
}

func requireNot(k *scheme.Call) (scheme.Value, error) {
	l, err := filters(k, "require-not")
	if err != nil {
		return nil, err
	}
	if len(l) != 1 {
		return nil, k.Errorf("malformed combination filter: require-not takes one filter")
	}
	return &test{not: l[0]}, nil
}
