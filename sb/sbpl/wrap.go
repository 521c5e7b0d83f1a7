package sbpl

import (
	"github.com/hrhost/hrhost/sb/sbpl/scheme"
	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// wrapper is one of the library's macros (NAME X RULE...): while the rules are
// evaluated, allow and deny are others, that change their arguments first. They
// go on to whatever allow and deny were, so the rule keeps its own position.
func wrapper(
	name string, change func(k *scheme.Call, x syntax.Datum, env *scheme.Env) ([]scheme.Value, error),
) *scheme.Form {
	return &scheme.Form{Do: func(m *scheme.Machine, p *syntax.Pair, env *scheme.Env) (scheme.Value, error) {
		rest, ok := p.Cdr.(*syntax.Pair)
		if !ok {
			return nil, &scheme.Error{Pos: p.Pos, Msg: name + ": not enough arguments"}
		}
		names := []syntax.Symbol{"allow", "deny"}
		before := make([]scheme.Value, len(names))
		for i, n := range names {
			before[i], _ = env.Lookup(n)
			old := before[i]
			env.Set(n, &scheme.Builtin{Name: string(n), Min: 0, Max: -1, Do: func(k *scheme.Call) (scheme.Value, error) {
				args, err := change(k, rest.Car, env)
				if err != nil {
					return nil, err
				}
				return k.TailApply(old, args)
			}})
		}
		defer func() {
			for i, n := range names {
				env.Set(n, before[i])
			}
		}()
		return m.Body(rest.Cdr, env, p.Pos)
	}}
}

// withFilter makes the rule's filters and F hold together. F is evaluated anew
// for each rule.
func withFilter(k *scheme.Call, x syntax.Datum, env *scheme.Env) ([]scheme.Value, error) {
	v, err := k.M.Eval(x, env, k.Pos)
	if err != nil {
		return nil, err
	}
	extra, ok := asFilter(v)
	if !ok {
		return nil, k.Errorf("with-filter needs a filter, not %s", scheme.Show(v))
	}
	var own []*test
	var out []scheme.Value
	for _, a := range k.Args {
		if t, ok := asFilter(a); ok {
			own = append(own, t)
		} else {
			out = append(out, a)
		}
	}
	if len(own) > 0 {
		extra = allOf([]*test{anyOf(own), extra})
	}
	return append(out, host(k).filterValue(extra)), nil
}

func withModifierOf(k *scheme.Call, x syntax.Datum, env *scheme.Env) ([]scheme.Value, error) {
	v, err := k.M.Eval(x, env, k.Pos)
	if err != nil {
		return nil, err
	}
	if name, ok := v.(*modifierName); ok { // (with-modifier report ...)
		v = &Modifier{Name: name.name}
	}
	if _, ok := v.(*Modifier); !ok {
		return nil, k.Errorf("illegal modifier: %s", scheme.Show(v))
	}
	return append(append([]scheme.Value{}, k.Args...), v), nil
}

func withOperations(k *scheme.Call, x syntax.Datum, env *scheme.Env) ([]scheme.Value, error) {
	v, err := k.M.Eval(x, env, k.Pos)
	if err != nil {
		return nil, err
	}
	l, ok := scheme.Slice(v)
	if !ok {
		return nil, k.Errorf("with-operations needs a list of operations, not %s", scheme.Show(v))
	}
	return append(append([]scheme.Value{}, l...), k.Args...), nil
}
