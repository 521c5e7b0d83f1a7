package syntax

import (
	"fmt"
	"strconv"
	"strings"
)

// maxDepth bounds nesting, so that hostile text cannot exhaust the stack.
const maxDepth = 2000

// Reader reads one datum after another: each is evaluated before the next is
// read.
type Reader struct {
	src       string
	file      string
	off       int
	line, bol int // current line, and the offset at which it begins
	depth     int
}

// NewReader reads src, whose positions will name file.
func NewReader(file, src string) *Reader { return &Reader{src: src, file: file, line: 1} }

func (r *Reader) pos() Pos { return Pos{r.file, r.line, r.off - r.bol + 1} }

func (r *Reader) fail(p Pos, msg string) error { return &Error{p, msg} }

// Taken is how much text has been read, in bytes.
func (r *Reader) Taken() int { return r.off }

// Next returns the next datum and its position. ok is false at the end.
func (r *Reader) Next() (d Datum, p Pos, ok bool, err error) {
	r.skip()
	if r.off >= len(r.src) {
		return nil, r.pos(), false, nil
	}
	p = r.pos()
	d, err = r.read()
	return d, p, err == nil, err
}

// skip passes white space and comments.
func (r *Reader) skip() {
	for r.off < len(r.src) {
		c := r.src[r.off]
		switch {
		case c == '\n':
			r.newline()
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v':
			r.off++
		case c == ';' || c == '#' && strings.HasPrefix(r.src[r.off:], "#!"):
			for r.off < len(r.src) && r.src[r.off] != '\n' {
				r.off++
			}
		default:
			return
		}
	}
}

func (r *Reader) newline() {
	r.off++
	r.line++
	r.bol = r.off
}

func (r *Reader) leave() { r.depth-- }

func (r *Reader) read() (Datum, error) {
	p := r.pos()
	if r.depth++; r.depth > maxDepth {
		return nil, r.fail(p, "nested too deeply")
	}
	defer r.leave()
	switch r.src[r.off] {
	case '\'':
		r.off++
		return r.quoted(p, "quote")
	case '`':
		r.off++
		return r.quoted(p, "quasiquote")
	case ',':
		if r.off++; r.off < len(r.src) && r.src[r.off] == '@' {
			r.off++
			return r.quoted(p, "unquote-splicing")
		}
		return r.quoted(p, "unquote")
	case '(':
		start := r.off
		r.off++
		d, err := r.list(p)
		if c, ok := d.(*Pair); ok {
			c.Text = r.src[start:r.off]
		}
		return d, err
	case ')':
		return nil, r.fail(p, "unmatched )")
	case '"':
		r.off++
		return r.str(p)
	case '#':
		return r.sharp(p)
	}
	d := r.atom()
	if s, ok := d.(Symbol); ok && len(s) > MaxSymbol {
		return nil, r.fail(p, fmt.Sprintf("a symbol has %d bytes: at most %d are read", len(s), MaxSymbol))
	}
	return d, nil
}

func (r *Reader) quoted(p Pos, name Symbol) (Datum, error) {
	r.skip()
	if r.off >= len(r.src) {
		return nil, r.fail(p, "unexpected end of file after a quote mark")
	}
	at := r.pos()
	d, err := r.read()
	if err != nil {
		return nil, err
	}
	return &Pair{Car: name, Cdr: &Pair{Car: d, Cdr: Empty{}, Pos: at}, Pos: p}, nil
}

func (r *Reader) list(open Pos) (Datum, error) {
	var head Datum = Empty{}
	var last *Pair
	for {
		r.skip()
		if r.off >= len(r.src) {
			return nil, r.fail(open, "unexpected end of file: this list is not closed")
		}
		p := r.pos()
		if r.src[r.off] == ')' {
			r.off++
			return head, nil
		}
		if last != nil && r.dot() {
			return head, r.tail(last, open)
		}
		d, err := r.read()
		if err != nil {
			return nil, err
		}
		cell := &Pair{Car: d, Cdr: Empty{}, Pos: p}
		if last == nil {
			cell.Pos = open
			head = cell
		} else {
			last.Cdr = cell
		}
		last = cell
	}
}

// dot passes the dot of a dotted pair, which white space must follow.
func (r *Reader) dot() bool {
	if r.src[r.off] != '.' || r.off+1 >= len(r.src) || !strings.ContainsRune(" \t\r\n\f\v", rune(r.src[r.off+1])) {
		return false
	}
	r.off++
	return true
}

func (r *Reader) tail(last *Pair, open Pos) error {
	r.skip()
	if r.off >= len(r.src) {
		return r.fail(open, "unexpected end of file: this list is not closed")
	}
	d, err := r.read()
	if err != nil {
		return err
	}
	last.Cdr = d
	r.skip()
	if r.off >= len(r.src) || r.src[r.off] != ')' {
		return r.fail(r.pos(), "expected ) after the tail of a dotted pair")
	}
	r.off++
	return nil
}

// delimits are the bytes that end an atom.
var delimits = [256]bool{'(': true, ')': true, ';': true, ' ': true, '\t': true, '\r': true, '\n': true}

// atom reads to the next delimiter. What starts like a number and is none is a
// symbol.
func (r *Reader) atom() Datum {
	start := r.off
	for r.off < len(r.src) && !delimits[r.src[r.off]] {
		r.off++
	}
	s := r.src[start:r.off]
	if n, ok := Number(s); ok {
		return n
	}
	return Symbol(s)
}

// Number is a text as an integer or, with a fraction or an exponent or beyond 64
// bits, as a real. Go's other spellings (0x1p4, 1_000, inf) are not numbers.
func Number(s string) (Datum, bool) {
	if strings.Trim(s, "0123456789+-.eE") != "" || strings.Trim(s, "+-.eE") == "" {
		return nil, false
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
