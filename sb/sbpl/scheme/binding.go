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
		env.vars[name] = c
		return value(name, nil)
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
	env.vars[name] = v
	return value(name, nil)
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
	if !env.set(name, v) {
		return value(nil, &Error{Pos: p.Pos, Msg: "set!: unbound variable: " + string(name), Unbound: string(name)})
	}
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
	for {
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
		return c, nil
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
		env.vars[name] = &Macro{c}
		return value(name, nil)
	}
	name, ok := target.(syntax.Symbol)
	d, ok2 := part(p, 2)
	if !ok || !ok2 {
		return value(nil, bad(p))
	}
	v, err := m.Eval(d, env, p.Pos)
	if err == nil {
		env.vars[name] = &Macro{v}
	}
	return value(name, err)
}

// bindings takes ((name init)...) apart; init may be missing.
func bindings(d syntax.Datum, p *syntax.Pair) (names []syntax.Symbol, cells []*syntax.Pair, err error) {
	list, ok := Slice(d)
	if !ok {
		return nil, nil, bad(p)
	}
	for _, b := range list {
		c, ok := b.(*syntax.Pair)
		if !ok {
			return nil, nil, bad(p)
		}
		s, ok := c.Car.(syntax.Symbol)
		if !ok {
			return nil, nil, bad(p)
		}
		names, cells = append(names, s), append(cells, c)
	}
	return names, cells, nil
}

func (m *Machine) initial(c *syntax.Pair, env *Env) (Value, error) {
	d, ok := part(c, 1)
	if !ok {
		return Unspecified, nil
	}
	return m.Eval(d, env, c.Pos)
}

func formLet(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	first, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	name, named := first.(syntax.Symbol)
	at := 1
	if named {
		at = 2
		if first, ok = part(p, 2); !ok {
			return value(nil, bad(p))
		}
	}
	names, cells, err := bindings(first, p)
	if err != nil {
		return value(nil, err)
	}
	frame := NewEnv(env)
	vals := make([]Value, len(names))
	for i, c := range cells {
		if vals[i], err = m.initial(c, env); err != nil {
			return value(nil, err)
		}
	}
	if named {
		c := &Closure{name: name, params: names, body: rest(p, at+1), env: frame}
		frame.vars[name] = c
		return m.apply(c, vals, p, env)
	}
	for i, n := range names {
		frame.vars[n] = vals[i]
	}
	d, err := m.body(rest(p, at+1), frame)
	return d, frame, nil, err
}

func formLetStar(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	first, _ := part(p, 1)
	names, cells, err := bindings(first, p)
	if err != nil {
		return value(nil, err)
	}
	frame := NewEnv(env)
	for i, c := range cells {
		v, err := m.initial(c, frame)
		if err != nil {
			return value(nil, err)
		}
		frame = NewEnv(frame)
		frame.vars[names[i]] = v
	}
	d, err := m.body(rest(p, 2), frame)
	return d, frame, nil, err
}

func formLetrec(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	first, _ := part(p, 1)
	names, cells, err := bindings(first, p)
	if err != nil {
		return value(nil, err)
	}
	frame := NewEnv(env)
	for _, n := range names {
		frame.vars[n] = Unspecified
	}
	for i, c := range cells {
		v, err := m.initial(c, frame)
		if err != nil {
			return value(nil, err)
		}
		frame.vars[names[i]] = v
	}
	d, err := m.body(rest(p, 2), frame)
	return d, frame, nil, err
}

// formDo is (do ((var init step)...) (test result...) body...).
func formDo(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	first, _ := part(p, 1)
	names, cells, err := bindings(first, p)
	exit, _ := part(p, 2)
	end, ok := exit.(*syntax.Pair)
	if err != nil || !ok {
		return value(nil, bad(p))
	}
	frame := NewEnv(env)
	for i, c := range cells {
		if frame.vars[names[i]], err = m.initial(c, env); err != nil {
			return value(nil, err)
		}
	}
	for {
		v, err := m.Eval(end.Car, frame, end.Pos)
		if err != nil {
			return value(nil, err)
		}
		if True(v) {
			d, err := m.body(end.Cdr, frame)
			return d, frame, nil, err
		}
		if d, err := m.body(rest(p, 3), frame); err != nil {
			return value(nil, err)
		} else if _, err = m.Eval(d, frame, p.Pos); err != nil {
			return value(nil, err)
		}
		next := NewEnv(env)
		for i, c := range cells {
			next.vars[names[i]] = frame.vars[names[i]]
			if step, ok := part(c, 2); ok {
				if next.vars[names[i]], err = m.Eval(step, frame, c.Pos); err != nil {
					return value(nil, err)
				}
			}
		}
		frame = next
	}
}

func formQuasi(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	d, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	v, err := m.quasi(d, 1, env, p.Pos)
	return value(v, err)
}

func (m *Machine) quasi(d syntax.Datum, level int, env *Env, pos syntax.Pos) (Value, error) {
	p, ok := d.(*syntax.Pair)
	if !ok {
		return d, nil
	}
	if err := m.step(pos); err != nil {
		return nil, err
	}
	switch p.Car {
	case syntax.Datum(syntax.Symbol("unquote")):
		if level == 1 {
			x, _ := part(p, 1)
			return m.Eval(x, env, p.Pos)
		}
		level--
	case syntax.Datum(syntax.Symbol("quasiquote")):
		level++
	}
	if inner, ok := p.Car.(*syntax.Pair); ok && level == 1 && inner.Car == syntax.Datum(syntax.Symbol("unquote-splicing")) {
		x, _ := part(inner, 1)
		v, err := m.Eval(x, env, inner.Pos)
		if err != nil {
			return nil, err
		}
		items, ok := Slice(v)
		if !ok {
			return nil, &Error{Pos: inner.Pos, Msg: "unquote-splicing: not a list"}
		}
		tail, err := m.quasi(p.Cdr, level, env, p.Pos)
		if err != nil {
			return nil, err
		}
		for i := len(items) - 1; i >= 0; i-- {
			tail = &syntax.Pair{Car: items[i], Cdr: tail, Pos: p.Pos}
		}
		return tail, nil
	}
	car, err := m.quasi(p.Car, level, env, p.Pos)
	if err != nil {
		return nil, err
	}
	cdr, err := m.quasi(p.Cdr, level, env, p.Pos)
	return &syntax.Pair{Car: car, Cdr: cdr, Pos: p.Pos}, err
}
