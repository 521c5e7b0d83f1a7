package scheme

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// Show writes a value as a person would read it in an error.
func Show(v Value) string { return show(v, 0) }

func show(v Value, depth int) string {
	if depth > 20 {
		return "..."
	}
	switch x := v.(type) {
	case syntax.Empty:
		return "()"
	case syntax.Symbol:
		return string(x)
	case *syntax.Str:
		return strconv.Quote(x.S)
	case bool:
		if x {
			return "#t"
		}
		return "#f"
	case syntax.Char:
		return `#\` + string(rune(x))
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case *syntax.Pair:
		var b strings.Builder
		b.WriteByte('(')
		for i := 0; ; i++ {
			if i > 50 {
				b.WriteString("...")
				break
			}
			b.WriteString(show(x.Car, depth+1))
			next, ok := x.Cdr.(*syntax.Pair)
			if !ok {
				if _, end := x.Cdr.(syntax.Empty); !end {
					b.WriteString(" . " + show(x.Cdr, depth+1))
				}
				break
			}
			b.WriteByte(' ')
			x = next
		}
		return b.String() + ")"
	case *Closure:
		return "procedure " + string(x.name)
	case *Builtin:
		return x.Name
	case *Macro, *Form, *special:
		return "a macro"
	case *Escape:
		return "a continuation"
	case *promise:
		return "a promise"
	case *syntax.Vector:
		return "#" + show(List(x.Items...), depth+1)
	}
	return fmt.Sprint(v)
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
