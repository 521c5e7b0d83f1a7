package scheme

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// Bounds of what Show writes. A value may share its parts, so that a few pairs
// make a tree without end: only the bound on the bytes ends that.
const (
	maxShown      = 64 << 10 // bytes, after which nothing begins
	maxShownDepth = 20
	maxShownItems = 51 // of one list
)

var charNames = map[syntax.Char]string{' ': "space", '\n': "newline", '\r': "return", '\t': "tab"}

// Show writes a value as a person would read it in an error, cut with "..." to
// little more than maxShown bytes.
func Show(v Value) string {
	var s shown
	s.value(v, 0)
	return s.String()
}

// shown is the text of a value that is being written.
type shown struct{ strings.Builder }

func (s *shown) full() bool { return s.Len() > maxShown }

func (s *shown) value(v Value, depth int) {
	if depth > maxShownDepth || s.full() {
		s.WriteString("...")
		return
	}
	switch x := v.(type) {
	case syntax.Empty:
		s.WriteString("()")
	case syntax.Symbol:
		s.WriteString(string(x))
	case *syntax.Str:
		s.quoted(x.S)
	case bool:
		s.WriteString(map[bool]string{true: "#t", false: "#f"}[x])
	case syntax.Char:
		s.WriteString(`#\` + cmp.Or(charNames[x], string(rune(x))))
	case float64:
		s.WriteString(strconv.FormatFloat(x, 'g', -1, 64))
	case *syntax.Pair:
		s.list(x, depth)
	case *syntax.Vector:
		s.vector(x, depth)
	case *Closure:
		s.WriteString("procedure " + string(cmp.Or(x.name, "lambda")))
	case *Builtin:
		s.WriteString(x.Name)
	case *Macro, *Form, *special:
		s.WriteString("a macro")
	case *Escape:
		s.WriteString("a continuation")
	case *promise:
		s.WriteString("a promise")
	case *Port:
		s.WriteString("a port")
	case endOfFile:
		s.WriteString("the end of a file")
	default:
		s.WriteString(fmt.Sprint(v))
	}
}

func (s *shown) quoted(text string) {
	if len(text) > maxShown {
		s.WriteString(strconv.Quote(text[:maxShown]) + "...")
		return
	}
	s.WriteString(strconv.Quote(text))
}

func (s *shown) list(p *syntax.Pair, depth int) {
	s.WriteByte('(')
	defer s.WriteByte(')')
	for i := 0; ; i++ {
		if i >= maxShownItems || s.full() {
			s.WriteString("...")
			return
		}
		s.value(p.Car, depth+1)
		next, ok := p.Cdr.(*syntax.Pair)
		if !ok {
			if _, end := p.Cdr.(syntax.Empty); !end {
				s.WriteString(" . ")
				s.value(p.Cdr, depth+1)
			}
			return
		}
		s.WriteByte(' ')
		p = next
	}
}

func (s *shown) vector(v *syntax.Vector, depth int) {
	s.WriteString("#(")
	defer s.WriteByte(')')
	for i, item := range v.Items {
		if i > 0 {
			s.WriteByte(' ')
		}
		if i >= maxShownItems || s.full() {
			s.WriteString("...")
			return
		}
		s.value(item, depth+1)
	}
}

// Display writes a value as display does: strings and characters bare.
func Display(v Value) string {
	switch x := v.(type) {
	case *syntax.Str:
		return x.S
	case syntax.Char:
		return string(rune(x))
	}
	return Show(v)
}
