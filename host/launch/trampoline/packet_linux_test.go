package trampoline

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// unpacked reads a packet as the program does, in Go's own types.
func unpacked(b []byte) (s Setup, ok bool) {
	p := packet{rest: b}
	s.Landlock = p.number() == 1
	for n := p.number(); n > 0 && !p.bad; n-- {
		s.Limits = append(s.Limits, Limit{Resource: int(p.number()), Value: p.number()})
	}
	s.Listener = p.number() == 1
	s.Program = p.bytes(p.number())
	path := make([]*byte, maxWords)
	argv := p.words(path)
	env := p.words(argv)
	p.words(env)
	if p.bad {
		return s, false
	}
	s.Path, s.Argv, s.Env = strings.Join(strung(path), ""), strung(argv), strung(env)
	return s, true
}

func strung(list []*byte) (words []string) {
	for _, first := range list {
		if first == nil {
			break
		}
		words = append(words, text(uintptr(unsafe.Pointer(first))))
	}
	return words
}

func TestPacket(t *testing.T) {
	for name, want := range map[string]Setup{
		"nothing": {},
		"everything": {
			Landlock: true, Limits: []Limit{{unix.RLIMIT_CORE, 0}, {unix.RLIMIT_DATA, math.MaxUint64}},
			Program: []byte{1, 0, 2}, Listener: true, Argv: []string{"a", "", "ü b"}, Env: []string{"X=1", "Y="},
		},
		"a path":          {Path: "/bin/a b", Argv: []string{"a"}, Env: []string{"b"}},
		"a silent filter": {Program: []byte{1}, Argv: []string{"p"}, Env: []string{"Z=z"}},
		"no filter":       {Argv: []string{"p"}, Env: []string{"Z=z"}},
		"most words":      {Argv: slices.Repeat([]string{"a"}, maxStrings-1), Env: []string{"b"}, Path: "c"},
	} {
		b, err := want.Packet()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, ok := unpacked(b)
		if !ok || got.Path != want.Path || got.Landlock != want.Landlock || got.Listener != want.Listener ||
			!slices.Equal(got.Limits, want.Limits) || !bytes.Equal(got.Program, want.Program) ||
			!slices.Equal(got.Argv, want.Argv) || !slices.Equal(got.Env, want.Env) {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
		for n := range b { // cut short
			if got, ok := unpacked(b[:n]); ok {
				t.Fatalf("%s: %d of %d bytes were taken for %+v", name, n, len(b), got)
			}
		}
	}
	for name, s := range map[string]Setup{
		"a NUL":     {Argv: []string{"a\x00b"}},
		"a NUL too": {Path: "a\x00b"},
		"too long":  {Argv: []string{strings.Repeat("a", MaxPacket)}},
		"too many":  {Env: slices.Repeat([]string{"a"}, maxStrings+1)},
		"no filter": {Program: make([]byte, MaxPacket)},
	} {
		if b, err := s.Packet(); err == nil {
			t.Errorf("%s: %d bytes", name, len(b))
		}
	}
}

func TestParseFailure(t *testing.T) {
	said := append([]byte{MsgError}, number(nil, uint64(syscall.EBUSY))...)
	for name, tt := range map[string]struct {
		msg    []byte
		failed bool
		want   Failure
		bad    bool
	}{
		"the end":       {},
		"a listener":    {msg: []byte{MsgListener}},
		"a failure":     {msg: append(said, "seccomp"...), failed: true, want: Failure{"seccomp", syscall.EBUSY}},
		"without words": {msg: said, failed: true, bad: true},
		"cut short":     {msg: said[:5], failed: true, bad: true},
	} {
		f, failed, err := ParseFailure(tt.msg)
		if failed != tt.failed || (err != nil) != tt.bad || err == nil && f != tt.want {
			t.Errorf("%s: %+v, %v, %v", name, f, failed, err)
		}
	}
}

func FuzzPacket(f *testing.F) {
	b, err := (&Setup{Landlock: true, Limits: []Limit{{4, 0}}, Program: []byte{1, 2, 3}, Argv: []string{"a"}, Env: []string{"b=c"}}).Packet()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > MaxPacket {
			return
		}
		s, ok := unpacked(b)
		if !ok {
			return
		}
		again, err := s.Packet()
		if err != nil || len(again) > len(b) {
			t.Fatalf("%+v: %d bytes, %v", s, len(again), err)
		}
	})
}
