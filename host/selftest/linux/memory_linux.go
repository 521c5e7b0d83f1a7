package linux

import (
	"fmt"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
)

var memoryExperiments = []*selftest.Experiment{
	{Fact: "memory.read", Run: memoryRead, Roles: map[string]func(*selftest.Part){"hold": holdMemory}},
	{Fact: "memory.write", Run: memoryWrite, Roles: map[string]func(*selftest.Part){"hold": holdMemory}},
}

// holdMemory keeps a page with nothing mapped behind it and "secret" at its end,
// and a page that it may not write itself. It tells where they are, and on
// demand what is in the first.
func holdMemory(p *selftest.Part) {
	size := unix.Getpagesize()
	m, err := unix.MmapPtr(-1, 0, nil, uintptr(3*size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	p.Must(err, "mapping memory")
	_, _, e := unix.Syscall(unix.SYS_MUNMAP, uintptr(m)+uintptr(size), uintptr(size), 0)
	if e != 0 {
		p.Must(e, "unmapping memory")
	}
	_, _, e = unix.Syscall(unix.SYS_MPROTECT, uintptr(m)+uintptr(2*size), uintptr(size), unix.PROT_READ)
	if e != 0 {
		p.Must(e, "protecting memory")
	}
	secret := unsafe.Slice((*byte)(unsafe.Add(m, size-6)), 6)
	copy(secret, "secret")
	p.Say("%d", uintptr(unsafe.Pointer(&secret[0])))
	p.Say("%d", uintptr(m)+uintptr(2*size))
	for _, more := p.Await(); more; _, more = p.Await() {
		p.Say("%s", secret)
	}
}

// held starts that process and reads where its memory is.
func held(t *selftest.Trial) (h *selftest.Helper, end, protected uintptr) {
	h = t.Part("hold")
	a, err := strconv.ParseUint(h.Line(), 10, 64)
	t.Must(err, "reading an address")
	b, err := strconv.ParseUint(h.Line(), 10, 64)
	t.Must(err, "reading an address")
	return h, uintptr(a), uintptr(b)
}

func transfer(call uintptr, pid int, at uintptr, buf []byte) (int, unix.Errno) {
	local := unix.Iovec{Base: &buf[0]}
	local.SetLen(len(buf))
	remote := unix.RemoteIovec{Base: at, Len: len(buf)}
	n, _, e := unix.Syscall6(call, uintptr(pid), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
	return int(n), e
}

func memoryRead(t *selftest.Trial) selftest.Verdict {
	h, end, _ := held(t)
	buf := make([]byte, 16)
	n, e := transfer(unix.SYS_PROCESS_VM_READV, h.Process.Pid, end, buf)
	_, beyond := transfer(unix.SYS_PROCESS_VM_READV, h.Process.Pid, end+6, buf[8:])
	return selftest.Check("16 bytes were asked for, the 6 before the unmapped page came",
		selftest.Finding{What: "reading", Got: e, Want: unix.Errno(0)},
		selftest.Finding{What: "what came", Got: string(buf[:max(n, 0)]), Want: "secret"},
		selftest.Finding{What: "reading the unmapped page", Got: beyond, Want: unix.EFAULT},
	)
}

func memoryWrite(t *selftest.Trial) selftest.Verdict {
	h, end, protected := held(t)
	_, e := transfer(unix.SYS_PROCESS_VM_WRITEV, h.Process.Pid, end, []byte("public"))
	_, refused := transfer(unix.SYS_PROCESS_VM_WRITEV, h.Process.Pid, protected, []byte("public"))
	h.Say("what is it?")
	line := h.Line()
	return selftest.Check(fmt.Sprintf("the process reads %q; its read-only page answered EFAULT", line),
		selftest.Finding{What: "writing", Got: e, Want: unix.Errno(0)},
		selftest.Finding{What: "what the process reads", Got: line, Want: "public"},
		selftest.Finding{What: "writing a read-only page", Got: refused, Want: unix.EFAULT},
	)
}
