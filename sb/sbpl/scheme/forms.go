package scheme

import "github.com/hrhost/hrhost/sb/sbpl/syntax"

// special is a special form of the core. It returns a value, or with a non-nil
// environment a datum to evaluate in tail position.
type special struct {
	do func(*Machine, *syntax.Pair, *Env) (syntax.Datum, *Env, Value, error)
}

var forms map[syntax.Symbol]*special

func init() {
	forms = map[syntax.Symbol]*special{
		"quote": {formQuote}, "quasiquote": {formQuasi}, "if": {formIf}, "cond": {formCond}, "case": {formCase},
		"and": {formAnd}, "or": {formOr}, "when": {formWhen}, "unless": {formUnless}, "begin": {formBegin},
		"define": {formDefine}, "set!": {formSet}, "lambda": {formLambda}, "macro": {formMacro},
		"let": {formLet}, "let*": {formLetStar}, "letrec": {formLetrec}, "do": {formDo},
		"define-macro": {formDefineMacro}, "delay": {formDelay}, "cons-stream": {formConsStream}, "catch": {formCatch},
		"cond-expand": {formCondExpand},
	}
}

func bad(p *syntax.Pair) error {
	name := "special"
	if s, ok := p.Car.(syntax.Symbol); ok {
		name = string(s)
	}
	return &Error{Pos: p.Pos, Msg: "malformed " + name + " form"}
}

// part is element i of a form.
func part(p *syntax.Pair, i int) (syntax.Datum, bool) {
	var d syntax.Datum = p
	for ; i > 0; i-- {
		c, ok := d.(*syntax.Pair)
		if !ok {
			return nil, false
		}
		d = c.Cdr
	}
	c, ok := d.(*syntax.Pair)
	if !ok {
		return nil, false
	}
	return c.Car, true
}

// rest is what follows the first i elements.
func rest(p *syntax.Pair, i int) syntax.Datum {
	var d syntax.Datum = p
	for ; i > 0; i-- {
		c, ok := d.(*syntax.Pair)
		if !ok {
			return syntax.Empty{}
		}
		d = c.Cdr
	}
	return d
}

func value(v Value, err error) (syntax.Datum, *Env, Value, error) { return nil, nil, v, err }

func formQuote(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	d, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	return value(d, nil)
}

func formIf(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	test, ok1 := part(p, 1)
	then, ok2 := part(p, 2)
	if !ok1 || !ok2 {
		return value(nil, bad(p))
	}
	v, err := m.Eval(test, env, p.Pos)
	if err != nil {
		return value(nil, err)
	}
	if True(v) {
		return then, env, nil, nil
	}
	if other, ok := part(p, 3); ok {
		return other, env, nil, nil
	}
	return value(Unspecified, nil)
}

func formWhen(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	return guarded(m, p, env, true)
}

func formUnless(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	return guarded(m, p, env, false)
}

func guarded(m *Machine, p *syntax.Pair, env *Env, want bool) (syntax.Datum, *Env, Value, error) {
	test, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	v, err := m.Eval(test, env, p.Pos)
	if err != nil || True(v) != want {
		return value(Unspecified, err)
	}
	d, err := m.body(rest(p, 2), env)
	return d, env, nil, err
}

func formBegin(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	d, err := m.body(p.Cdr, env)
	return d, env, nil, err
}

func formAnd(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	return sequence(m, p, env, true)
}

func formOr(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	return sequence(m, p, env, false)
}

// sequence goes on while values are as onward says; the last is a tail call.
func sequence(m *Machine, p *syntax.Pair, env *Env, onward bool) (syntax.Datum, *Env, Value, error) {
	c, ok := p.Cdr.(*syntax.Pair)
	if !ok {
		return value(onward, nil)
	}
	for {
		next, more := c.Cdr.(*syntax.Pair)
		if !more {
			return c.Car, env, nil, nil
		}
		v, err := m.Eval(c.Car, env, c.Pos)
		if err != nil || True(v) != onward {
			return value(v, err)
		}
		c = next
	}
}

func formCond(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	for at, more := p.Cdr.(*syntax.Pair); more; at, more = at.Cdr.(*syntax.Pair) {
		c, ok := at.Car.(*syntax.Pair)
		if !ok {
			return value(nil, bad(p))
		}
		if c.Car == syntax.Datum(syntax.Symbol("else")) {
			d, err := m.body(c.Cdr, env)
			return d, env, nil, err
		}
		v, err := m.Eval(c.Car, env, c.Pos)
		if err != nil {
			return value(nil, err)
		}
		if !True(v) {
			continue
		}
		if arrow, _ := part(c, 1); arrow == syntax.Datum(syntax.Symbol("=>")) {
			fd, ok := part(c, 2)
			if !ok {
				return value(nil, bad(p))
			}
			fn, err := m.Eval(fd, env, c.Pos)
			if err != nil {
				return value(nil, err)
			}
			return m.apply(fn, []Value{v}, c, env)
		}
		if _, ok := c.Cdr.(*syntax.Pair); !ok {
			return value(v, nil)
		}
		d, err := m.body(c.Cdr, env)
		return d, env, nil, err
	}
	return value(Unspecified, nil)
}

func formCase(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	key, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	v, err := m.Eval(key, env, p.Pos)
	if err != nil {
		return value(nil, err)
	}
	for at, more := rest(p, 2).(*syntax.Pair); more; at, more = at.Cdr.(*syntax.Pair) {
		c, ok := at.Car.(*syntax.Pair)
		if !ok {
			return value(nil, bad(p))
		}
		match, err := m.selects(c.Car, v, p.Pos)
		if err != nil {
			return value(nil, err)
		}
		if match {
			d, err := m.body(c.Cdr, env)
			return d, env, nil, err
		}
	}
	return value(Unspecified, nil)
}

// selects is whether the data of a case clause are else or have v among them.
func (m *Machine) selects(data syntax.Datum, v Value, pos syntax.Pos) (bool, error) {
	if data == syntax.Datum(syntax.Symbol("else")) {
		return true, nil
	}
	for {
		if err := m.Work(pos, 1); err != nil {
			return false, err
		}
		d, ok := data.(*syntax.Pair)
		if !ok {
			return false, nil
		}
		if Eqv(d.Car, v) {
			return true, nil
		}
		data = d.Cdr
	}
}

// formCondExpand takes the clause whose requirement holds: else, or a name that
// is bound.
func formCondExpand(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	for at, more := p.Cdr.(*syntax.Pair); more; at, more = at.Cdr.(*syntax.Pair) {
		c, ok := at.Car.(*syntax.Pair)
		if !ok {
			return value(nil, bad(p))
		}
		holds, err := m.provides(c.Car, env, p.Pos)
		if err != nil {
			return value(nil, err)
		}
		if holds {
			d, err := m.body(c.Cdr, env)
			return d, env, nil, err
		}
	}
	return value(Unspecified, nil)
}

// provides is whether a requirement holds: a name, or and, or, not of some.
func (m *Machine) provides(req syntax.Datum, env *Env, pos syntax.Pos) (bool, error) {
	defer m.leave()
	if err := m.enter(pos); err != nil {
		return false, err
	}
	if err := m.Work(pos, 1); err != nil {
		return false, err
	}
	switch x := req.(type) {
	case syntax.Symbol:
		_, bound, err := m.lookup(x, env, pos)
		return x == "else" || x == "tinyscheme" || bound, err
	case *syntax.Pair:
		switch x.Car {
		case syntax.Datum(syntax.Symbol("and")):
			return m.provideEach(x.Cdr, env, pos, true)
		case syntax.Datum(syntax.Symbol("or")):
			return m.provideEach(x.Cdr, env, pos, false)
		case syntax.Datum(syntax.Symbol("not")):
			if _, two := part(x, 2); two {
				return false, nil
			}
			holds, err := m.provideEach(x.Cdr, env, pos, true)
			return !holds, err
		}
	}
	return false, nil
}

// provideEach goes along requirements while they hold or not, as onward says.
func (m *Machine) provideEach(reqs syntax.Datum, env *Env, pos syntax.Pos, onward bool) (bool, error) {
	for c, more := reqs.(*syntax.Pair); more; c, more = c.Cdr.(*syntax.Pair) {
		if holds, err := m.provides(c.Car, env, pos); err != nil || holds != onward {
			return holds, err
		}
	}
	return onward, nil
}
