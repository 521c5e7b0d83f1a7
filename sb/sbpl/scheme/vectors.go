package scheme

import "github.com/hrhost/hrhost/sb/sbpl/syntax"

// vectorBuiltins read and make vectors; profiles do not change them.
func vectorBuiltins() []*Builtin {
	return []*Builtin{
		is("vector?", typed[*syntax.Vector]),
		{"vector", 0, -1, func(c *Call) (Value, error) { return c.newVector(c.Args, nil) }},
		{"list->vector", 1, 1, func(c *Call) (Value, error) { return c.newVector(c.list(0)) }},
		{"vector->list", 1, 1, func(c *Call) (Value, error) {
			v, err := c.vector()
			if err != nil {
				return nil, err
			}
			if err := c.M.Work(c.Pos, len(v.Items)/4); err != nil {
				return nil, err
			}
			return c.made(v.Items, nil)
		}},
		{"vector-length", 1, 1, func(c *Call) (Value, error) {
			v, err := c.vector()
			if err != nil {
				return nil, err
			}
			return int64(len(v.Items)), nil
		}},
		{"vector-ref", 2, 2, func(c *Call) (Value, error) {
			v, err := c.vector()
			if err != nil {
				return nil, err
			}
			n, err := c.Int(1)
			if err != nil {
				return nil, err
			}
			if n < 0 || n >= int64(len(v.Items)) {
				return nil, c.Errorf("index %d out of range", n)
			}
			return v.Items[n], nil
		}},
	}
}

func (c *Call) newVector(items []Value, err error) (Value, error) {
	if err != nil {
		return nil, err
	}
	return &syntax.Vector{Items: items}, c.M.Alloc(c.Pos, objectBytes+elementBytes*len(items))
}

func (c *Call) vector() (*syntax.Vector, error) {
	if v, ok := c.Args[0].(*syntax.Vector); ok {
		return v, nil
	}
	return nil, c.Errorf("argument 1 must be: vector")
}
