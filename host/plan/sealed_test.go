package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSealable: a plugin that seals itself on macOS must keep its own system calls.
func TestSealable(t *testing.T) {
	const denies = "denies the plugin's own system calls SYS_read, SYS_write, SYS_kevent once it is sealed"
	const three = "(version 3)\n(deny default)\n"
	for _, c := range []struct {
		name, profile, settings, os, release string
		refusal                              string // "" for none
	}{
		{"version 3", three, "", MacOS, "15", denies + ", so that no probe can report (p.sb:2:1: (deny default))"},
		{"version 2", "(version 2)(deny default)", "", MacOS, "14", denies},
		{"calls that may be inferred", three, "", MacOS, "26", "(p.sb:2:1: (deny default), and the library of (version 3), macOS 26 may add"},
		{"by name", "(version 1)(allow default)(deny syscall-unix)", "", MacOS, "15", denies},
		{"one call", "(version 1)(allow default)(deny syscall-unix (syscall-number SYS_kevent))", "", MacOS, "15", "own system calls SYS_kevent once"},
		{"another call", "(version 1)(allow default)(deny syscall-unix (syscall-number SYS_ptrace))", "", MacOS, "15", ""},
		{"allowed at large", three + "(allow syscall*)", "", MacOS, "26", ""},
		{"allowed by number", three + "(disable-syscall-inference)(allow syscall-unix (syscall-number SYS_read SYS_write SYS_kevent))", "", MacOS, "26", ""},
		{"version 1", "(version 1)(deny default)", "", MacOS, "15", ""},
		{"an old release", "(version 1)(deny default)", "", MacOS, "10.14", ""},
		{"sealed at exec", three, "seal = \"exec\"", MacOS, "15", ""}, // a denial of the launch, which is a lane of its own
		{"on Linux", three, "", Linux, "", ""},
	} {
		read := func(name string) ([]byte, error) {
			if filepath.Base(name) == "p.sb" {
				return []byte(c.profile), nil
			}
			return nil, os.ErrNotExist
		}
		_, err := Parse("plan.toml", []byte(profileWith(c.settings, good)), read, Options{OS: c.os, Release: c.release})
		switch {
		case c.refusal == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.refusal != "" && (err == nil || !strings.Contains(err.Error(), c.refusal) || !strings.Contains(err.Error(), "add (allow syscall*)")):
			t.Errorf("%s: %v, want %s", c.name, err, c.refusal)
		}
	}
}
