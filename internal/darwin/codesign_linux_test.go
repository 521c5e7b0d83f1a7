package darwin

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

func TestSignature(t *testing.T) {
	fake(t)
	for pid, want := range map[int]struct{ flags, entitlements, detail string }{
		42: {"valid, adhoc, linker_signed", "com.example.one=true", ""},
		43: {"valid, adhoc, linker_signed", strings.Repeat("n", 100_000) + "=true", ""},
		44: {"valid, adhoc, linker_signed", "none", ""},
		45: {"valid, adhoc, linker_signed", "none", ""},
		46: {"none", "none", "not valid"},
		47: {"valid, adhoc, linker_signed", "none", "a blob of 65536 bytes in a buffer of 16384"},
		// no such process
		1003: {"none", "none", "asking for a signature: csops returned -1: no such process"},
	} {
		s := signatureOf(pid)
		if s.Flags.String() != want.flags || s.String() != want.entitlements || !strings.Contains(s.Detail, want.detail) || (s.Detail == "") != (want.detail == "") {
			t.Errorf("process %d: %s; %.60s; %q", pid, s.Flags, s, s.Detail)
		}
	}
	if _, err := blob(1001, opEntitlements); !errors.Is(err, syscall.EPERM) {
		t.Errorf("got %v", err)
	}
}
