package scheme

func numberBuiltins() []*Builtin {
	return []*Builtin{
		arithmetic("+", 0, func(a, b int64) (int64, bool) { return a + b, true }, func(a, b float64) float64 { return a + b }),
		arithmetic("*", 1, func(a, b int64) (int64, bool) { return a * b, true }, func(a, b float64) float64 { return a * b }),
		arithmetic("-", 0, func(a, b int64) (int64, bool) { return a - b, true }, func(a, b float64) float64 { return a - b }),
		arithmetic("/", 1, func(a, b int64) (int64, bool) {
			if b == 0 || a%b != 0 {
				return 0, false
			}
			return a / b, true
		}, func(a, b float64) float64 { return a / b }),
		compare("=", func(a, b float64) bool { return a == b }), compare("<", func(a, b float64) bool { return a < b }),
		compare(">", func(a, b float64) bool { return a > b }), compare("<=", func(a, b float64) bool { return a <= b }),
		compare(">=", func(a, b float64) bool { return a >= b }),
		numeric("zero?", func(n float64) Value { return n == 0 }), numeric("positive?", func(n float64) Value { return n > 0 }),
		numeric("negative?", func(n float64) Value { return n < 0 }),
		whole("even?", func(a int64) Value { return a%2 == 0 }), whole("odd?", func(a int64) Value { return a%2 != 0 }),
		whole("abs", func(a int64) Value { return max(a, -a) }),
		division("quotient", func(a, b int64) int64 { return a / b }), division("remainder", func(a, b int64) int64 { return a % b }),
		division("modulo", func(a, b int64) int64 { return (a%b + b) % b }),
		choose("min", func(a, b int64) bool { return a < b }), choose("max", func(a, b int64) bool { return a > b }),
	}
}

func arithmetic(name string, unit int64, ints func(a, b int64) (int64, bool), floats func(a, b float64) float64) *Builtin {
	least := 0
	if name == "-" || name == "/" {
		least = 1
	}
	return &Builtin{name, least, -1, func(c *Call) (Value, error) {
		args := c.Args
		if len(args) < 2 {
			args = append([]Value{unit}, args...)
		}
		if len(args) == 1 {
			return args[0], nil
		}
		acc := args[0]
		for i, b := range args[1:] {
			x, ok1 := number(acc)
			y, ok2 := number(b)
			if !ok1 || !ok2 {
				return nil, c.Errorf("argument %d must be: number", i+1)
			}
			n, isInt := acc.(int64)
			m, isInt2 := b.(int64)
			if isInt && isInt2 {
				if v, exact := ints(n, m); exact {
					acc = v
					continue
				}
				if m == 0 {
					return nil, c.Errorf("division by zero")
				}
			}
			acc = floats(x, y)
		}
		return acc, nil
	}}
}

func compare(name string, holds func(a, b float64) bool) *Builtin {
	return &Builtin{name, 1, -1, func(c *Call) (Value, error) {
		for i := range c.Args {
			y, ok := number(c.Args[i])
			if !ok {
				return nil, c.Errorf("argument %d must be: number", i+1)
			}
			if i == 0 {
				continue
			}
			if x, _ := number(c.Args[i-1]); !holds(x, y) {
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

func choose(name string, better func(a, b int64) bool) *Builtin {
	return &Builtin{name, 1, -1, func(c *Call) (Value, error) {
		best, err := c.Int(0)
		for i := 1; i < len(c.Args) && err == nil; i++ {
			var n int64
			if n, err = c.Int(i); better(n, best) {
				best = n
			}
		}
		return best, err
	}}
}
