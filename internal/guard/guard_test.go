package guard

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func TestDo(t *testing.T) {
	var nothing *struct{ n int }
	for _, c := range []struct {
		name string
		do   func() error
		says string // "" for no error
	}{
		{"nothing", func() error { return nil }, ""},
		{"an error", func() error { return io.EOF }, "EOF"},
		{"a text", func() error { panic("at sea") }, "hrhost has a fault: at sea"},
		{"an error's panic", func() error { panic(io.EOF) }, "hrhost has a fault: EOF"},
		{"the runtime's", func() error { nothing.n = 1; return nil },
			"hrhost has a fault: runtime error: invalid memory address or nil pointer dereference"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Do(c.do)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.says {
				t.Errorf("%q, want %q", got, c.says)
			}
		})
	}
}

// TestStack: a fault among other errors is found, with the line that panicked.
func TestStack(t *testing.T) {
	err := errors.Join(io.EOF, Do(func() error { panic("at sea") }))
	if s := Stack(err); !bytes.Contains(s, []byte("guard_test.go:")) {
		t.Errorf("%s", s)
	}
	if s := Stack(io.EOF); s != nil {
		t.Errorf("%s", s)
	}
}
