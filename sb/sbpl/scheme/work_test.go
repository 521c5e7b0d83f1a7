package scheme

import (
	"strings"
	"testing"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// large binds names to data of n parts: lists, what let, cond and case take, a
// string of 64 bytes for each part, a tree that shares its parts, and deep,
// which evaluates a form in n scopes.
func large(t *testing.T, n int) *Machine {
	m := New(Core())
	m.MaxSteps, m.MaxBytes = 1<<40, 1<<40
	repeat := func(v Value) Value { return List(repeated(v, n)...) }
	m.Global.Define("x", true)
	m.Global.Define("l", repeat(int64(7)))
	m.Global.Define("chars", repeat(syntax.Char('c')))
	m.Global.Define("symbols", repeat(syntax.Symbol("x")))
	m.Global.Define("y", false)
	m.Global.Define("falses", repeat(syntax.Symbol("y")))
	m.Global.Define("bindings", repeat(List(syntax.Symbol("x"))))
	m.Global.Define("clauses", repeat(List(false, int64(1))))
	m.Global.Define("choices", repeat(List(List(int64(1)), int64(1))))
	m.Global.Define("s", &syntax.Str{S: strings.Repeat("s", 64*n)})
	m.Global.Define("v", &syntax.Vector{Items: repeated(int64(7), n)})
	tree, improper := Value(syntax.Symbol("else")), Value(syntax.Symbol("end"))
	form := syntax.Symbol("form")
	scopes := List(syntax.Symbol("lambda"), List(form), List(syntax.Symbol("eval"), form))
	for range n {
		scopes = List(syntax.Symbol("let"), List(List(syntax.Symbol("a"))), scopes)
		improper = &syntax.Pair{Car: int64(7), Cdr: improper}
	}
	for width := 1; width < n; width *= 2 {
		tree = List(syntax.Symbol("and"), tree, tree)
	}
	m.Global.Define("improper", improper)
	m.Global.Define("tree", tree)
	deep, err := m.Eval(scopes, m.Global, syntax.Pos{})
	if err != nil {
		t.Fatal(err)
	}
	m.Global.Define("deep", deep)
	if _, err := evalText(m, "(define (f . r) 1) (define (g a) #t) (define-macro (dm . r) 1)"); err != nil {
		t.Fatal(err)
	}
	return m
}

func repeated(v Value, n int) []Value {
	out := make([]Value, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// took is what evaluation of a text takes.
func took(t *testing.T, m *Machine, src string) (steps int, bytes int64) {
	t.Helper()
	steps, bytes = m.Took()
	if _, err := evalText(m, src); err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	s, b := m.Took()
	return s - steps, b - bytes
}

// walks are forms that go along data, one a line.
const walks = `(length l)
(append l l)
(reverse l)
(list-copy l)
(list? l)
(list? improper)
(apply f l)
(apply + l)
(list-tail l (- (length l) 1))
(list-ref l (- (length l) 1))
(list->vector l)
(vector->list v)
(flatten l)
(flatten improper)
(member 1 l)
(memq 1 l)
(memv 1 l)
(memq 1 improper)
(assoc 1 l)
(assq 1 l)
(assv 1 l)
(equal? l l)
(equal? v v)
(map g l)
(for-each g l)
(for-each f '() l)
(foldr f 0 l)
(filter g l)
(partition g l)
(catch 0 (map f '() improper))
(string-length s)
(string-append s)
(string=? s s)
(substring s 1)
(string-ref s 0)
(string->number s)
(string->list s)
(list->string chars)
(apply string chars)
(catch 0 (error s))
(catch 0 (throw s))
(open-input-string s)
(catch 0 (string->symbol s))
(read (open-input-string (string-append "\"" s "\"")))
(read (open-input-string (string-append ";" s)))
(catch 0 (read (open-input-string (string-append "(" s))))
(eval (cons 'begin symbols))
(eval (cons 'list symbols))
(eval (cons 'and symbols))
(eval (cons 'or falses))
(eval (cons f symbols))
(catch 0 (eval (cons f (cons '(car 1) l))))
(eval (cons 'cond clauses))
(eval (cons 'case (cons 9 choices)))
(eval (list 'case 9 (list l 1)))
(eval (list 'lambda symbols 1))
(eval (list 'let bindings 1))
(eval (list 'let* bindings 1))
(eval (list 'letrec bindings 1))
(eval (list 'do bindings '(#t)))
(eval (list 'let 'again bindings 1))
(eval (cons 'dm l))
(eval (list 'quasiquote l))
(eval (list 'quasiquote (list (list 'unquote-splicing 'l))))
(eval (list 'cond-expand (list tree 1)))
(eval (list 'cond-expand (list (cons 'and symbols) 1)))
(eval (cons 'cond-expand (append clauses '((else 1)))))`

// TestWalksAreWork: a walk along data costs steps by their length. A form
// that does not would take any time within the limits, in a loop.
func TestWalksAreWork(t *testing.T) {
	const few, many = 8, 1032
	small, big := large(t, few), large(t, many)
	for form := range strings.Lines(walks) {
		form = strings.TrimSpace(form)
		s, _ := took(t, small, form)
		if b, _ := took(t, big, form); b-s < (many-few)/8 {
			t.Errorf("%s: %d steps for %d parts, %d for %d: want at least one for 8", form, s, few, b, many)
		} else {
			starved(t, big, form, b)
		}
	}
}

// starved evaluates a form that takes a number of steps with less.
func starved(t *testing.T, m *Machine, form string, steps int) {
	t.Helper()
	all := m.MaxSteps
	for n := range min(steps, 100) {
		before, _ := m.Took()
		m.MaxSteps = before + n
		if v, err := evalText(m, form); !limited(err) {
			t.Errorf("%s: with %d of %d steps %s, %v: want a limit", form, n, steps, Show(v), err)
		}
	}
	m.MaxSteps = all
}

// TestValuesAreMemory: a value counts as memory when it is made, by its length.
func TestValuesAreMemory(t *testing.T) {
	const few, many, pair, element = 8, 1032, 80, 16 // bytes that Go takes
	small, big := large(t, few), large(t, many)
	for form, least := range map[string]int64{
		"(apply list l)": pair, "(append l '(1))": pair, "(reverse l)": pair, "(list-copy l)": pair, "(filter g l)": pair,
		"(partition g l)": pair, "(partition (lambda (a) #f) l)": pair, "(flatten l)": pair, "(map g l)": pair,
		"(apply f l)":                 pair,
		"(eval (list 'quasiquote l))": pair, "(eval (list 'quasiquote (list (list 'unquote-splicing 'l))))": pair,
		"(vector->list v)": pair, "(string->list s)": 64 * pair, "(list->vector l)": element, "(apply vector l)": element,
		"(string-append s)": 64, "(list->string chars)": 1, "(apply string chars)": 1,
		"(read (open-input-string (string-append \"\\\"\" s \"\\\"\")))": 64, "(eval (list 'lambda symbols 1))": element,
		"(eval (list 'let 'again bindings 1))": element, "(eval (list 'let bindings 1))": element,
	} {
		_, s := took(t, small, form)
		if _, b := took(t, big, form); b-s < (many-few)*least {
			t.Errorf("%s: %d bytes for %d parts, %d for %d: want at least %d for each", form, s, few, b, many, least)
		}
	}
	for form, least := range map[string]int64{
		"(cons 1 2)": pair, "(delay 1)": 80, "(cons-stream 1 2)": pair + 80, "(lambda () 1)": 80,
		"(define a 1)": 40, "(define (a) 1)": 120,
		"(macro (a form) 1)": 120, "(macro a car)": 40, "(define-macro (a) 1)": 120,
		"(open-input-string \"\")": 80, "(vector)": 24,
	} {
		if _, b := took(t, small, form); b < least {
			t.Errorf("%s: %d bytes, want at least %d", form, b, least)
		}
	}
}

// TestScopesAreWork: so does the search for a name through scopes.
func TestScopesAreWork(t *testing.T) {
	const few, many = 8, 1032
	small, big := large(t, few), large(t, many)
	for _, form := range []string{
		"(deep 'x)", "(deep '(set! x 1))", "(deep '(defined? 'x))", "(deep '(cond-expand (x 1)))", "(deep '(car '(1)))",
	} {
		s, _ := took(t, small, form)
		if b, _ := took(t, big, form); b-s < (many-few)/64 {
			t.Errorf("%s: %d steps in %d scopes, %d in %d: want at least one for 64", form, s, few, b, many)
		} else {
			starved(t, big, form, b)
		}
	}
}
