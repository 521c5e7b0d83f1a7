package scheme

import "github.com/hrhost/hrhost/sb/sbpl/syntax"

// listBuiltins: those that the library defines in Scheme ignore further
// arguments, as every closure does.
func listBuiltins() []*Builtin {
	return []*Builtin{
		{"cons", 2, 2, func(c *Call) (Value, error) {
			return &syntax.Pair{Car: c.Args[0], Cdr: c.Args[1], Pos: c.Pos}, c.M.Alloc(c.Pos, pairBytes)
		}},
		{"list", 0, -1, func(c *Call) (Value, error) { return c.made(c.Args, nil) }},
		{"length", 1, 1, func(c *Call) (Value, error) { l, err := c.list(0); return int64(len(l)), err }},
		{"append", 0, -1, appendLists},
		{"reverse", 1, 1, func(c *Call) (Value, error) {
			l, err := c.list(0)
			out := make([]Value, len(l))
			for i, v := range l {
				out[len(l)-1-i] = v
			}
			return c.made(out, err)
		}},
		member("member", (*Call).same), member("memq", identical), member("memv", equivalent),
		assoc("assoc", (*Call).same), assoc("assq", identical), assoc("assv", equivalent),
		{"list-ref", 2, 2, func(c *Call) (Value, error) {
			v, err := listTail(c)
			if err != nil {
				return nil, err
			}
			if p, ok := v.(*syntax.Pair); ok {
				return p.Car, nil
			}
			return nil, c.Errorf("index out of range")
		}},
		{"list-tail", 2, 2, listTail},
		{"foldr", 3, -1, func(c *Call) (Value, error) {
			acc := c.Args[1]
			l, err := c.list(2)
			if err != nil {
				return nil, err
			}
			for _, x := range l {
				if acc, err = c.M.Apply(c.Args[0], []Value{acc, x}, c.Pos); err != nil {
					return nil, err
				}
			}
			return acc, nil
		}},
		{"filter", 2, -1, func(c *Call) (Value, error) { yes, _, err := divide(c); return c.made(yes, err) }},
		{"partition", 2, -1, func(c *Call) (Value, error) {
			taken, left, err := divide(c)
			if err != nil {
				return nil, err
			}
			yes, err := c.made(taken, nil)
			if err != nil {
				return nil, err
			}
			no, err := c.made(left, nil)
			if err != nil {
				return nil, err
			}
			return c.made([]Value{yes, no}, nil)
		}},
		{"flatten", 1, -1, func(c *Call) (Value, error) {
			return c.made(c.flatten(c.Args[0], nil, 0))
		}},
		{"list-copy", 1, 1, func(c *Call) (Value, error) { return c.made(c.list(0)) }},
	}
}

func appendLists(c *Call) (Value, error) {
	if len(c.Args) == 0 {
		return syntax.Empty{}, nil
	}
	out := c.Args[len(c.Args)-1]
	for i := len(c.Args) - 2; i >= 0; i-- {
		l, err := c.list(i)
		if err != nil {
			return nil, err
		}
		if out, err = c.M.list(l, out, c.Pos); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// comparison is how member and assoc and their kin compare.
type comparison func(c *Call, a, b Value) (bool, error)

func (c *Call) same(a, b Value) (bool, error) { return c.equal(a, b, 0) }

func identical(_ *Call, a, b Value) (bool, error) { return a == b, nil }

func equivalent(_ *Call, a, b Value) (bool, error) { return Eqv(a, b), nil }

func member(name string, same comparison) *Builtin {
	return &Builtin{name, 2, 2, func(c *Call) (Value, error) {
		for v := c.Args[1]; ; {
			p, ok := v.(*syntax.Pair)
			if !ok {
				return false, nil
			}
			found, err := same(c, c.Args[0], p.Car)
			if err != nil {
				return nil, err
			}
			if found {
				return p, nil
			}
			if err := c.M.Work(c.Pos, 1); err != nil {
				return nil, err
			}
			v = p.Cdr
		}
	}}
}

func assoc(name string, same comparison) *Builtin {
	return &Builtin{name, 2, 2, func(c *Call) (Value, error) {
		l, err := c.list(1)
		if err != nil {
			return nil, err
		}
		for _, v := range l {
			p, ok := v.(*syntax.Pair)
			if !ok {
				continue
			}
			found, err := same(c, c.Args[0], p.Car)
			if err != nil {
				return nil, err
			}
			if found {
				return p, nil
			}
		}
		return false, nil
	}}
}

func listTail(c *Call) (Value, error) {
	n, err := c.Int(1)
	if err != nil {
		return nil, err
	}
	v := c.Args[0]
	if n < 0 {
		return nil, c.Errorf("index out of range")
	}
	for ; n > 0; n-- {
		if err := c.M.Work(c.Pos, 1); err != nil {
			return nil, err
		}
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
func (c *Call) flatten(v Value, out []Value, depth int) ([]Value, error) {
	if depth > maxNest {
		return nil, &Error{Pos: c.Pos, Limit: true, Msg: "flatten: the lists nest too deeply"}
	}
	items, proper, err := c.M.slice(v, c.Pos)
	if err == nil {
		err = c.M.Work(c.Pos, 1)
	}
	if err != nil {
		return nil, err
	}
	if !proper {
		return append(out, v), nil
	}
	for i := len(items) - 1; i >= 0; i-- {
		if out, err = c.flatten(items[i], out, depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}
