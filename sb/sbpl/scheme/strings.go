package scheme

import (
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

func stringBuiltins() []*Builtin {
	return []*Builtin{
		{"string-append", 0, -1, stringAppend},
		{"string-length", 1, 1, func(c *Call) (Value, error) { s, err := c.Str(0); return int64(len(s)), err }},
		{"string-ref", 2, 2, stringRef},
		{"substring", 2, 3, substring},
		{"string=?", 2, 2, stringEqual},
		{"string->list", 1, 1, stringToList},
		{"list->string", 1, 1, listToString},
		{"string", 0, -1, func(c *Call) (Value, error) { return characters(c, c.Args) }},
		{"number->string", 1, 2, numberToString},
		{"string->number", 1, 2, stringToNumber},
		{"string->symbol", 1, 1, stringToSymbol},
		{"symbol->string", 1, 1, symbolToString},
		{"char=?", 2, 2, charEqual},
		{"integer->char", 1, 1, func(c *Call) (Value, error) { n, err := c.Int(0); return syntax.Char(n & 0xff), err }},
		{"char->integer", 1, 1, charToInteger},
	}
}

func stringAppend(c *Call) (Value, error) {
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
}

func stringRef(c *Call) (Value, error) {
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
}

func stringEqual(c *Call) (Value, error) {
	a, err := c.Str(0)
	if err != nil {
		return nil, err
	}
	b, err := c.Str(1)
	return a == b, err
}

func stringToList(c *Call) (Value, error) {
	s, err := c.Str(0)
	if err == nil {
		err = c.M.Alloc(c.Pos, elementBytes*len(s))
	}
	if err != nil {
		return nil, err
	}
	out := make([]Value, len(s))
	for i := range out {
		out[i] = syntax.Char(s[i])
	}
	return c.made(out, nil)
}

func listToString(c *Call) (Value, error) {
	l, err := c.list(0)
	if err != nil {
		return nil, err
	}
	return characters(c, l)
}

func stringToSymbol(c *Call) (Value, error) {
	s, err := c.Str(0)
	if err == nil && len(s) > syntax.MaxSymbol {
		err = c.Errorf("a symbol of %d bytes: at most %d are taken", len(s), syntax.MaxSymbol)
	}
	return syntax.Symbol(s), err
}

func symbolToString(c *Call) (Value, error) {
	s, ok := c.Args[0].(syntax.Symbol)
	if !ok {
		return nil, c.Errorf("argument 1 must be: symbol")
	}
	return &syntax.Str{S: string(s)}, nil
}

func charEqual(c *Call) (Value, error) {
	a, ok1 := c.Args[0].(syntax.Char)
	b, ok2 := c.Args[1].(syntax.Char)
	if !ok1 || !ok2 {
		return nil, c.Errorf("arguments must be: characters")
	}
	return a == b, nil
}

func charToInteger(c *Call) (Value, error) {
	ch, ok := c.Args[0].(syntax.Char)
	if !ok {
		return nil, c.Errorf("argument 1 must be: character")
	}
	return int64(ch), nil
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
		if ch < 0 || ch > 0xff {
			return nil, c.Errorf("character %U is not one byte", ch)
		}
		b.WriteByte(byte(ch))
	}
	return &syntax.Str{S: b.String()}, c.M.Alloc(c.Pos, b.Len())
}

// radix is the optional second argument of the conversions of numbers.
func radix(c *Call) (int, error) {
	if len(c.Args) < 2 {
		return 10, nil
	}
	n, err := c.Int(1)
	if err == nil && (n < 2 || n > 36) {
		err = c.Errorf("argument 2 must be: a base from 2 to 36")
	}
	return int(n), err
}

func numberToString(c *Call) (Value, error) {
	base, err := radix(c)
	if err != nil {
		return nil, err
	}
	switch n := c.Args[0].(type) {
	case int64:
		return &syntax.Str{S: strconv.FormatInt(n, base)}, nil
	case float64:
		return &syntax.Str{S: Show(n)}, nil
	}
	return nil, c.Errorf("argument 1 must be: number")
}

func stringToNumber(c *Call) (Value, error) {
	s, err := c.Str(0)
	if err != nil {
		return nil, err
	}
	base, err := radix(c)
	if err != nil {
		return nil, err
	}
	if n, err := strconv.ParseInt(s, base, 64); err == nil {
		return n, nil
	}
	if n, ok := syntax.Number(s); ok && base == 10 {
		return n, nil
	}
	return false, nil
}
