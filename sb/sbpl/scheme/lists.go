package scheme

import "github.com/hrhost/hrhost/sb/sbpl/syntax"

func listBuiltins() []*Builtin {
	return []*Builtin{
		{"cons", 2, 2, func(c *Call) (Value, error) {
			return &syntax.Pair{Car: c.Args[0], Cdr: c.Args[1], Pos: c.Pos}, c.M.Alloc(c.Pos, 64)
		}},
		{"list", 0, -1, func(c *Call) (Value, error) { return List(c.Args...), c.M.Alloc(c.Pos, 64*len(c.Args)) }},
		{"length", 1, 1, func(c *Call) (Value, error) { l, err := c.list(0); return int64(len(l)), err }},
		{"append", 0, -1, appendLists},
		{"reverse", 1, 1, func(c *Call) (Value, error) {
			l, err := c.list(0)
			out := make([]Value, len(l))
			for i, v := range l {
				out[len(l)-1-i] = v
			}
			return List(out...), err
		}},
		member("member", Equal), member("memq", func(a, b Value) bool { return a == b }), member("memv", Eqv),
		assoc("assoc", Equal), assoc("assq", func(a, b Value) bool { return a == b }), assoc("assv", Eqv),
		{"list-ref", 2, 2, func(c *Call) (Value, error) {
			v, err := listTail(c)
			if p, ok := v.(*syntax.Pair); ok && err == nil {
				return p.Car, nil
			}
			return nil, c.Errorf("index out of range")
		}},
		{"list-tail", 2, 2, listTail},
		{"foldr", 3, 3, func(c *Call) (Value, error) {
			acc := c.Args[1]
			l, ok := Slice(c.Args[2])
			if !ok {
				return nil, c.Errorf("argument 3 must be: list")
			}
			for _, x := range l {
				var err error
				if acc, err = c.M.Apply(c.Args[0], []Value{acc, x}, c.Pos); err != nil {
					return nil, err
				}
			}
			return acc, nil
		}},
		{"filter", 2, 2, func(c *Call) (Value, error) { yes, _, err := divide(c); return List(yes...), err }},
		{"partition", 2, 2, func(c *Call) (Value, error) {
			yes, no, err := divide(c)
			return List(List(yes...), List(no...)), err
		}},
		{"flatten", 1, 1, func(c *Call) (Value, error) { return List(flatten(c.Args[0], nil)...), nil }},
	}
}

func (c *Call) list(i int) ([]Value, error) {
	l, ok := Slice(c.Args[i])
	if !ok {
		return nil, c.Errorf("argument %d must be: list", i+1)
	}
	return l, nil
}

func appendLists(c *Call) (Value, error) {
	if len(c.Args) == 0 {
		return List(), nil
	}
	out := c.Args[len(c.Args)-1]
	for i := len(c.Args) - 2; i >= 0; i-- {
		l, err := c.list(i)
		if err != nil {
			return nil, err
		}
		if err := c.M.Alloc(c.Pos, 64*len(l)); err != nil {
			return nil, err
		}
		for j := len(l) - 1; j >= 0; j-- {
			out = &syntax.Pair{Car: l[j], Cdr: out, Pos: c.Pos}
		}
	}
	return out, nil
}

func member(name string, same func(a, b Value) bool) *Builtin {
	return &Builtin{name, 2, 2, func(c *Call) (Value, error) {
		for v := c.Args[1]; ; {
			p, ok := v.(*syntax.Pair)
			if !ok {
				return false, nil
			}
			if same(c.Args[0], p.Car) {
				return p, nil
			}
			v = p.Cdr
		}
	}}
}

func assoc(name string, same func(a, b Value) bool) *Builtin {
	return &Builtin{name, 2, 2, func(c *Call) (Value, error) {
		l, err := c.list(1)
		for _, v := range l {
			if p, ok := v.(*syntax.Pair); ok && same(c.Args[0], p.Car) {
				return p, nil
			}
		}
		return false, err
	}}
}

func listTail(c *Call) (Value, error) {
	n, err := c.Int(1)
	if err != nil {
		return nil, err
	}
	v := c.Args[0]
	for ; n > 0; n-- {
		p, ok := v.(*syntax.Pair)
		if !ok {
			return nil, c.Errorf("index out of range")
		}
		v = p.Cdr
	}
	return v, nil
}

func divide(c *Call) (yes, no []Value, err error) {
	l, err := c.list(1)
	for _, x := range l {
		v, err := c.M.Apply(c.Args[0], []Value{x}, c.Pos)
		if err != nil {
			return nil, nil, err
		}
		if True(v) {
			yes = append(yes, x)
		} else {
			no = append(no, x)
		}
	}
	return yes, no, err
}

// flatten lists the atoms of a tree in reverse order, as 10.15's does.
func flatten(v Value, out []Value) []Value {
	switch x := v.(type) {
	case *syntax.Pair:
		out = flatten(x.Cdr, out)
		return flatten(x.Car, out)
	case syntax.Empty:
		return out
	}
	return append(out, v)
}
