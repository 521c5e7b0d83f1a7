package scheme

import (
	"slices"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// builtins are the core's procedures.
var builtins = slices.Concat(listBuiltins(), numberBuiltins(), stringBuiltins(), controlBuiltins(),
	predicates(), accessors(), vectorBuiltins(), portBuiltins())

func is(name string, f func(Value) bool) *Builtin {
	return &Builtin{name, 1, 1, func(c *Call) (Value, error) { return f(c.Args[0]), nil }}
}

func typed[T any](v Value) bool { _, ok := v.(T); return ok }

func predicates() []*Builtin {
	return []*Builtin{
		is("string?", typed[*syntax.Str]), is("symbol?", typed[syntax.Symbol]), is("pair?", typed[*syntax.Pair]),
		is("null?", typed[syntax.Empty]), is("boolean?", typed[bool]), is("char?", typed[syntax.Char]), is("integer?", typed[int64]),
		is("number?", func(v Value) bool { _, ok := number(v); return ok }),
		is("atom?", func(v Value) bool { return !typed[*syntax.Pair](v) }),
		{"list?", 1, 1, func(c *Call) (Value, error) { _, ok, err := c.M.slice(c.Args[0], c.Pos); return ok, err }},
		is("procedure?", func(v Value) bool { return typed[*Closure](v) || typed[*Builtin](v) || typed[*Escape](v) }),
		is("not", func(v Value) bool { return v == false }),
		two("eq?", func(a, b Value) bool { return a == b }), two("eqv?", Eqv),
		{"equal?", 2, 2, func(c *Call) (Value, error) { return c.equal(c.Args[0], c.Args[1], 0) }},
	}
}

func two(name string, f func(a, b Value) bool) *Builtin {
	return &Builtin{name, 2, 2, func(c *Call) (Value, error) { return f(c.Args[0], c.Args[1]), nil }}
}

// accessors are car, cdr and their compositions, four deep.
func accessors() []*Builtin {
	var out []*Builtin
	var add func(path string)
	add = func(path string) {
		if path != "" {
			out = append(out, &Builtin{"c" + path + "r", 1, 1, func(c *Call) (Value, error) {
				v := c.Args[0]
				for i := len(path) - 1; i >= 0; i-- {
					p, ok := v.(*syntax.Pair)
					if !ok {
						return nil, c.Errorf("argument 1 must be: pair")
					}
					if v = p.Car; path[i] == 'd' {
						v = p.Cdr
					}
				}
				return v, nil
			}})
		}
		if len(path) < 4 {
			add(path + "a")
			add(path + "d")
		}
	}
	add("")
	return out
}

func controlBuiltins() []*Builtin {
	return []*Builtin{
		{"eval", 1, 2, func(c *Call) (Value, error) { c.next, c.nextIn = c.Args[0], c.Env; return nil, nil }},
		{"apply", 1, -1, func(c *Call) (Value, error) {
			args := append([]Value{}, c.Args[1:max(1, len(c.Args)-1)]...)
			if len(c.Args) > 1 {
				last, ok, err := c.M.slice(c.Args[len(c.Args)-1], c.Pos)
				if err != nil {
					return nil, err
				}
				if !ok {
					return nil, c.Errorf("the last argument must be: list")
				}
				args = append(args, last...)
			}
			return c.TailApply(c.Args[0], args)
		}},
		{"defined?", 1, 2, func(c *Call) (Value, error) {
			s, ok := c.Args[0].(syntax.Symbol)
			if !ok {
				return nil, c.Errorf("argument 1 must be: symbol")
			}
			_, bound, err := c.M.lookup(s, c.Env, c.Pos)
			return bound, err
		}},
		{"error", 1, -1, signal},
		{"call/cc", 1, 1, callCC}, {"call-with-current-continuation", 1, 1, callCC}, {"force", 1, 1, force},
		{"throw", 0, -1, signal}, // TinyScheme's is error when no catch is under way
		{"map", 2, -1, func(c *Call) (Value, error) { return each(c, true) }},
		{"for-each", 2, -1, func(c *Call) (Value, error) { return each(c, false) }},
	}
}

// signal makes an error whose text is the arguments, strings bare.
func signal(c *Call) (Value, error) {
	var text shown
	if len(c.Args) == 0 {
		text.WriteString(c.name)
	}
	for i, a := range c.Args {
		if i > 0 {
			text.WriteByte(' ')
		}
		if s, ok := a.(*syntax.Str); ok && len(s.S) <= maxShown && !text.full() {
			text.WriteString(s.S)
			continue
		}
		text.value(a, 0)
		if text.full() {
			break
		}
	}
	return nil, c.M.failed(&Error{Pos: c.Pos, Msg: text.String()})
}

// each applies a procedure along lists until the first is empty.
func each(c *Call, keep bool) (Value, error) {
	first, err := c.list(1)
	if err != nil {
		return nil, err
	}
	lists := [][]Value{first}
	for i, a := range c.Args[2:] {
		l, _, err := c.M.slice(a, c.Pos)
		if err != nil {
			return nil, err
		}
		if len(l) < len(first) {
			return nil, c.Errorf("argument %d is shorter than the first list", i+3)
		}
		lists = append(lists, l)
	}
	var out []Value
	for i := range first {
		args := make([]Value, len(lists))
		for j := range lists {
			args[j] = lists[j][i]
		}
		v, err := c.M.Apply(c.Args[0], args, c.Pos)
		if err != nil {
			return nil, err
		}
		if keep {
			out = append(out, v)
		}
	}
	return c.made(out, nil)
}
