// Package scheme is the Scheme core that profiles need: TinyScheme's semantics
// for the special forms and procedures that published profiles use, with
// globals that a profile may redefine, non-hygienic macros, proper tail calls,
// and limits on steps, memory and recursion, so that no text can hang or
// exhaust the host.
//
// The package knows nothing of profiles. A host binds its own procedures and
// forms with Define, or once for many machines in a Base.
package scheme

import (
	"fmt"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// Value is a datum, a *Closure, a *Builtin, a *Macro, a *Form, or an object of
// the host. Its type must be comparable, since eq? compares any two values.
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

// Form is a special form of the host: it gets the form as it stands.
type Form struct {
	Do func(m *Machine, p *syntax.Pair, env *Env) (Value, error)
}

// Builtin is a procedure of the host. Max < 0 is any number of arguments.
type Builtin struct {
	Name     string
	Min, Max int
	Do       func(*Call) (Value, error)
}

// Call is one application of a Builtin.
type Call struct {
	Args   []Value
	Pos    syntax.Pos
	Env    *Env
	M      *Machine
	Form   *syntax.Pair
	name   string
	tail   Value
	tailTo []Value
	next   syntax.Datum // to evaluate in nextIn, when that is not nil
	nextIn *Env
}

// TailApply has fn applied to args in tail position as the builtin's result.
func (c *Call) TailApply(fn Value, args []Value) (Value, error) {
	c.tail, c.tailTo = fn, args
	return nil, nil
}

// Errorf makes an error of the call, with its name and position. Its text costs
// steps by its length, since a profile may catch it and go on.
func (c *Call) Errorf(format string, args ...any) error {
	return c.M.failed(&Error{Pos: c.Pos, Form: c.Form, Msg: c.name + ": " + fmt.Sprintf(format, args...)})
}

// failed accounts for the text of an error.
func (m *Machine) failed(e *Error) error {
	if err := m.Work(e.Pos, len(e.Msg)/64); err != nil {
		return err
	}
	return e
}

// Str is argument i as a string. Reading it costs steps by its length.
func (c *Call) Str(i int) (string, error) {
	if s, ok := c.Args[i].(*syntax.Str); ok {
		return s.S, c.M.Work(c.Pos, len(s.S)/64)
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

// list is argument i as a list. Walking it costs steps by its length.
func (c *Call) list(i int) ([]Value, error) {
	l, ok, err := c.M.slice(c.Args[i], c.Pos)
	if err == nil && !ok {
		err = c.Errorf("argument %d must be: list", i+1)
	}
	return l, err
}

// Error is a profile that cannot be evaluated.
type Error struct {
	Pos     syntax.Pos
	Msg     string
	Unbound string       // the name, when that is what is wrong
	Form    *syntax.Pair // of the call that failed, if it was one
	Limit   bool         // a limit was reached: nothing more can be evaluated
}

func (e *Error) Error() string { return e.Pos.String() + ": " + e.Msg }

// Machine evaluates, within limits.
type Machine struct {
	Global   *Env
	Host     any // for the host's procedures
	MaxSteps int
	MaxBytes int64
	steps    int
	bytes    int64
	depth    int
}

// maxEval bounds non-tail recursion; Go's own stack would take more.
const maxEval = 10_000

// maxNest bounds how deep a value may be for what walks it recursively.
const maxNest = 10_000

// New makes a machine whose globals are those of base, which is never changed.
func New(base Base) *Machine {
	return &Machine{Global: &Env{vars: map[syntax.Symbol]Value{}, base: base}, MaxSteps: 20_000_000, MaxBytes: 256 << 20}
}

// Alloc accounts for memory that evaluation makes.
func (m *Machine) Alloc(pos syntax.Pos, n int) error {
	if m.bytes += int64(n); m.bytes > m.MaxBytes {
		return &Error{Pos: pos, Limit: true, Msg: fmt.Sprintf("the profile makes more than %d bytes of data: an endless loop?", m.MaxBytes)}
	}
	return nil
}

// Work accounts for time that evaluation takes.
func (m *Machine) Work(pos syntax.Pos, n int) error {
	if m.steps += n; m.steps > m.MaxSteps {
		return &Error{Pos: pos, Limit: true, Msg: fmt.Sprintf("the profile takes more than %d steps: an endless loop?", m.MaxSteps)}
	}
	return nil
}

// Took is the time and the memory that were accounted for.
func (m *Machine) Took() (steps int, bytes int64) { return m.steps, m.bytes }

// enter is a level of recursion, leave its end.
func (m *Machine) enter(pos syntax.Pos) error {
	if m.depth++; m.depth > maxEval {
		return &Error{Pos: pos, Limit: true, Msg: "recursion is too deep"}
	}
	return nil
}

func (m *Machine) leave() { m.depth-- }

// True is Scheme's truth: only #f is false.
func True(v Value) bool { return v != false }

// Unspecified is what forms without a value return.
var Unspecified Value = syntax.Empty{}
