package scheme

import "github.com/hrhost/hrhost/sb/sbpl/syntax"

func formQuasi(m *Machine, p *syntax.Pair, env *Env) (syntax.Datum, *Env, Value, error) {
	d, ok := part(p, 1)
	if !ok {
		return value(nil, bad(p))
	}
	v, err := m.quasi(d, 1, env, p.Pos)
	return value(v, err)
}

// quasi copies a template of a nesting level, and puts values where it is
// unquoted. A list is walked in a loop, what nests in it by recursion.
func (m *Machine) quasi(d syntax.Datum, level int, env *Env, pos syntax.Pos) (Value, error) {
	if err := m.enter(pos); err != nil {
		m.leave()
		return nil, err
	}
	defer m.leave()
	var head syntax.Datum = syntax.Empty{}
	var last *syntax.Pair
	put := func(v syntax.Datum, pos syntax.Pos) {
		c := &syntax.Pair{Car: v, Cdr: syntax.Empty{}, Pos: pos}
		if last == nil {
			head = c
		} else {
			last.Cdr = c
		}
		last = c
	}
	for {
		p, ok := d.(*syntax.Pair)
		if !ok {
			return ended(head, last, d), nil
		}
		if err := m.Work(p.Pos, 1); err != nil {
			return nil, err
		}
		if err := m.Alloc(p.Pos, pairBytes); err != nil {
			return nil, err
		}
		switch p.Car {
		case syntax.Datum(syntax.Symbol("unquote")): // also in the tail: (a . ,b)
			if level--; level > 0 {
				break
			}
			x, ok := part(p, 1)
			if !ok {
				return nil, bad(p)
			}
			v, err := m.Eval(x, env, p.Pos)
			return ended(head, last, v), err
		case syntax.Datum(syntax.Symbol("unquote-splicing")): // the list around it is not a template
			if level--; level == 0 {
				return nil, &Error{Pos: p.Pos, Msg: "unquote-splicing: not in a list"}
			}
		case syntax.Datum(syntax.Symbol("quasiquote")):
			level++
		}
		if x, ok := spliced(p.Car); ok && level == 1 {
			v, err := m.Eval(x, env, p.Pos)
			if err != nil {
				return nil, err
			}
			items, ok, err := m.slice(v, p.Pos)
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, &Error{Pos: p.Pos, Msg: "unquote-splicing: not a list"}
			}
			if err := m.Alloc(p.Pos, pairBytes*len(items)); err != nil {
				return nil, err
			}
			for _, it := range items {
				put(it, p.Pos)
			}
		} else {
			v, err := m.quasi(p.Car, level, env, p.Pos)
			if err != nil {
				return nil, err
			}
			put(v, p.Pos)
		}
		d = p.Cdr
	}
}

// ended puts the tail to a copied list, which may have no elements.
func ended(head syntax.Datum, last *syntax.Pair, tail syntax.Datum) Value {
	if last == nil {
		return tail
	}
	last.Cdr = tail
	return head
}

func spliced(d syntax.Datum) (syntax.Datum, bool) {
	p, ok := d.(*syntax.Pair)
	if !ok || p.Car != syntax.Datum(syntax.Symbol("unquote-splicing")) {
		return nil, false
	}
	return part(p, 1)
}
