package syntax

import (
	"fmt"
	"strings"
	"testing"
)

// FuzzReader: the reader never panics, its positions lie in the text, a list's
// text is what stands there, and reading that again gives the same.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"(version 1)\n(allow file-read* (literal \"/a\\x41\\101\") (regex #\"^\\.x$\"))", "'(a . b) `(x ,y ,@z)", `#\a #\( #\space #\x41 #t #f`,
		"#o644 #xff -3 1.5 ... a|b", "; c\n#! c\n()", "#(1 2 (3))", "((((", ")", "\"open", "#\"open", "(a . b c)", "#z",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		lines := strings.Count(src, "\n") + 1
		r := NewReader("f", src)
		for {
			d, pos, ok, err := r.Next()
			if pos.Line < 1 || pos.Line > lines || pos.Col < 1 || pos.Col > len(src)+1 {
				t.Fatalf("%q: position %v", src, pos)
			}
			if err != nil || !ok {
				return
			}
			p, isList := d.(*Pair)
			if !isList || p.Text == "" {
				continue
			}
			again, _, ok, err := NewReader("f", p.Text).Next()
			if err != nil || !ok || dump(again) != dump(d) {
				t.Fatalf("%q: the text %q of a list reads as %s (%v), the list is %s", src, p.Text, dump(again), err, dump(d))
			}
		}
	})
}

// dump writes a datum without its positions.
func dump(d Datum) string {
	switch x := d.(type) {
	case *Pair:
		return "(" + dump(x.Car) + " . " + dump(x.Cdr) + ")"
	case *Str:
		return fmt.Sprintf("%q", x.S)
	case *Vector:
		s := "#("
		for _, it := range x.Items {
			s += dump(it) + " "
		}
		return s + ")"
	}
	return fmt.Sprintf("%T:%v", d, d)
}
