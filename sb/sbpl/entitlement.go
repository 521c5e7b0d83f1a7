package sbpl

import (
	"slices"

	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// entitlementMatch is what require-entitlement's second argument says of the
// value.
type entitlementMatch func(v any) bool

func requireEntitlement(k *scheme.Call) (scheme.Value, error) {
	name, err := k.Str(0)
	if err != nil {
		return nil, err
	}
	match := entitlementMatch(func(v any) bool { return v == true })
	if len(k.Args) > 1 {
		m, ok := k.Args[1].(entitlementMatch)
		if !ok {
			return nil, k.Errorf("argument 2 must be: entitlement value filter")
		}
		match = m
	}
	return &test{name: "entitlement:" + name, category: "process", process: func(p *Process) truth {
		v, has := p.Entitlements[name]
		if list, ok := v.([]string); ok {
			return truthOf(slices.ContainsFunc(list, func(s string) bool { return match(s) }))
		}
		return truthOf(has && match(v))
	}}, nil
}

func entitlementValue(k *scheme.Call) (scheme.Value, error) {
	switch x := k.Args[0].(type) {
	case bool:
		return entitlementMatch(func(v any) bool { return v == x }), nil
	case *syntax.Str:
		return entitlementMatch(func(v any) bool { return v == x.S }), nil
	}
	return nil, k.Errorf("value must be string or boolean")
}

func entitlementRegex(k *scheme.Call) (scheme.Value, error) {
	s, err := k.Str(0)
	if err != nil {
		return nil, err
	}
	re, err := compilePattern(s)
	if err != nil {
		return nil, k.Errorf("%s", err)
	}
	return entitlementMatch(func(v any) bool { s, ok := v.(string); return ok && re.MatchString(s) }), nil
}
