package sbpl

import (
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// filterValue is a filter as the profile holds it. In the old library, which
// was Scheme itself, a filter is a list whose first element is the symbol
// filter, and profiles look for that.
func (c *compiler) filterValue(t *test) scheme.Value {
	if c.table.release.Old() {
		return scheme.List(syntax.Symbol("filter"), t)
	}
	return t
}

// asFilter is the filter behind a value of the profile.
func asFilter(v scheme.Value) (*test, bool) {
	if p, ok := v.(*syntax.Pair); ok && p.Car == syntax.Datum(syntax.Symbol("filter")) {
		if rest, ok := p.Cdr.(*syntax.Pair); ok {
			v = rest.Car
		}
	}
	t, ok := v.(*test)
	return t, ok
}

// maxFilter bounds how many filters one filter is made of.
const maxFilter = 100_000

// filters are the arguments of a combinator.
func filters(k *scheme.Call, name string) ([]*test, error) {
	if len(k.Args) == 0 {
		return nil, k.Errorf("%s requires at least one filter", name)
	}
	var out []*test
	size := 0
	for _, a := range k.Args {
		t, ok := asFilter(a)
		if !ok {
			return nil, k.Errorf("arguments to %s must be filters, not %s", name, scheme.Show(a))
		}
		if size += t.weight(); size > maxFilter {
			return nil, &scheme.Error{Pos: k.Pos, Limit: true, Msg: "this filter is too large"}
		}
		out = append(out, t)
	}
	return out, k.M.Work(k.Pos, len(out))
}

func requireAny(k *scheme.Call) (scheme.Value, error) {
	l, err := filters(k, "require-any")
	if err != nil {
		return nil, err
	}
	return host(k).filterValue(anyOf(l)), nil
}

// anyOf is a filter of which any holds; nested ones are flattened.
func anyOf(l []*test) *test {
	if len(l) == 1 {
		return l[0]
	}
	out := &test{}
	for _, t := range l {
		if t.any != nil {
			out.any = append(out.any, t.any...)
		} else {
			out.any = append(out.any, t)
		}
	}
	return out.weighed()
}

func requireAll(k *scheme.Call) (scheme.Value, error) {
	l, err := filters(k, "require-all")
	if err != nil {
		return nil, err
	}
	return host(k).filterValue(allOf(l)), nil
}

func allOf(l []*test) *test {
	if len(l) == 1 {
		return l[0]
	}
	out := &test{}
	for _, t := range l {
		if t.all != nil {
			out.all = append(out.all, t.all...)
		} else {
			out.all = append(out.all, t)
		}
	}
	return out.weighed()
}

func requireNot(k *scheme.Call) (scheme.Value, error) {
	l, err := filters(k, "require-not")
	if err != nil {
		return nil, err
	}
	if len(l) != 1 {
		return nil, k.Errorf("malformed combination filter: require-not takes one filter")
	}
	return host(k).filterValue((&test{not: l[0]}).weighed()), nil
}
