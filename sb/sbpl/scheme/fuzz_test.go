package scheme

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// FuzzEval evaluates any text twice, with few steps and little memory: it never
// panics or hangs, takes no more than its limits, fails with an *Error that
// names a place, and does the same again, since machines share their base.
func FuzzEval(f *testing.F) {
	for _, c := range chunks(f) {
		f.Add(strings.TrimLeft(c.src, "\n"))
	}
	base := Core()
	f.Fuzz(func(t *testing.T, src string) {
		began := time.Now()
		first, second := evaluate(t, base, src), evaluate(t, base, src)
		if took := time.Since(began); took > 30*time.Second {
			t.Fatalf("%q took %v", src, took)
		}
		if first != second {
			t.Fatalf("%q: first %q, then %q", src, first, second)
		}
	})
}

// evaluate writes what the forms of a text give, line by line.
func evaluate(t *testing.T, base Base, src string) string {
	var out strings.Builder
	m := New(base)
	m.MaxSteps, m.MaxBytes = 50_000, 1<<20
	r := syntax.NewReader("fuzz.sb", src)
	for {
		d, pos, more, err := r.Next()
		if err != nil || !more {
			return out.String()
		}
		v, err := m.Eval(d, m.Global, pos)
		if m.depth != 0 {
			t.Fatalf("%q: the machine is at depth %d after the form at %v", src, m.depth, pos)
		}
		if err == nil {
			out.WriteString(Show(v) + "\n")
			continue
		}
		e := &Error{}
		if !errors.As(err, &e) || e.Msg == "" {
			t.Fatalf("%q: %T: %v", src, err, err)
		}
		out.WriteString(e.Error() + "\n")
		if e.Limit {
			return out.String()
		}
	}
}
