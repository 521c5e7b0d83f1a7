package scheme

import (
	"fmt"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// Eval evaluates a datum that stands at pos. Tail calls loop here; only what is
// not in tail position recurses.
func (m *Machine) Eval(d syntax.Datum, env *Env, pos syntax.Pos) (Value, error) {
	switch x := d.(type) { // the most frequent need no level of their own
	case syntax.Symbol:
		if err := m.Work(pos, 1); err != nil {
			return nil, err
		}
		return m.variable(x, env, pos)
	case *syntax.Pair:
		if err := m.enter(pos); err != nil {
			m.leave()
			return nil, err
		}
		v, err := m.loop(x, env)
		m.leave()
		return v, err
	}
	return d, m.Work(pos, 1)
}

func (m *Machine) loop(p *syntax.Pair, env *Env) (Value, error) {
	for {
		if err := m.Work(p.Pos, 1); err != nil {
			return nil, err
		}
		next, nenv, v, err := m.form(p, env)
		if err != nil || nenv == nil {
			return v, err
		}
		switch x := next.(type) {
		case *syntax.Pair:
			p, env = x, nenv
		case syntax.Symbol:
			return m.variable(x, nenv, p.Pos)
		default:
			return x, nil
		}
	}
}

func (m *Machine) variable(s syntax.Symbol, env *Env, pos syntax.Pos) (Value, error) {
	v, bound, err := m.lookup(s, env, pos)
	if bound || err != nil {
		return v, err
	}
	return nil, &Error{Pos: pos, Msg: "unbound variable: " + string(s), Unbound: string(s)}
}

// form evaluates one list. It returns a value, or with a non-nil environment
// what is to be evaluated in its place.
func (m *Machine) form(p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	var fn Value
	var err error
	if head, ok := p.Car.(syntax.Symbol); ok {
		fn, err = m.variable(head, env, p.Pos)
	} else {
		fn, err = m.Eval(p.Car, env, p.Pos)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	switch f := fn.(type) {
	case *special:
		return f.do(m, p, env)
	case *Form:
		v, err := f.Do(m, p, env)
		return nil, nil, v, err
	case *Macro:
		d, err := m.Apply(f.proc, []Value{p}, p.Pos)
		return d, env, nil, err
	}
	args, err := m.arguments(p, env)
	if err != nil {
		return nil, nil, nil, err
	}
	return m.apply(fn, args, p, env)
}

// arguments evaluates the elements of a form after the first.
func (m *Machine) arguments(p *syntax.Pair, env *Env) ([]Value, error) {
	n := 0
	for c, ok := p.Cdr.(*syntax.Pair); ok; c, ok = c.Cdr.(*syntax.Pair) {
		n++
	}
	if err := m.Work(p.Pos, n/8); err != nil { // the first may fail
		return nil, err
	}
	args := make([]Value, 0, n)
	for c, ok := p.Cdr.(*syntax.Pair); ok; c, ok = c.Cdr.(*syntax.Pair) {
		v, err := m.Eval(c.Car, env, c.Pos)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	return args, nil
}

// apply calls fn; a closure's body is handed back for the loop of Eval.
func (m *Machine) apply(fn Value, args []Value, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	for {
		switch f := fn.(type) {
		case *Closure:
			frame, err := m.bind(f, args, p.Pos)
			if err != nil {
				return nil, nil, nil, err
			}
			d, err := m.body(f.body, frame)
			return d, frame, nil, err
		case *Builtin:
			c := &Call{Args: args, Pos: p.Pos, Env: env, M: m, Form: p, name: f.Name}
			v, err := f.call(c)
			if err != nil || c.tail == nil {
				return c.next, c.nextIn, v, err
			}
			fn, args = c.tail, c.tailTo
			if err := m.Work(p.Pos, 1+len(args)/8); err != nil { // apply may apply apply
				return nil, nil, nil, err
			}
		case *Escape:
			return value(nil, escape(f, args, p.Pos))
		default:
			msg := fmt.Sprintf("illegal function: %s is not a procedure", Show(fn))
			return value(nil, m.failed(&Error{Pos: p.Pos, Msg: msg}))
		}
	}
}

func (f *Builtin) call(c *Call) (Value, error) {
	if len(c.Args) < f.Min {
		return nil, c.Errorf("not enough arguments")
	}
	if f.Max >= 0 && len(c.Args) > f.Max {
		return nil, c.Errorf("too many arguments")
	}
	return f.Do(c)
}

// bind makes a closure's frame. Too many arguments are ignored, as TinyScheme
// does.
func (m *Machine) bind(f *Closure, args []Value, pos syntax.Pos) (*Env, error) {
	if len(args) < len(f.params) {
		name := string(f.name)
		if name == "" {
			name = "lambda"
		}
		return nil, &Error{Pos: pos, Msg: name + ": not enough arguments"}
	}
	frame, err := m.frame(f.env, len(f.params)+1, pos)
	if err != nil {
		return nil, err
	}
	for i, p := range f.params {
		frame.Define(p, args[i])
	}
	if f.rest != "" {
		rest, err := m.list(args[len(f.params):], syntax.Empty{}, pos)
		if err != nil {
			return nil, err
		}
		frame.Define(f.rest, rest)
	}
	return frame, nil
}

// body evaluates all but the last datum and returns that.
func (m *Machine) body(d syntax.Datum, env *Env) (syntax.Datum, error) {
	for {
		p, ok := d.(*syntax.Pair)
		if !ok {
			return syntax.Empty{}, nil
		}
		if _, more := p.Cdr.(*syntax.Pair); !more {
			return p.Car, nil
		}
		if _, err := m.Eval(p.Car, env, p.Pos); err != nil {
			return nil, err
		}
		d = p.Cdr
	}
}

// Body evaluates a list of data, and returns the value of the last.
func (m *Machine) Body(d syntax.Datum, env *Env, pos syntax.Pos) (Value, error) {
	last, err := m.body(d, env)
	if err != nil {
		return nil, err
	}
	return m.Eval(last, env, pos)
}

// Apply calls a procedure from outside of Eval.
func (m *Machine) Apply(fn Value, args []Value, pos syntax.Pos) (Value, error) {
	if err := m.enter(pos); err != nil {
		m.leave()
		return nil, err
	}
	defer m.leave()
	if err := m.Work(pos, 1); err != nil {
		return nil, err
	}
	d, env, v, err := m.apply(fn, args, &syntax.Pair{Car: syntax.Empty{}, Cdr: syntax.Empty{}, Pos: pos}, m.Global)
	if err != nil || env == nil {
		return v, err
	}
	return m.Eval(d, env, pos)
}

// What values take, in bytes: a pair with what a number in it takes, an element
// of a slice, and any other object.
const (
	pairBytes    = 96
	elementBytes = 16
	objectBytes  = 96
)

// list makes a list of items that ends in tail. It accounts for the memory, and
// its pairs stand where the call does that made them, since the list may be
// evaluated.
func (m *Machine) list(items []Value, tail Value, pos syntax.Pos) (Value, error) {
	if err := m.Alloc(pos, pairBytes*len(items)); err != nil {
		return nil, err
	}
	for i := len(items) - 1; i >= 0; i-- {
		tail = &syntax.Pair{Car: items[i], Cdr: tail, Pos: pos}
	}
	return tail, nil
}

// made is the list that a procedure returns.
func (c *Call) made(items []Value, err error) (Value, error) {
	if err != nil {
		return nil, err
	}
	return c.M.list(items, syntax.Empty{}, c.Pos)
}

// List makes a list of its arguments.
func List(v ...Value) Value {
	var out syntax.Datum = syntax.Empty{}
	for i := len(v) - 1; i >= 0; i-- {
		out = &syntax.Pair{Car: v[i], Cdr: out}
	}
	return out
}

// slice takes a list apart as Slice does. It costs steps by the length: all
// walks of the package along a list do, also when nothing is evaluated.
func (m *Machine) slice(v Value, pos syntax.Pos) ([]Value, bool, error) {
	l, proper := Slice(v)
	return l, proper, m.Work(pos, len(l)/4)
}

// Slice takes a proper list apart.
func Slice(v Value) ([]Value, bool) {
	n := 0
	for c, ok := v.(*syntax.Pair); ok; c, ok = c.Cdr.(*syntax.Pair) {
		n++
	}
	out := make([]Value, 0, n)
	for {
		switch x := v.(type) {
		case syntax.Empty:
			return out, true
		case *syntax.Pair:
			out = append(out, x.Car)
			v = x.Cdr
		default:
			return out, false
		}
	}
}
