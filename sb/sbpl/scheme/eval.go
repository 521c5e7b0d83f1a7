package scheme

import (
	"fmt"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// Eval evaluates a datum that stands at pos. Tail calls loop here; only what is
// not in tail position recurses.
func (m *Machine) Eval(d syntax.Datum, env *Env, pos syntax.Pos) (Value, error) {
	if m.depth++; m.depth > maxEval {
		return nil, &Error{Pos: pos, Msg: "recursion is too deep"}
	}
	defer func() { m.depth-- }()
	for {
		if err := m.step(pos); err != nil {
			return nil, err
		}
		switch x := d.(type) {
		case syntax.Symbol:
			return m.variable(x, env, pos)
		case *syntax.Pair:
			pos = x.Pos
			next, nenv, v, err := m.form(x, env)
			if err != nil || nenv == nil {
				return v, err
			}
			d, env = next, nenv
		default:
			return d, nil
		}
	}
}

func (m *Machine) variable(s syntax.Symbol, env *Env, pos syntax.Pos) (Value, error) {
	if v, ok := env.Lookup(s); ok {
		return v, nil
	}
	return nil, &Error{Pos: pos, Msg: "unbound variable: " + string(s), Unbound: string(s)}
}

// form evaluates one list. It returns a value, or with a non-nil environment
// what is to be evaluated in its place.
func (m *Machine) form(p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	head, isSymbol := p.Car.(syntax.Symbol)
	if isSymbol {
		bound, ok := env.Lookup(head)
		if !ok {
			if f := forms[head]; f != nil {
				return f(m, p, env)
			}
		}
		if mac, ok := bound.(*Macro); ok {
			d, err := m.Apply(mac.proc, []Value{p}, p.Pos)
			return d, env, nil, err
		}
	}
	fn, err := m.Eval(p.Car, env, p.Pos)
	if err != nil {
		return nil, nil, nil, err
	}
	var args []Value
	rest := p.Cdr
	for {
		c, ok := rest.(*syntax.Pair)
		if !ok {
			break
		}
		v, err := m.Eval(c.Car, env, c.Pos)
		if err != nil {
			return nil, nil, nil, err
		}
		args = append(args, v)
		rest = c.Cdr
	}
	return m.apply(fn, args, p, env)
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
				return nil, nil, v, err
			}
			fn, args = c.tail, c.tailTo
		default:
			return nil, nil, nil, &Error{Pos: p.Pos, Msg: fmt.Sprintf("illegal function: %s is not a procedure", Show(fn))}
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
	if err := m.Alloc(pos, 64+32*len(args)); err != nil {
		return nil, err
	}
	frame := NewEnv(f.env)
	for i, p := range f.params {
		frame.vars[p] = args[i]
	}
	if f.rest != "" {
		frame.vars[f.rest] = List(args[len(f.params):]...)
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

// Apply calls a procedure from outside of Eval.
func (m *Machine) Apply(fn Value, args []Value, pos syntax.Pos) (Value, error) {
	d, env, v, err := m.apply(fn, args, &syntax.Pair{Car: syntax.Empty{}, Cdr: syntax.Empty{}, Pos: pos}, m.Global)
	if err != nil || env == nil {
		return v, err
	}
	return m.Eval(d, env, pos)
}

// List makes a list of its arguments.
func List(v ...Value) Value {
	var out syntax.Datum = syntax.Empty{}
	for i := len(v) - 1; i >= 0; i-- {
		out = &syntax.Pair{Car: v[i], Cdr: out}
	}
	return out
}

// Slice takes a proper list apart.
func Slice(v Value) ([]Value, bool) {
	var out []Value
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
