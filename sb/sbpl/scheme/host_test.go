package scheme

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// evalText evaluates a text to the value of its last form.
func evalText(m *Machine, src string) (Value, error) {
	r := syntax.NewReader("t.sb", src)
	var v Value
	for {
		d, pos, more, err := r.Next()
		if err != nil || !more {
			return v, err
		}
		if v, err = m.Eval(d, m.Global, pos); err != nil {
			return nil, err
		}
	}
}

// TestHost binds procedures and a form of a host.
func TestHost(t *testing.T) {
	base := Core()
	base["host-name"] = &Builtin{"host-name", 1, 1, func(c *Call) (Value, error) {
		if c.Form == nil || c.M.Host != "h" {
			return nil, c.Errorf("no host")
		}
		return c.M.Host, nil
	}}
	base["call-twice"] = &Builtin{"call-twice", 1, 1, func(c *Call) (Value, error) {
		if _, err := c.M.Apply(c.Args[0], nil, c.Pos); err != nil {
			return nil, err
		}
		return c.TailApply(c.Args[0], nil)
	}}
	base["debug"] = &Form{func(m *Machine, p *syntax.Pair, env *Env) (Value, error) {
		return m.Body(p.Cdr, env, p.Pos)
	}}
	for _, tt := range []struct{ src, want string }{
		{"(host-name 1)", "h"},
		{"(define n 0) (call-twice (lambda () (set! n (+ n 1)) n))", "2"},
		{"(call-twice 5)", "t.sb:1:1: illegal function: 5 is not a procedure"},
		{"(debug 1 2)", "2"},
		{"(debug 1 (car 2) 3)", "t.sb:1:10: car: argument 1 must be: pair"},
		{"debug", "a macro"},
		{"(eq? debug debug)", "#t"},
		{"(memv debug (list 1 debug))", "(a macro)"},
		{"(define car cdr) (car '(1 2))", "(2)"},
	} {
		m := New(base)
		m.Host = "h"
		v, err := evalText(m, tt.src)
		got := Show(v)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.src, got, tt.want)
		}
	}
	if v, _ := evalText(New(base), "(car '(1 2))"); v != int64(1) {
		t.Error("a machine that redefines car changes the base")
	}
}

// TestSetBase replaces the shared bindings: what the profile defined stays.
func TestSetBase(t *testing.T) {
	m := New(nil)
	m.Global.Define("own", int64(1))
	if _, ok := m.Global.Lookup("car"); ok {
		t.Error("car is bound without a base")
	}
	if m.Global.Set("car", int64(2)) {
		t.Error("car can be set without a base")
	}
	m.Global.SetBase(Base{"shared": int64(2)})
	names := m.Global.Names()
	if slices.Sort(names); !slices.Equal(names, []string{"own", "shared"}) {
		t.Errorf("names: %q", names)
	}
	if v, ok := m.Global.Lookup("own"); !ok || v != int64(1) {
		t.Errorf("own: %v, %v", v, ok)
	}
	if v, ok := m.Global.Lookup("shared"); !ok || v != int64(2) {
		t.Errorf("shared: %v, %v", v, ok)
	}
}

// TestDisplay writes strings and characters bare, all else as Show does.
func TestDisplay(t *testing.T) {
	for _, tt := range []struct {
		v    Value
		want string
	}{
		{&syntax.Str{S: "a\"b"}, `a"b`},
		{syntax.Char('x'), "x"},
		{List(&syntax.Str{S: "a"}, int64(1)), `("a" 1)`},
		{fmt.Errorf("host's"), "host's"},
	} {
		if got := Display(tt.v); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.v, got, tt.want)
		}
	}
}

// TestTook counts steps and bytes.
func TestTook(t *testing.T) {
	m := New(Core())
	if steps, bytes := m.Took(); steps != 0 || bytes != 0 {
		t.Errorf("a new machine took %d steps and %d bytes", steps, bytes)
	}
	if _, err := evalText(m, "(cons 1 2)"); err != nil {
		t.Fatal(err)
	}
	if steps, bytes := m.Took(); steps < 3 || steps > 10 || bytes < 48 || bytes > 200 {
		t.Errorf("(cons 1 2) took %d steps and %d bytes", steps, bytes)
	}
}
