package sbpl

import (
	"slices"

	"github.com/hrhost/hrhost/sb/sbpl/pattern"
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// entitlementMatch is what require-entitlement's second argument says of a
// value that is no list.
type entitlementMatch func(v any) bool

// entitlementFilter is (entitlement-value X) as the profile holds it: it makes
// sense only within require-entitlement.
func entitlementFilter(k *scheme.Call, m entitlementMatch) scheme.Value {
	return host(k).filterValue(&test{fact: "entitlement", category: host(k).entitlementCategory(), how: entitled, match: m})
}

func entitlementValue(k *scheme.Call) (scheme.Value, error) {
	switch x := k.Args[0].(type) {
	case bool:
		return entitlementFilter(k, func(v any) bool { return v == x }), nil
	case *syntax.Str:
		return entitlementFilter(k, func(v any) bool { return v == x.S }), nil
	}
	return nil, k.Errorf("value must be string or boolean")
}

func entitlementRegex(k *scheme.Call) (scheme.Value, error) {
	s, err := k.Str(0)
	if err != nil {
		return nil, err
	}
	p, err := pattern.Compile(s)
	if err != nil {
		return nil, k.Errorf("%s", err)
	}
	return entitlementFilter(k, func(v any) bool { s, ok := v.(string); return ok && p.Match(s) }), nil
}

// requireEntitlement is (require-entitlement NAME [F]): the process has it, and
// F, without which it must be true, holds of its value.
func requireEntitlement(k *scheme.Call) (scheme.Value, error) {
	name, err := k.Str(0)
	if err != nil {
		return nil, err
	}
	c := host(k)
	if len(k.Args) == 1 {
		return c.filterValue(c.entitlement(name, func(v any) bool { return v == true })), nil
	}
	t, ok := asFilter(k.Args[1])
	if !ok {
		return nil, k.Errorf("argument 2 must be: entitlement value filter")
	}
	bound, ok := c.bindEntitlement(name, t)
	if !ok {
		return nil, k.Errorf("argument 2 must be: entitlement value filter")
	}
	return c.filterValue(bound), nil
}

// bindEntitlement copies a filter on values for one entitlement. Without it
// the filter does not hold, also under require-not.
func (c *compiler) bindEntitlement(name string, t *test) (*test, bool) {
	value, ok := c.bindValue(name, t)
	if !ok || value.leaf() {
		return value, ok
	}
	return (&test{all: []*test{c.entitlement(name, func(any) bool { return true }), value}}).weighed(), true
}

func (c *compiler) bindValue(name string, t *test) (*test, bool) {
	if t.leaf() {
		if t.how != entitled || t.fact != "entitlement" {
			return nil, false
		}
		return c.entitlement(name, t.match), true
	}
	out := &test{}
	var ok bool
	if t.not != nil {
		if out.not, ok = c.bindValue(name, t.not); !ok {
			return nil, false
		}
	}
	for _, s := range t.all {
		b, ok := c.bindValue(name, s)
		if !ok {
			return nil, false
		}
		out.all = append(out.all, b)
	}
	for _, s := range t.any {
		b, ok := c.bindValue(name, s)
		if !ok {
			return nil, false
		}
		out.any = append(out.any, b)
	}
	return out.weighed(), true
}

func (c *compiler) entitlement(name string, m entitlementMatch) *test {
	return &test{fact: "entitlement:" + name, category: c.entitlementCategory(), how: entitled, match: m, values: []string{name}}
}

// entitlementCategory is a category of its own until 10.13.
func (c *compiler) entitlementCategory() string {
	if c.table.release.ByName["default"].Accepts("entitlement") {
		return "entitlement"
	}
	return "process"
}

// entitlement asks for one of the caller's. A list holds when an element does.
func (t *test) entitlement(q *Query, missing *[]string) truth {
	if q.Process == nil || q.Process.Entitlements == nil || len(t.values) == 0 {
		note(missing, t.fact)
		return maybe
	}
	v, has := q.Process.Entitlements[t.values[0]]
	if list, ok := v.([]string); ok {
		return truthOf(slices.ContainsFunc(list, func(s string) bool { return t.match(s) }))
	}
	return truthOf(has && t.match(v))
}
