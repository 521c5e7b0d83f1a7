package scheme

import "github.com/hrhost/hrhost/sb/sbpl/syntax"

// Base is bindings that machines share. Nothing writes to it: a machine that
// redefines a name keeps its own.
type Base map[syntax.Symbol]Value

// Core is the core's forms and procedures.
func Core() Base {
	b := Base{}
	for name, f := range forms {
		b[name] = f
	}
	for _, p := range builtins {
		b[syntax.Symbol(p.Name)] = p
	}
	return b
}

// Env is a frame of variables. A frame of a call is short: it is searched, not
// hashed. The global frame is hashed, above a base.
type Env struct {
	names []syntax.Symbol
	vals  []Value
	vars  map[syntax.Symbol]Value // of the global frame
	base  Base                    // of the global frame
	up    *Env
}

// frame makes a frame with room for n variables.
func (m *Machine) frame(up *Env, n int, pos syntax.Pos) (*Env, error) {
	return &Env{names: make([]syntax.Symbol, 0, n), vals: make([]Value, 0, n), up: up}, m.Alloc(pos, 96+32*n)
}

// maxSearched is the length from which a frame is hashed after all.
const maxSearched = 32

// Define binds a name in this frame.
func (e *Env) Define(name syntax.Symbol, v Value) {
	if e.vars != nil {
		e.vars[name] = v
		return
	}
	for i, n := range e.names {
		if n == name {
			e.vals[i] = v
			return
		}
	}
	e.names, e.vals = append(e.names, name), append(e.vals, v)
	if len(e.names) > maxSearched {
		e.vars = map[syntax.Symbol]Value{}
		for i, n := range e.names {
			e.vars[n] = e.vals[i]
		}
		e.names, e.vals = nil, nil
	}
}

// Lookup finds a name in this frame or those around it.
func (e *Env) Lookup(name syntax.Symbol) (Value, bool) {
	v, bound, _ := e.find(name)
	return v, bound
}

// lookup is Lookup that costs steps by the names that it compares: a profile can
// nest scopes without end.
func (m *Machine) lookup(name syntax.Symbol, env *Env, pos syntax.Pos) (Value, bool, error) {
	v, bound, compared := env.find(name)
	return v, bound, m.Work(pos, compared/64)
}

func (e *Env) find(name syntax.Symbol) (v Value, bound bool, compared int) {
	for ; e != nil; e = e.up {
		compared += 1 + len(e.names)
		for i, n := range e.names {
			if n == name {
				return e.vals[i], true, compared
			}
		}
		if e.vars != nil {
			if v, ok := e.vars[name]; ok {
				return v, true, compared
			}
		}
		if e.base != nil {
			v, ok := e.base[name]
			return v, ok, compared
		}
	}
	return nil, false, compared
}

// Set changes a variable where it is bound.
func (e *Env) Set(name syntax.Symbol, v Value) bool {
	for ; e != nil; e = e.up {
		for i, n := range e.names {
			if n == name {
				e.vals[i] = v
				return true
			}
		}
		_, own := e.vars[name]
		_, shared := e.base[name]
		if own || shared {
			e.vars[name] = v
			return true
		}
	}
	return false
}

// SetBase replaces the shared bindings of the global frame.
func (e *Env) SetBase(b Base) { e.base = b }

// Names lists what is bound in the global frame, for suggestions.
func (e *Env) Names() []string {
	var out []string
	for n := range e.vars {
		out = append(out, string(n))
	}
	for n := range e.base {
		out = append(out, string(n))
	}
	return out
}
