package scheme

import "github.com/hrhost/hrhost/sb/sbpl/syntax"

// binding is one (name init step) of a let or do.
type binding struct {
	name syntax.Symbol
	cell *syntax.Pair
}

// bindings takes ((name init)...) apart; init may be missing.
func (m *Machine) bindings(d syntax.Datum, p *syntax.Pair) ([]binding, error) {
	list, ok, err := m.slice(d, p.Pos)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, bad(p)
	}
	out := make([]binding, 0, len(list))
	for _, b := range list {
		c, ok := b.(*syntax.Pair)
		if !ok {
			return nil, bad(p)
		}
		s, ok := c.Car.(syntax.Symbol)
		if !ok {
			return nil, bad(p)
		}
		out = append(out, binding{s, c})
	}
	return out, nil
}

func (m *Machine) initial(b binding, env *Env) (Value, error) {
	d, ok := part(b.cell, 1)
	if !ok {
		return Unspecified, nil
	}
	return m.Eval(d, env, b.cell.Pos)
}

// values evaluates the inits of all in one environment.
func (m *Machine) values(bs []binding, env *Env) ([]Value, error) {
	vals := make([]Value, len(bs))
	for i, b := range bs {
		var err error
		if vals[i], err = m.initial(b, env); err != nil {
			return nil, err
		}
	}
	return vals, nil
}

func formLet(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	first, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	name, named := first.(syntax.Symbol)
	if named {
		if first, ok = part(p, 2); !ok {
			return value(nil, bad(p))
		}
	}
	bs, err := m.bindings(first, p)
	if err != nil {
		return value(nil, err)
	}
	vals, err := m.values(bs, env)
	if err != nil {
		return value(nil, err)
	}
	frame, err := m.frame(env, len(bs)+1, p.Pos)
	if err != nil {
		return value(nil, err)
	}
	if named {
		if err := m.Alloc(p.Pos, objectBytes+elementBytes*len(bs)); err != nil {
			return value(nil, err)
		}
		c := &Closure{name: name, body: rest(p, 3), env: frame}
		for _, b := range bs {
			c.params = append(c.params, b.name)
		}
		frame.Define(name, c)
		return m.apply(c, vals, p, env)
	}
	for i, b := range bs {
		frame.Define(b.name, vals[i])
	}
	d, err := m.body(rest(p, 2), frame)
	return d, frame, nil, err
}

func formLetStar(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	first, _ := part(p, 1)
	bs, err := m.bindings(first, p)
	if err != nil {
		return value(nil, err)
	}
	frame, err := m.frame(env, 0, p.Pos)
	if err != nil {
		return value(nil, err)
	}
	for _, b := range bs {
		v, err := m.initial(b, frame)
		if err != nil {
			return value(nil, err)
		}
		if frame, err = m.frame(frame, 1, p.Pos); err != nil {
			return value(nil, err)
		}
		frame.Define(b.name, v)
	}
	d, err := m.body(rest(p, 2), frame)
	return d, frame, nil, err
}

func formLetrec(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	first, _ := part(p, 1)
	bs, err := m.bindings(first, p)
	if err != nil {
		return value(nil, err)
	}
	frame, err := m.frame(env, len(bs), p.Pos)
	if err != nil {
		return value(nil, err)
	}
	for _, b := range bs {
		frame.Define(b.name, Unspecified)
	}
	for _, b := range bs {
		v, err := m.initial(b, frame)
		if err != nil {
			return value(nil, err)
		}
		frame.Define(b.name, v)
	}
	d, err := m.body(rest(p, 2), frame)
	return d, frame, nil, err
}

// formDo is (do ((var init step)...) (test result...) body...).
func formDo(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	first, _ := part(p, 1)
	bs, err := m.bindings(first, p)
	exit, _ := part(p, 2)
	end, ok := exit.(*syntax.Pair)
	if err == nil && !ok {
		err = bad(p)
	}
	if err != nil {
		return value(nil, err)
	}
	vals, err := m.values(bs, env)
	if err != nil {
		return value(nil, err)
	}
	for {
		if err := m.Work(p.Pos, 1); err != nil {
			return value(nil, err)
		}
		frame, err := m.frame(env, len(bs), p.Pos)
		if err != nil {
			return value(nil, err)
		}
		for i, b := range bs {
			frame.Define(b.name, vals[i])
		}
		done, err := m.Eval(end.Car, frame, end.Pos)
		if err != nil {
			return value(nil, err)
		}
		if True(done) {
			d, err := m.body(end.Cdr, frame)
			return d, frame, nil, err
		}
		if _, err := m.Body(rest(p, 3), frame, p.Pos); err != nil {
			return value(nil, err)
		}
		if vals, err = m.stepped(bs, frame); err != nil {
			return value(nil, err)
		}
	}
}

// stepped are the values of a do's variables for its next round.
func (m *Machine) stepped(bs []binding, frame *Env) ([]Value, error) {
	next := make([]Value, len(bs))
	for i, b := range bs {
		step, ok := part(b.cell, 2)
		if !ok {
			step = b.name
		}
		var err error
		if next[i], err = m.Eval(step, frame, b.cell.Pos); err != nil {
			return nil, err
		}
	}
	return next, nil
}
