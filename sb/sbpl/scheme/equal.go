package scheme

import "github.com/hrhost/hrhost/sb/sbpl/syntax"

// Eqv compares numbers and characters by value, all else by identity.
func Eqv(a, b Value) bool {
	_, okx := number(a)
	_, oky := number(b)
	if okx && oky {
		return order(a, b) == 0
	}
	return a == b
}

// equal compares structure; strings by content. It costs steps by size.
func (c *Call) equal(a, b Value, depth int) (bool, error) {
	if depth > maxNest {
		return false, &Error{Pos: c.Pos, Limit: true, Msg: "equal?: the lists nest too deeply"}
	}
	for {
		if err := c.M.Work(c.Pos, 1); err != nil {
			return false, err
		}
		switch x := a.(type) {
		case *syntax.Str:
			y, ok := b.(*syntax.Str)
			return ok && x.S == y.S, c.M.Work(c.Pos, len(x.S)/64)
		case *syntax.Vector:
			y, ok := b.(*syntax.Vector)
			if !ok || len(x.Items) != len(y.Items) {
				return false, nil
			}
			for i := range x.Items {
				if same, err := c.equal(x.Items[i], y.Items[i], depth+1); !same || err != nil {
					return false, err
				}
			}
			return true, nil
		case *syntax.Pair:
			y, ok := b.(*syntax.Pair)
			if !ok {
				return false, nil
			}
			if same, err := c.equal(x.Car, y.Car, depth+1); !same || err != nil {
				return false, err
			}
			a, b = x.Cdr, y.Cdr
		default:
			return Eqv(a, b), nil
		}
	}
}

func number(v Value) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}
