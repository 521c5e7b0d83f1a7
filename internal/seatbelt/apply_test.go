package seatbelt

import (
	"syscall"
	"testing"
)

func TestReadApply(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		name   string
		rc     int
		errno  syscall.Errno
		text   string
		before *bool
		class  ErrClass
		source ClassSource
	}{
		{"success with an old errno", 0, syscall.ENOENT, "", &no, ClassOK, FromNothing},
		{"nested, known from before", -1, syscall.EPERM, "", &yes, ClassAlreadySandboxed, FromSelf},
		{"nested, in its own words", -1, syscall.EPERM, "forbidden-sandbox-reinit", nil, ClassAlreadySandboxed, FromText},
		{"refused: nothing was there before", -1, syscall.EPERM, "", &no, ClassEPERM, FromErrno},
		{"refused, before unknown", -1, syscall.EPERM, "", nil, ClassEPERM, FromErrno},
		{"another errno in a sandbox", -1, syscall.EINVAL, "unbound variable: x", &yes, ClassErrno, FromErrno},
		{"EACCES", -1, syscall.EACCES, "", &no, ClassEACCES, FromErrno},
		{"no errno", -1, 0, "", &no, ClassUnknown, FromNothing},
	} {
		r := ReadApply(c.rc, c.errno, c.text, c.before)
		if r.Class != c.class || r.Source != c.source {
			t.Errorf("%s: %s by %s, want %s by %s", c.name, r.Class, r.Source, c.class, c.source)
		}
		if c.rc == 0 && r.Errno != 0 {
			t.Errorf("%s: errno %d", c.name, r.Errno)
		}
		if (r.Hint() != "") != (c.class == ClassAlreadySandboxed || c.class == ClassEPERM || c.text == "unbound variable: x") {
			t.Errorf("%s: hint %q", c.name, r.Hint())
		}
	}
}

func TestGate(t *testing.T) {
	for text, gated := range map[string]bool{
		"(version 1)(allow default)":                                           false,
		"(version 1)\n(allow mach-lookup (apply-message-filter (deny x)))":     true,
		"(version 1)\n(allow mach-lookup\n  ( apply-message-filter x))":        true,
		"(version 1) ; (apply-message-filter\n(allow default)":                 false,
		`(version 1)(allow mach-lookup (global-name "(apply-message-filter"))`: false,
		`(version 1)(deny x (path "a\"b")) (apply-message-filter)`:             true,
		`(version 1)(deny x (regex #"a\")) (apply-message-filter)`:             true,
		`(version 1)(deny x (path "unterminated ; (apply-message-filter`:       false,
		`(version 1)(deny x (path "ends in a backslash\`:                       false,
	} {
		if got := Gate(text); (got != "") != gated {
			t.Errorf("%s: %q", text, got)
		}
	}
}
