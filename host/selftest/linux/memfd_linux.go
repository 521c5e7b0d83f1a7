package linux

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
)

var memfdExperiments = []*selftest.Experiment{
	{Fact: "memfd.seals", Run: seals},
	{Fact: "memfd.exec", Run: execSealed, Roles: map[string]func(*selftest.Part){"exec": execRole}},
	{Fact: "memfd.shared", Run: shared, Roles: map[string]func(*selftest.Part){"write": sharedWriter}},
}

const allSeals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

// freeze seals a memfd and gives a read-only descriptor of it.
func freeze(f *os.File) (*os.File, error) {
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, allSeals); err != nil {
		return nil, err
	}
	return os.Open(fmt.Sprintf("/proc/self/fd/%d", f.Fd()))
}

func errno(err error) unix.Errno {
	if e, ok := err.(unix.Errno); ok {
		return e
	}
	return 0
}

func seals(t *selftest.Trial) selftest.Verdict {
	f, err := memfd([]byte("hashed"))
	t.Must(err, "making a memfd")
	_, before := unix.Pwrite(int(f.Fd()), []byte("H"), 0)
	ro, err := freeze(f)
	t.Must(err, "sealing it")
	writable, reopened := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", ro.Fd()), os.O_RDWR, 0)
	var again error
	if reopened == nil {
		_, again = unix.Pwrite(int(writable.Fd()), []byte("x"), 0)
	}
	_, write := unix.Pwrite(int(f.Fd()), []byte("x"), 0)
	_, seal := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_WRITE)
	_, mapped := unix.Mmap(int(f.Fd()), 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	text := make([]byte, 16)
	n, _ := ro.ReadAt(text, 0)
	return selftest.Check("EPERM for writing, cutting, growing, mapping for writing and sealing again; the bytes stayed",
		selftest.Finding{What: "writing before", Got: errno(before), Want: unix.Errno(0)},
		selftest.Finding{What: "writing", Got: errno(write), Want: unix.EPERM},
		selftest.Finding{What: "writing by a new descriptor", Got: reopened != nil || errno(again) == unix.EPERM, Want: true},
		selftest.Finding{What: "cutting", Got: errno(unix.Ftruncate(int(f.Fd()), 1)), Want: unix.EPERM},
		selftest.Finding{What: "growing", Got: errno(unix.Ftruncate(int(f.Fd()), 100)), Want: unix.EPERM},
		selftest.Finding{What: "sealing again", Got: errno(seal), Want: unix.EPERM},
		selftest.Finding{What: "mapping for writing", Got: errno(mapped), Want: unix.EPERM},
		selftest.Finding{What: "bytes", Got: string(text[:n]), Want: "Hashed"},
	)
}

// execRole executes a tiny program out of a memfd: while it is opened for writing
// too when that is its argument. The memfd's first descriptor does not count as
// one that was opened.
func execRole(p *selftest.Part) {
	f, err := memfd(tinyProgram(exit42[runtime.GOARCH]))
	p.Must(err, "making a memfd")
	if p.Args[0] == "writable" {
		writer, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", f.Fd()), os.O_RDWR, 0)
		p.Must(err, "opening it for writing")
		p.Say("%v", execFD(f))
		runtime.KeepAlive(writer) // or it could be closed before
		return
	}
	ro, err := freeze(f)
	p.Must(err, "sealing it")
	p.Must(f.Close(), "closing it")
	p.Say("%v", execFD(ro))
}

// execFD executes the program behind a descriptor; it returns when that failed.
func execFD(f *os.File) unix.Errno {
	empty, name := []byte{0}, []byte("tiny\x00")
	argv := []*byte{&name[0], nil}
	envp := []*byte{nil}
	_, _, e := unix.RawSyscall6(unix.SYS_EXECVEAT, f.Fd(), uintptr(unsafe.Pointer(&empty[0])),
		uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&envp[0])), unix.AT_EMPTY_PATH, 0)
	return e
}

func execSealed(t *selftest.Trial) selftest.Verdict {
	if exit42[runtime.GOARCH] == nil {
		return selftest.NotHere("there is no program for %s to execute", runtime.GOARCH)
	}
	sealed, writable := t.Part("exec", "sealed"), t.Part("exec", "writable")
	said, refused := sealed.Line(), writable.Line()
	return selftest.Check("the sealed program ran and exited with 42; one open for writing answered ETXTBSY",
		selftest.Finding{What: "a failure of executing it", Got: said, Want: ""},
		selftest.Finding{What: "its exit status", Got: sealed.End(), Want: 42},
		selftest.Finding{What: "open for writing", Got: refused, Want: unix.ETXTBSY.Error()},
		selftest.Finding{What: "its process", Got: writable.End(), Want: 0},
	)
}

const sharedSize = 4096

func sharedWriter(p *selftest.Part) {
	m, err := unix.Mmap(3, 0, sharedSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	p.Must(err, "mapping the memory")
	copy(m, "noted")
	p.Say("wrote, and cutting answers %v", unix.Ftruncate(3, 0))
	p.Await() // it is killed
}

func shared(t *selftest.Trial) selftest.Verdict {
	f, err := memfd(make([]byte, sharedSize))
	t.Must(err, "making a memfd")
	_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL)
	t.Must(err, "sealing its size")
	m, err := unix.Mmap(int(f.Fd()), 0, sharedSize, unix.PROT_READ, unix.MAP_SHARED)
	t.Must(err, "mapping the memory")
	cmd := t.Command("write")
	cmd.ExtraFiles = []*os.File{f}
	h := t.Start(cmd)
	line := h.Line()
	h.Kill()
	return selftest.Check("the killed writer's word is there; its try to cut the memory answered EPERM",
		selftest.Finding{What: "the writer", Got: line, Want: "wrote, and cutting answers " + unix.EPERM.Error()},
		selftest.Finding{What: "what is read", Got: string(m[:5]), Want: "noted"},
	)
}
