package scheme

import "github.com/hrhost/hrhost/sb/sbpl/syntax"

func formDefine(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	target, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	if head, ok := target.(*syntax.Pair); ok { // (define (name args...) body...)
		name, ok := head.Car.(syntax.Symbol)
		if !ok {
			return value(nil, bad(p))
		}
		c, err := m.lambda(head.Cdr, rest(p, 2), env, p)
		if err != nil {
			return value(nil, err)
		}
		c.name = name
		return value(name, m.define(name, c, env, p.Pos))
	}
	name, ok := target.(syntax.Symbol)
	if !ok {
		return value(nil, bad(p))
	}
	d, ok := part(p, 2)
	if !ok {
		return value(nil, bad(p))
	}
	v, err := m.Eval(d, env, p.Pos)
	if err != nil {
		return value(nil, err)
	}
	if c, ok := v.(*Closure); ok && c.name == "" {
		c.name = name
	}
	return value(name, m.define(name, v, env, p.Pos))
}

// define binds a name in the innermost frame, which may become large.
func (m *Machine) define(name syntax.Symbol, v Value, env *Env, pos syntax.Pos) error {
	env.Define(name, v)
	return m.Alloc(pos, objectBytes)
}

func formSet(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	target, _ := part(p, 1)
	name, ok := target.(syntax.Symbol)
	d, ok2 := part(p, 2)
	if !ok || !ok2 {
		return value(nil, bad(p))
	}
	v, err := m.Eval(d, env, p.Pos)
	if err != nil {
		return value(nil, err)
	}
	if _, bound, err := m.lookup(name, env, p.Pos); err != nil { // the cost of the search
		return value(nil, err)
	} else if !bound {
		return value(nil, &Error{Pos: p.Pos, Msg: "set!: unbound variable: " + string(name), Unbound: string(name)})
	}
	env.Set(name, v)
	return value(v, nil)
}

func formLambda(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	params, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	c, err := m.lambda(params, rest(p, 2), env, p)
	return value(c, err)
}

func (m *Machine) lambda(params, body syntax.Datum, env *Env, p *syntax.Pair) (*Closure, error) {
	c := &Closure{body: body, env: env}
	for n := 1; ; n++ {
		if err := m.Work(p.Pos, n%2); err != nil { // half a step for each
			return nil, err
		}
		switch x := params.(type) {
		case *syntax.Pair:
			s, ok := x.Car.(syntax.Symbol)
			if !ok {
				return nil, bad(p)
			}
			c.params = append(c.params, s)
			params = x.Cdr
			continue
		case syntax.Symbol:
			c.rest = x
		case syntax.Empty:
		default:
			return nil, bad(p)
		}
		return c, m.Alloc(p.Pos, objectBytes+elementBytes*len(c.params))
	}
}

// formMacro is (macro (name form) body...) or (macro name procedure).
func formMacro(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	target, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	if head, ok := target.(*syntax.Pair); ok {
		name, ok := head.Car.(syntax.Symbol)
		if !ok {
			return value(nil, bad(p))
		}
		c, err := m.lambda(head.Cdr, rest(p, 2), env, p)
		if err != nil {
			return value(nil, err)
		}
		return value(name, m.define(name, &Macro{c}, env, p.Pos))
	}
	name, ok := target.(syntax.Symbol)
	d, ok2 := part(p, 2)
	if !ok || !ok2 {
		return value(nil, bad(p))
	}
	v, err := m.Eval(d, env, p.Pos)
	if err != nil {
		return value(nil, err)
	}
	return value(name, m.define(name, &Macro{v}, env, p.Pos))
}

// formDefineMacro is (define-macro (name arg...) body...): the arguments are
// bound unevaluated.
func formDefineMacro(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	target, _ := part(p, 1)
	head, ok := target.(*syntax.Pair)
	if !ok {
		return value(nil, bad(p))
	}
	name, ok := head.Car.(syntax.Symbol)
	if !ok {
		return value(nil, bad(p))
	}
	c, err := m.lambda(head.Cdr, rest(p, 2), env, p)
	if err != nil {
		return value(nil, err)
	}
	expand := &Builtin{Name: string(name), Min: 1, Max: 1, Do: func(k *Call) (Value, error) {
		form, _ := k.Args[0].(*syntax.Pair)
		args, _, err := k.M.slice(form.Cdr, form.Pos)
		if err != nil {
			return nil, err
		}
		return k.M.Apply(c, args, form.Pos)
	}}
	return value(name, m.define(name, &Macro{expand}, env, p.Pos))
}
