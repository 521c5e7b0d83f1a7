package scheme

import (
	"cmp"
	"math"
)

func numberBuiltins() []*Builtin {
	return []*Builtin{
		arithmetic("+", 0, func(a, b int64) (int64, bool) { return a + b, true }, func(a, b float64) float64 { return a + b }),
		arithmetic("*", 1, func(a, b int64) (int64, bool) { return a * b, true }, func(a, b float64) float64 { return a * b }),
		arithmetic("-", 0, func(a, b int64) (int64, bool) { return a - b, true }, func(a, b float64) float64 { return a - b }),
		arithmetic("/", 1, func(a, b int64) (int64, bool) {
			return a / b, a%b == 0
		}, func(a, b float64) float64 { return a / b }),
		compare("=", func(order int) bool { return order == 0 }),
		compare("<", func(order int) bool { return order < 0 }),
		compare(">", func(order int) bool { return order > 0 }),
		compare("<=", func(order int) bool { return order <= 0 }),
		compare(">=", func(order int) bool { return order >= 0 }),
		numeric("zero?", func(n float64) Value { return n == 0 }), numeric("positive?", func(n float64) Value { return n > 0 }),
		numeric("negative?", func(n float64) Value { return n < 0 }),
		whole("even?", func(a int64) Value { return a%2 == 0 }), whole("odd?", func(a int64) Value { return a%2 != 0 }),
		{"abs", 1, 1, absolute},
		division("quotient", func(a, b int64) int64 { return a / b }), division("remainder", func(a, b int64) int64 { return a % b }),
		division("modulo", modulo), choose("min", -1), choose("max", 1),
	}
}

func arithmetic(name string, unit int64, ints func(a, b int64) (int64, bool), floats func(a, b float64) float64) *Builtin {
	least := 0
	if name == "-" || name == "/" {
		least = 1
	}
	return &Builtin{name, least, -1, func(c *Call) (Value, error) {
		if err := c.numbers(); err != nil {
			return nil, err
		}
		args := c.Args
		if len(args) < 2 {
			args = append([]Value{unit}, args...)
		}
		if len(args) == 1 {
			return args[0], nil
		}
		acc := args[0]
		for _, b := range args[1:] {
			x, _ := number(acc)
			y, _ := number(b)
			if name == "/" && y == 0 {
				return nil, c.Errorf("division by zero")
			}
			n, isInt := acc.(int64)
			m, isInt2 := b.(int64)
			if isInt && isInt2 {
				if v, exact := ints(n, m); exact {
					acc = v
					continue
				}
			}
			acc = floats(x, y)
		}
		return acc, nil
	}}
}

// numbers wants all arguments of a call to be numbers.
func (c *Call) numbers() error {
	for i, v := range c.Args {
		if _, ok := number(v); !ok {
			return c.Errorf("argument %d must be: number", i+1)
		}
	}
	return nil
}

// order compares two numbers: integers exactly, since a float64 holds only
// those up to 2^53.
func order(a, b Value) int {
	n, ok1 := a.(int64)
	m, ok2 := b.(int64)
	if ok1 && ok2 {
		return cmp.Compare(n, m)
	}
	x, _ := number(a)
	y, _ := number(b)
	return cmp.Compare(x, y)
}

func compare(name string, holds func(order int) bool) *Builtin {
	return &Builtin{name, 1, -1, func(c *Call) (Value, error) {
		if err := c.numbers(); err != nil {
			return nil, err
		}
		for i, v := range c.Args[1:] {
			if !holds(order(c.Args[i], v)) {
				return false, nil
			}
		}
		return true, nil
	}}
}

func numeric(name string, f func(float64) Value) *Builtin {
	return &Builtin{name, 1, 1, func(c *Call) (Value, error) {
		n, ok := number(c.Args[0])
		if !ok {
			return nil, c.Errorf("argument 1 must be: number")
		}
		return f(n), nil
	}}
}

func whole(name string, f func(int64) Value) *Builtin {
	return &Builtin{name, 1, 1, func(c *Call) (Value, error) {
		n, err := c.Int(0)
		return f(n), err
	}}
}

func division(name string, f func(a, b int64) int64) *Builtin {
	return &Builtin{name, 2, 2, func(c *Call) (Value, error) {
		a, err := c.Int(0)
		if err != nil {
			return nil, err
		}
		b, err := c.Int(1)
		if err != nil {
			return nil, err
		}
		if b == 0 {
			return nil, c.Errorf("division by zero")
		}
		return f(a, b), nil
	}}
}

func absolute(c *Call) (Value, error) {
	if n, ok := c.Args[0].(int64); ok {
		return max(n, -n), nil
	}
	n, _ := number(c.Args[0])
	return math.Abs(n), c.numbers()
}

// modulo has the sign of the divisor. It adds the divisor only to a remainder of
// the other sign, so that the sum cannot overflow.
func modulo(a, b int64) int64 {
	n := a % b
	if n != 0 && n < 0 != (b < 0) {
		n += b
	}
	return n
}

// choose is the argument that comes last in an order, or with sign -1 first.
func choose(name string, sign int) *Builtin {
	return &Builtin{name, 1, -1, func(c *Call) (Value, error) {
		best := c.Args[0]
		for _, v := range c.Args[1:] {
			if sign*order(v, best) > 0 {
				best = v
			}
		}
		return best, c.numbers()
	}}
}
