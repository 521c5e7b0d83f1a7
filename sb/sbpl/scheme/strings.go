package scheme

import (
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

func stringBuiltins() []*Builtin {
	return []*Builtin{
		{"string-append", 0, -1, func(c *Call) (Value, error) {
			var b strings.Builder
			for i := range c.Args {
				s, err := c.Str(i)
				if err != nil {
					return nil, err
				}
				if err := c.M.Alloc(c.Pos, len(s)); err != nil {
					return nil, err
				}
				b.WriteString(s)
			}
			return &syntax.Str{S: b.String()}, nil
		}},
		{"string-length", 1, 1, func(c *Call) (Value, error) { s, err := c.Str(0); return int64(len(s)), err }},
		{"string-ref", 2, 2, func(c *Call) (Value, error) {
			s, err := c.Str(0)
			if err != nil {
				return nil, err
			}
			n, err := c.Int(1)
			if err != nil {
				return nil, err
			}
			if n < 0 || n >= int64(len(s)) {
				return nil, c.Errorf("index %d out of range", n)
			}
			return syntax.Char(s[n]), nil
		}},
		{"substring", 2, 3, substring},
		{"string=?", 2, 2, func(c *Call) (Value, error) {
			a, err := c.Str(0)
			if err != nil {
				return nil, err
			}
			b, err := c.Str(1)
			return a == b, err
		}},
		{"string->list", 1, 1, func(c *Call) (Value, error) {
			s, err := c.Str(0)
			var out []Value
			for i := 0; i < len(s); i++ {
				out = append(out, syntax.Char(s[i]))
			}
			return List(out...), err
		}},
		{"list->string", 1, 1, func(c *Call) (Value, error) {
			l, err := c.list(0)
			if err != nil {
				return nil, err
			}
			return characters(c, l)
		}},
		{"string", 0, -1, func(c *Call) (Value, error) { return characters(c, c.Args) }},
		{"number->string", 1, 2, func(c *Call) (Value, error) {
			if _, ok := number(c.Args[0]); !ok {
				return nil, c.Errorf("argument 1 must be: number")
			}
			return &syntax.Str{S: Show(c.Args[0])}, nil
		}},
		{"string->number", 1, 2, func(c *Call) (Value, error) {
			s, err := c.Str(0)
			if n, perr := strconv.ParseInt(s, 10, 64); perr == nil {
				return n, err
			}
			return false, err
		}},
		{"string->symbol", 1, 1, func(c *Call) (Value, error) { s, err := c.Str(0); return syntax.Symbol(s), err }},
		{"symbol->string", 1, 1, func(c *Call) (Value, error) {
			s, ok := c.Args[0].(syntax.Symbol)
			if !ok {
				return nil, c.Errorf("argument 1 must be: symbol")
			}
			return &syntax.Str{S: string(s)}, nil
		}},
		{"char=?", 2, 2, func(c *Call) (Value, error) { return c.Args[0] == c.Args[1], nil }},
		{"char->integer", 1, 1, func(c *Call) (Value, error) {
			ch, ok := c.Args[0].(syntax.Char)
			if !ok {
				return nil, c.Errorf("argument 1 must be: character")
			}
			return int64(ch), nil
		}},
	}
}

func substring(c *Call) (Value, error) {
	s, err := c.Str(0)
	if err != nil {
		return nil, err
	}
	from, err := c.Int(1)
	if err != nil {
		return nil, err
	}
	to := int64(len(s))
	if len(c.Args) > 2 {
		if to, err = c.Int(2); err != nil {
			return nil, err
		}
	}
	if from < 0 || to < from || to > int64(len(s)) {
		return nil, c.Errorf("range %d to %d is not within the string", from, to)
	}
	return &syntax.Str{S: s[from:to]}, nil
}

func characters(c *Call, list []Value) (Value, error) {
	var b strings.Builder
	for _, v := range list {
		ch, ok := v.(syntax.Char)
		if !ok {
			return nil, c.Errorf("arguments must be: characters")
		}
		b.WriteByte(byte(ch))
	}
	return &syntax.Str{S: b.String()}, nil
}
