package sbpl

import (
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/ops"
	"github.com/hrhost/hrhost/sb/sbpl/pattern"
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// constant is a named number of the language, such as self or AF_SYSTEM. It
// stands for itself in every filter that has a value of its name.
type constant struct {
	name  string
	value int64
}

func (c *constant) String() string { return c.name }

// filterProcedure is one member of a filter's family.
func filterProcedure(name string, f *ops.Filter, as string) *scheme.Builtin {
	return &scheme.Builtin{Name: name, Min: 0, Max: -1, Do: func(k *scheme.Call) (scheme.Value, error) {
		c := host(k)
		t := &test{fact: f.Name, category: f.Category, filter: f}
		var err error
		switch f.Kind {
		case "network":
			t, err = networkFilter(k, t)
		case "boolean":
			err = flagFilter(k, t)
		case "integer", "bitfield", "unverified":
			err = numberFilter(k, t)
		default:
			err = c.stringFilter(k, t, as)
		}
		if err != nil {
			return nil, err
		}
		return c.filterValue(t), nil
	}}
}

// flagFilter takes #t, #f or nothing, which is #t.
func flagFilter(k *scheme.Call, t *test) error {
	t.how, t.numbers = number, []int64{1}
	if len(k.Args) == 0 {
		return nil
	}
	b, ok := k.Args[0].(bool)
	if !ok || len(k.Args) > 1 {
		return k.Errorf("malformed %s filter: it takes #t or #f", t.category)
	}
	if !b {
		t.numbers[0] = 0
	}
	return nil
}

// numberFilter takes integers and the constants of its filter.
func numberFilter(k *scheme.Call, t *test) error {
	t.how = number
	if t.filter.Kind == "bitfield" {
		t.how = bits
	}
	if len(k.Args) == 0 {
		return k.Errorf("malformed %s filter: at least one argument is needed", t.category)
	}
	for i, a := range k.Args {
		switch x := a.(type) {
		case int64:
			if t.fact == "file-mode" && (x < 0 || x > 0o7777) {
				return k.Errorf("malformed %s filter: %d is not a file mode", t.category, x)
			}
			t.numbers = append(t.numbers, x)
		case *constant:
			n, ok := t.filter.Values[x.name]
			if !ok && t.filter.Values != nil {
				return k.Errorf("malformed %s filter: %s is not a value of %s", t.category, x.name, t.fact)
			}
			if !ok {
				n = x.value
			}
			t.numbers = append(t.numbers, n)
		default:
			return badArgument(k, t, i)
		}
	}
	return nil
}

func (c *compiler) stringFilter(k *scheme.Call, t *test, as string) error {
	if len(k.Args) == 0 {
		if t.fact != "extension" || !c.table.release.Old() {
			return k.Errorf("malformed %s filter: at least one argument is needed", t.category)
		}
		t.values = []string{"com.apple.app-sandbox.read-write"}
		return nil
	}
	if t.fact == "device-conforms-to" && len(k.Args) != 1 {
		return k.Errorf("malformed %s filter: exactly one argument is needed", t.category)
	}
	switch as {
	case "prefix":
		t.how = prefix
	case "subpath":
		t.how = subpath
	case "regex":
		t.how = matching
	}
	t.fold = c.options.FoldCase && t.filter.Kind == "path-pattern" && t.how != matching
	for i := range k.Args {
		s, ok := k.Args[i].(*syntax.Str)
		if !ok {
			return badArgument(k, t, i)
		}
		if err := c.addString(k, t, s.S); err != nil {
			return err
		}
	}
	return nil
}

func (c *compiler) addString(k *scheme.Call, t *test, s string) error {
	if t.how == matching {
		return c.addPattern(k, t, s)
	}
	if t.how == subpath && s != "/" {
		if strings.HasSuffix(s, "/") && (c.options.StripSlash || !c.table.release.Old()) { // profiles that Apple ships with 10.15 have it
			c.warn(k, "subpath-slash", "the slash at the end of "+strconv.Quote(s)+" is ignored; releases before 10.11 refuse it")
			s = strings.TrimRight(s, "/")
		}
		if s == "" || strings.HasSuffix(s, "/") {
			return k.Errorf("subpaths must not end with a slash: %q", s)
		}
	}
	if t.fold {
		s = strings.ToLower(s)
	}
	t.values = append(t.values, s)
	return nil
}

// addPattern compiles each pattern of a profile once.
func (c *compiler) addPattern(k *scheme.Call, t *test, s string) error {
	p := c.patterns[s]
	if p == nil {
		if err := c.machine.Alloc(k.Pos, 64*len(s)); err != nil {
			return err
		}
		var err error
		if p, err = pattern.Compile(s); err != nil {
			return k.Errorf("%s", err)
		}
		if err := c.machine.Alloc(k.Pos, 96*p.Size()); err != nil { // an automaton's places, made when it is first asked
			return err
		}
		c.patterns[s] = p
	}
	t.patterns = append(t.patterns, p)
	return nil
}

func badArgument(k *scheme.Call, t *test, i int) error {
	return k.Errorf("malformed %s filter: argument %d is %s", t.category, i+1, scheme.Show(k.Args[i]))
}
