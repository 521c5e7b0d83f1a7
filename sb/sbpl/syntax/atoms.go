package syntax

import (
	"strconv"
	"strings"
)

// str reads the rest of a string. A backslash before any other character than
// those of the escapes yields that character.
func (r *Reader) str(open Pos) (Datum, error) {
	if n := strings.IndexAny(r.src[r.off:], "\"\\\n"); n >= 0 && r.src[r.off+n] == '"' { // as most are
		r.off += n + 1
		return &Str{r.src[r.off-n-1 : r.off-1]}, nil
	}
	var b strings.Builder
	for r.off < len(r.src) {
		switch c := r.src[r.off]; c {
		case '"':
			r.off++
			return &Str{b.String()}, nil
		case '\n':
			b.WriteByte(c)
			r.newline()
		case '\\':
			r.off++
			if r.off < len(r.src) {
				r.escape(&b)
			}
		default:
			b.WriteByte(c)
			r.off++
		}
	}
	return nil, r.fail(open, "error reading string: it is not closed")
}

func (r *Reader) escape(b *strings.Builder) {
	c := r.src[r.off]
	switch {
	case c == 'n':
		b.WriteByte('\n')
	case c == 't':
		b.WriteByte('\t')
	case c == 'r':
		b.WriteByte('\r')
	case c == 'x' && r.number(b, r.off+1, 2, 2, 16):
		return
	case c >= '0' && c <= '7' && r.number(b, r.off, 2, 3, 8):
		return
	case c == '\n':
		b.WriteByte('\n')
		r.newline()
		return
	default:
		b.WriteByte(c)
	}
	r.off++
}

// number reads low to high digits of a byte's value.
func (r *Reader) number(b *strings.Builder, from, low, high, base int) bool {
	for n := high; n >= low; n-- {
		if from+n > len(r.src) {
			continue
		}
		if v, err := strconv.ParseUint(r.src[from:from+n], base, 8); err == nil {
			b.WriteByte(byte(v))
			r.off = from + n
			return true
		}
	}
	return false
}

var charNames = map[string]rune{"space": ' ', "newline": '\n', "return": '\r', "tab": '\t'}

// sharp reads what begins with #.
func (r *Reader) sharp(p Pos) (Datum, error) {
	rest := r.src[r.off:]
	switch {
	case strings.HasPrefix(rest, `#"`):
		return r.raw(p)
	case strings.HasPrefix(rest, "#("):
		r.off += 2
		return r.vector(p)
	case strings.HasPrefix(rest, `#\`) && len(rest) > 2:
		r.off += 3
		start := r.off - 1
		for r.off < len(r.src) && !delimits[r.src[r.off]] {
			r.off++
		}
		return r.char(p, r.src[start:r.off])
	}
	s, ok := r.atom().(Symbol)
	if !ok {
		return nil, r.fail(p, "undefined sharp expression")
	}
	switch {
	case s == "#t":
		return true, nil
	case s == "#f":
		return false, nil
	case len(s) > 2:
		if base := map[byte]int{'o': 8, 'x': 16, 'd': 10, 'b': 2}[s[1]]; base != 0 {
			if n, err := strconv.ParseInt(string(s[2:]), base, 64); err == nil {
				return n, nil
			}
		}
	}
	return nil, r.fail(p, "undefined sharp expression "+strconv.Quote(string(s)))
}

// raw reads a raw string, in which a backslash means itself.
func (r *Reader) raw(p Pos) (Datum, error) {
	r.off += 2
	start := r.off
	for r.off < len(r.src) {
		switch r.src[r.off] {
		case '"':
			r.off++
			return &Str{r.src[start : r.off-1]}, nil
		case '\n':
			r.newline()
		default:
			r.off++
		}
	}
	return nil, r.fail(p, "error reading string: it is not closed")
}

func (r *Reader) vector(open Pos) (Datum, error) {
	d, err := r.list(open)
	if err != nil {
		return nil, err
	}
	v := &Vector{}
	for c, ok := d.(*Pair); ok; c, ok = c.Cdr.(*Pair) {
		v.Items = append(v.Items, c.Car)
		if _, tail := c.Cdr.(Empty); !tail {
			if _, more := c.Cdr.(*Pair); !more {
				return nil, r.fail(open, "a vector has no tail")
			}
		}
	}
	return v, nil
}

func (r *Reader) char(p Pos, name string) (Datum, error) {
	if c := []rune(name); len(c) == 1 {
		return Char(c[0]), nil
	}
	if c, ok := charNames[name]; ok {
		return Char(c), nil
	}
	if name[0] == 'x' {
		if n, err := strconv.ParseUint(name[1:], 16, 21); err == nil {
			return Char(rune(n)), nil
		}
	}
	return nil, r.fail(p, "undefined character "+strconv.Quote(`#\`+name))
}
