package scheme

import "github.com/hrhost/hrhost/sb/sbpl/syntax"

// Escape is the continuation that call/cc makes. It leads outwards only: while
// the call that made it is under way it ends that call; later it is an error.
type Escape struct{ done bool }

// thrown is a value on its way out, to an Escape or, with to nil, to the
// nearest catch.
type thrown struct {
	to     *Escape
	values []Value
	pos    syntax.Pos
}

func (t *thrown) Error() string {
	return t.pos.String() + ": a continuation was used after its call had ended"
}

func callCC(c *Call) (Value, error) {
	k := &Escape{}
	v, err := c.M.Apply(c.Args[0], []Value{k}, c.Pos)
	k.done = true
	if t, ok := err.(*thrown); ok && t.to == k {
		if len(t.values) == 0 {
			return Unspecified, nil
		}
		return t.values[0], nil
	}
	return v, err
}

// formCatch is (catch handler body...): the handler's value stands for a body
// that fails.
func formCatch(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	handler, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	depth := m.depth
	v, err := m.Body(rest(p, 2), env, p.Pos)
	switch e := err.(type) {
	case nil:
		return value(v, nil)
	case *Error:
		if e.Limit {
			return value(nil, err)
		}
	case *thrown:
		if e.to != nil {
			return value(nil, err)
		}
	default:
		return value(nil, err)
	}
	m.depth = depth
	return handler, env, nil, nil
}

// promise is what delay makes.
type promise struct {
	body  syntax.Datum
	env   *Env
	pos   syntax.Pos
	value Value
	done  bool
}

func formDelay(_ *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	d, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	return value(&promise{body: d, env: env, pos: p.Pos}, nil)
}

func formConsStream(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	head, ok1 := part(p, 1)
	tail, ok2 := part(p, 2)
	if !ok1 || !ok2 {
		return value(nil, bad(p))
	}
	v, err := m.Eval(head, env, p.Pos)
	return value(&syntax.Pair{Car: v, Cdr: &promise{body: tail, env: env, pos: p.Pos}, Pos: p.Pos}, err)
}

func force(c *Call) (Value, error) {
	p, ok := c.Args[0].(*promise)
	if !ok {
		return c.Args[0], nil
	}
	if !p.done {
		v, err := c.M.Eval(p.body, p.env, p.pos)
		if err != nil {
			return nil, err
		}
		if !p.done { // forcing it may have forced it
			p.value, p.done = v, true
		}
	}
	return p.value, nil
}
