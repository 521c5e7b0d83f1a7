// Package scheme is the Scheme core that profiles need: TinyScheme's semantics
// for the special forms and procedures that published profiles use, with
// globals that a profile may redefine, non-hygienic macros, proper tail calls,
// and limits on steps and memory, so that no text can hang or exhaust the
// host.
//
// The package knows nothing of profiles. A host adds procedures with Define.
package scheme

import (
	"fmt"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// Value is a datum, a *Closure, a *Builtin, a *Macro, or an object of the host.
type Value = any

// Closure is a procedure made by lambda.
type Closure struct {
	name   syntax.Symbol
	params []syntax.Symbol
	rest   syntax.Symbol // "" when there is none
	body   syntax.Datum
	env    *Env
}

// Macro is TinyScheme's: the whole form is bound to its one parameter, and the
// result is evaluated in the environment of the call.
type Macro struct{ proc Value }

// Builtin is a procedure of the host. Max < 0 is any number of arguments.
type Builtin struct {
	Name     string
	Min, Max int
	Do       func(*Call) (Value, error)
}

// Call is one application of a Builtin. Do may set Tail to have a procedure
// applied in tail position instead of returning a value.
type Call struct {
	Args   []Value
	Pos    syntax.Pos
	Env    *Env
	M      *Machine
	Form   syntax.Datum
	name   string
	tail   Value
	tailTo []Value
}

// TailApply has fn applied to args in tail position as the builtin's result.
func (c *Call) TailApply(fn Value, args []Value) (Value, error) {
	c.tail, c.tailTo = fn, args
	return nil, nil
}

// Errorf makes an error of the call, with its name and position.
func (c *Call) Errorf(format string, args ...any) error {
	return &Error{Pos: c.Pos, Msg: c.name + ": " + fmt.Sprintf(format, args...)}
}

// Str is argument i as a string.
func (c *Call) Str(i int) (string, error) {
	if s, ok := c.Args[i].(*syntax.Str); ok {
		return s.S, nil
	}
	return "", c.Errorf("argument %d must be: string", i+1)
}

// Int is argument i as an integer.
func (c *Call) Int(i int) (int64, error) {
	if n, ok := c.Args[i].(int64); ok {
		return n, nil
	}
	return 0, c.Errorf("argument %d must be: integer", i+1)
}

// Error is a profile that cannot be evaluated.
type Error struct {
	Pos     syntax.Pos
	Msg     string
	Unbound string // the name, when that is what is wrong
}

func (e *Error) Error() string { return e.Pos.String() + ": " + e.Msg }

// Env is a frame of variables.
type Env struct {
	vars map[syntax.Symbol]Value
	up   *Env
}

// NewEnv makes a frame inside up, which is nil for the global one.
func NewEnv(up *Env) *Env { return &Env{vars: map[syntax.Symbol]Value{}, up: up} }

// Define binds a name in this frame.
func (e *Env) Define(name string, v Value) { e.vars[syntax.Symbol(name)] = v }

// Lookup finds a name in this frame or those around it.
func (e *Env) Lookup(name syntax.Symbol) (Value, bool) {
	for ; e != nil; e = e.up {
		if v, ok := e.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

func (e *Env) set(name syntax.Symbol, v Value) bool {
	for ; e != nil; e = e.up {
		if _, ok := e.vars[name]; ok {
			e.vars[name] = v
			return true
		}
	}
	return false
}

// Names lists what is bound in the frame, for suggestions.
func (e *Env) Names() []string {
	var out []string
	for n := range e.vars {
		out = append(out, string(n))
	}
	return out
}

// Machine evaluates, within limits.
type Machine struct {
	Global   *Env
	MaxSteps int
	MaxBytes int64
	steps    int
	bytes    int64
	depth    int
}

// maxEval bounds non-tail recursion; Go's own stack would take more.
const maxEval = 10_000

// New makes a machine with the core's procedures.
func New() *Machine {
	m := &Machine{Global: NewEnv(nil), MaxSteps: 20_000_000, MaxBytes: 256 << 20}
	for _, b := range builtins {
		m.Global.Define(b.Name, b)
	}
	return m
}

// Alloc accounts for memory that a builtin makes.
func (m *Machine) Alloc(pos syntax.Pos, n int) error {
	if m.bytes += int64(n); m.bytes > m.MaxBytes {
		return &Error{Pos: pos, Msg: fmt.Sprintf("the profile uses more than %d bytes of memory", m.MaxBytes)}
	}
	return nil
}

func (m *Machine) step(pos syntax.Pos) error {
	if m.steps++; m.steps > m.MaxSteps {
		return &Error{Pos: pos, Msg: fmt.Sprintf("the profile takes more than %d steps: an endless loop?", m.MaxSteps)}
	}
	return nil
}

// True is Scheme's truth: only #f is false.
func True(v Value) bool { return v != false }

// Unspecified is what forms without a value return.
var Unspecified Value = syntax.Empty{}
