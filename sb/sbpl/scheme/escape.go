package scheme

import "github.com/hrhost/hrhost/sb/sbpl/syntax"

// Escape is the continuation that call/cc makes. It leads outwards only: while
// the call that made it is under way it ends that call; later it is an error.
type Escape struct{ done bool }

// thrown is a value on its way out to an Escape. The call that made the Escape
// is under way and takes it.
type thrown struct {
	to     *Escape
	values []Value
}

func (t *thrown) Error() string { return "BUG(scheme): a continuation was not taken by its call" }

// escape leaves for the call that made the continuation k.
func escape(k *Escape, values []Value, pos syntax.Pos) error {
	if k.done {
		return &Error{Pos: pos, Msg: "a continuation was used after its call had ended"}
	}
	return &thrown{k, values}
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
	v, err := m.Body(rest(p, 2), env, p.Pos)
	if e, ok := err.(*Error); ok && !e.Limit {
		return handler, env, nil, nil
	}
	return value(v, err)
}

// promise is what delay makes.
type promise struct {
	body  syntax.Datum
	env   *Env
	pos   syntax.Pos
	value Value
	done  bool
}

func formDelay(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	d, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	return value(&promise{body: d, env: env, pos: p.Pos}, m.Alloc(p.Pos, objectBytes))
}

func formConsStream(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	head, ok1 := part(p, 1)
	tail, ok2 := part(p, 2)
	if !ok1 || !ok2 {
		return value(nil, bad(p))
	}
	v, err := m.Eval(head, env, p.Pos)
	if err == nil {
		err = m.Alloc(p.Pos, pairBytes+objectBytes)
	}
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
