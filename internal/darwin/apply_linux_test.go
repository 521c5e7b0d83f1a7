package darwin

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/internal/seatbelt"
)

func TestApply(t *testing.T) {
	fake(t)
	onThread(t)
	for _, c := range []struct {
		name   string
		sbpl   string
		before bool
		class  seatbelt.ErrClass
		errno  syscall.Errno
	}{
		{"applied", "(version 1)", false, seatbelt.ClassOK, 0},
		{"refused", "(version 1)(refused)", false, seatbelt.ClassEPERM, syscall.EPERM},
		{"nested", "(version 1)(refused)", true, seatbelt.ClassAlreadySandboxed, syscall.EPERM},
		{"not a profile", "(nonsense)", false, seatbelt.ClassErrno, syscall.EINVAL},
		{"not text", "\x00", false, seatbelt.ClassUnknown, 0},
	} {
		sandboxed := 0
		if c.before {
			sandboxed = os.Getpid()
		}
		tell(t, "sandbox_process", uintptr(sandboxed))
		r := Apply(c.sbpl, nil)
		if r.Class != c.class || r.Errno != c.errno || r.API != "sandbox_init_with_parameters" {
			t.Errorf("%s: %+v", c.name, r)
		}
		if c.class == seatbelt.ClassErrno && !strings.Contains(r.Errbuf, "unbound variable") {
			t.Errorf("%s: %q", c.name, r.Errbuf)
		}
		tell(t, "forget_applied")
	}
	tell(t, "sandbox_process", 0)
}
