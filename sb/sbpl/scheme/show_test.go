package scheme

import (
	"strings"
	"testing"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// TestShowIsBounded: a value of a few pairs may be a tree of millions.
func TestShowIsBounded(t *testing.T) {
	const shared = "(define (wide x n) (if (= n 0) x (wide (list x x x x) (- n 1))))" +
		"(define (deep x n) (if (= n 0) x (deep (vector x x x x) (- n 1))))" +
		"(define (long s n) (if (= n 0) s (long (string-append s s) (- n 1))))"
	for name, src := range map[string]string{
		"list":          shared + "(wide 1 10)",
		"vector":        shared + "(deep (wide 1 5) 5)",
		"improper":      shared + "(cons (wide 1 10) (list->vector (wide 1 10)))",
		"strings":       shared + `(define s (long "0123456789" 10)) (list s s s s s s s s s s)`,
		"wide vector":   shared + `(list->vector (string->list (long "0123456789" 4)))`,
		"one string":    shared + `(long "0123456789" 15)`,
		"among strings": shared + `(list "a" (wide "b" 10) "c")`,
	} {
		v, err := evalText(New(Core()), src)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := Show(v)
		if len(got) > maxShown+8192 || !strings.Contains(got, "...") {
			t.Errorf("%s: %d bytes that end with %q", name, len(got), got[max(0, len(got)-20):])
		}
		m := New(Core())
		m.Global.Define("v", v)
		if _, err = evalText(m, `(error "text" v v v v)`); err == nil || len(err.Error()) > maxShown+8192 {
			t.Errorf("%s: the text of the error is of %d bytes", name, len(err.Error()))
		}
	}
}

// TestErrorTextIsWork: a profile may catch an error with a long text and go on.
func TestErrorTextIsWork(t *testing.T) {
	m := New(Core())
	m.Global.Define("long", &syntax.Str{S: strings.Repeat("x", maxShown)})
	for _, form := range []string{"(error long)", "(long)", "(apply long '())"} {
		before, _ := m.Took()
		if v, err := evalText(m, "(catch 'caught "+form+")"); err != nil || v != syntax.Symbol("caught") {
			t.Fatalf("%s: %v, %v", form, v, err)
		}
		if after, _ := m.Took(); after-before < maxShown/64 {
			t.Errorf("%s took %d steps, want at least %d for its text", form, after-before, maxShown/64)
		}
	}
}
