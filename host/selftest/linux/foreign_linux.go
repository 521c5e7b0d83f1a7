package linux

import (
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
)

var foreignExperiments = []*selftest.Experiment{{Fact: "seccomp.foreign", Run: foreign, Roles: map[string]func(*selftest.Part){"exec": foreignRole}}}

// archOffset is where struct seccomp_data has the architecture.
const archOffset = 4

// foreignRole executes a program that makes an i386 call of a number that no
// call has; with "filtered", under a filter that answers 77 to what is i386.
func foreignRole(p *selftest.Part) {
	if p.Args[0] == "filtered" {
		_, e := install(ifEqual(archOffset, unix.AUDIT_ARCH_I386, unix.SECCOMP_RET_ERRNO|77), 0)
		if e != 0 {
			p.Must(e, "putting a filter on")
		}
	}
	f, err := memfd(tinyProgram(foreignExit))
	p.Must(err, "making a memfd")
	ro, err := freeze(f)
	p.Must(err, "sealing it")
	f.Close()
	p.Must(execFD(ro), "executing it")
}

func foreign(t *selftest.Trial) selftest.Verdict {
	if runtime.GOARCH != "amd64" {
		return selftest.NotHere("int 0x80 is a call of x86")
	}
	native := t.Part("exec", "native").End()
	if native == -int(syscall.SIGSEGV) {
		return selftest.NotHere("this kernel has no i386 calls: int 0x80 ends in SIGSEGV")
	}
	return selftest.Check("without a filter ENOSYS, with one the filter's answer to i386",
		selftest.Finding{What: "without a filter", Got: native, Want: int(unix.ENOSYS)},
		selftest.Finding{What: "with a filter", Got: t.Part("exec", "filtered").End(), Want: 77},
	)
}
