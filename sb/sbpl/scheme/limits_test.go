package scheme

import (
	"errors"
	"testing"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// TestStarved evaluates every chunk with too few steps, and with too little
// memory. A limit has to end it each time: a procedure or form that drops the
// error would let the profile go on.
func TestStarved(t *testing.T) {
	base := Core()
	for _, c := range chunks(t) {
		steps, bytes := used(t, base, c, 400, 40_000)
		for n := range steps {
			m := New(base)
			m.MaxSteps = n
			c.starve(t, m)
		}
		for n := int64(0); n < bytes; n += 32 {
			m := New(base)
			m.MaxBytes = n
			c.starve(t, m)
		}
	}
}

// used is what a chunk takes, cut to a maximum.
func used(t *testing.T, base Base, c chunk, steps int, bytes int64) (int, int64) {
	m := New(base)
	m.MaxSteps, m.MaxBytes = steps, bytes
	if _, err := c.eval(m); err != nil && !limited(err) {
		t.Fatalf("%s: %v", c.name, err)
	}
	s, b := m.Took()
	return min(s, steps), min(b, bytes)
}

func (c *chunk) starve(t *testing.T, m *Machine) {
	t.Helper()
	at, err := c.eval(m)
	if !limited(err) {
		t.Fatalf("%s: with %d steps and %d bytes the chunk ends with %v at %v, want a limit",
			c.name, m.MaxSteps, m.MaxBytes, err, at)
	}
	if m.depth != 0 {
		t.Fatalf("%v: with %d steps and %d bytes the machine is at depth %d after the form",
			at, m.MaxSteps, m.MaxBytes, m.depth)
	}
}

// eval evaluates a chunk to its end or to the first limit.
func (c *chunk) eval(m *Machine) (syntax.Pos, error) {
	r := syntax.NewReader(c.file, c.src)
	for {
		d, pos, more, err := r.Next()
		if err != nil || !more {
			return pos, err
		}
		_, err = m.Eval(d, m.Global, pos)
		if limited(err) || m.steps > m.MaxSteps || m.bytes > m.MaxBytes {
			return pos, err
		}
	}
}

func limited(err error) bool {
	e := &Error{}
	return errors.As(err, &e) && e.Limit
}
