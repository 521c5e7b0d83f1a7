package linux

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/selftest"
)

var landlockExperiments = []*selftest.Experiment{
	{Fact: "landlock.abi", Run: landlockABI},
	{Fact: "landlock.writes", Run: landlockWrites, Roles: map[string]func(*selftest.Part){"write": tellWriting}},
	{Fact: "landlock.no-rule", Run: landlockNoRule},
	{Fact: "landlock.neighbours", Run: landlockNeighbours},
	{Fact: "landlock.scopes", Run: landlockScopes, Roles: map[string]func(*selftest.Part){"scoped": scoped, "hold": hold}},
	{Fact: "landlock.tracing", Run: landlockTracing, Roles: map[string]func(*selftest.Part){"hold": hold}},
}

const (
	readFile  = unix.LANDLOCK_ACCESS_FS_READ_FILE
	writeFile = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE
)

// restrict puts a domain on the calling thread in which the handled rights are
// granted below dirs only, each of which may be a file.
func restrict(handled, scoped uint64, dirs ...string) error {
	attr := unix.LandlockRulesetAttr{Handled_access_fs: handled, Scoped: scoped}
	size := unsafe.Offsetof(attr.Handled_access_net) // the struct of ABI 1
	if scoped != 0 {
		size = unsafe.Offsetof(attr.Quiet_access_fs) // the struct of ABI 6
	}
	fd, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), size, 0)
	if e != 0 {
		return fmt.Errorf("making a ruleset: %w", e)
	}
	defer unix.Close(int(fd))
	for _, dir := range dirs {
		if err := grant(fd, handled, dir); err != nil {
			return fmt.Errorf("adding a rule for %s: %w", dir, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if _, _, e := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); e != 0 {
		return fmt.Errorf("entering a domain: %w", e)
	}
	return nil
}

func grant(ruleset uintptr, access uint64, path string) error {
	at, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(at)
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		access &^= unix.LANDLOCK_ACCESS_FS_READ_DIR
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(at)}
	if _, _, e := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, ruleset, unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); e != 0 {
		return e
	}
	return nil
}

// inDomain does f on a thread in such a domain, or says that there is no
// Landlock here.
func inDomain(t *selftest.Trial, handled uint64, f func() selftest.Verdict, dirs ...string) (v selftest.Verdict) {
	if launch.LandlockABI() < 1 {
		return selftest.NotHere("there is no Landlock here")
	}
	onThread(func() {
		t.Must(restrict(handled, 0, dirs...), "using Landlock")
		v = f()
	})
	return v
}

func landlockABI(*selftest.Trial) selftest.Verdict {
	n, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e == unix.ENOSYS || e == unix.EOPNOTSUPP {
		return selftest.NotHere("there is no Landlock here (%v): runs record it and are not promotable", e)
	}
	word := "with scopes"
	if int(n) < launch.MinScopes {
		word = "without scopes: runs record it and are not promotable"
	}
	// A ruleset with a scope can be made where the ABI says so, and only there.
	attr := unix.LandlockRulesetAttr{Scoped: unix.LANDLOCK_SCOPE_SIGNAL}
	fd, _, made := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Offsetof(attr.Quiet_access_fs), 0)
	if made == 0 {
		unix.Close(int(fd))
	}
	return selftest.Check(fmt.Sprintf("ABI %d, %s", n, word),
		selftest.Finding{What: "asking", Got: e, Want: unix.Errno(0)},
		selftest.Finding{What: "the launcher's reading", Got: launch.LandlockABI(), Want: int(n)},
		selftest.Finding{What: "a scope is taken", Got: made == 0, Want: int(n) >= launch.MinScopes},
	)
}

// try makes a file and says what came of it.
func try(path string) string {
	err := os.WriteFile(path, nil, 0o600)
	if err == nil {
		return "made"
	}
	return unix.ErrnoName(err.(*os.PathError).Err.(unix.Errno))
}

func tellWriting(p *selftest.Part) { p.Say("%s %s", try(p.Args[0]), try(p.Args[1])) }

func landlockWrites(t *selftest.Trial) selftest.Verdict {
	in, out := filepath.Join(t.Dir, "in"), filepath.Join(t.Dir, "out")
	t.Must(os.Mkdir(in, 0o700), "making a directory")
	t.Must(os.Mkdir(out, 0o700), "making a directory")
	before := try(filepath.Join(out, "before"))
	return inDomain(t, writeFile, func() selftest.Verdict {
		_, reading := os.ReadFile(filepath.Join(out, "before"))
		return selftest.Check("made inside, EACCES outside, for the thread and for what it executed",
			selftest.Finding{What: "outside, before", Got: before, Want: "made"},
			selftest.Finding{What: "inside", Got: try(filepath.Join(in, "one")), Want: "made"},
			selftest.Finding{What: "outside", Got: try(filepath.Join(out, "one")), Want: "EACCES"},
			selftest.Finding{What: "reading outside", Got: reading, Want: nil},
			selftest.Finding{What: "executed", Got: t.Part("write", filepath.Join(in, "two"), filepath.Join(out, "two")).Line(), Want: "made EACCES"},
		)
	}, in)
}

// open opens a file or a directory for reading and says what came of it.
func open(path string) string {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return unix.ErrnoName(err.(unix.Errno))
	}
	unix.Close(fd)
	return "open"
}

func landlockNoRule(t *selftest.Trial) selftest.Verdict {
	t.Must(os.WriteFile(filepath.Join(t.Dir, "file"), nil, 0o600), "writing a file")
	const name = "/proc/sys/kernel/ostype"
	before := open(name)
	return inDomain(t, readFile, func() selftest.Verdict {
		return selftest.Check("a granted file opened; a name of /proc opened before and then answered EACCES",
			selftest.Finding{What: "/proc before", Got: before, Want: "open"},
			selftest.Finding{What: "/proc", Got: open(name), Want: "EACCES"},
			selftest.Finding{What: "a granted file", Got: open(filepath.Join(t.Dir, "file")), Want: "open"},
		)
	}, t.Dir)
}

// landlockNeighbours grants what is beside a directory, one by one, and neither
// it nor what is above it.
func landlockNeighbours(t *selftest.Trial) selftest.Verdict {
	at := func(name string) string { return filepath.Join(t.Dir, name) }
	for _, dir := range []string{"way/fenced", "way/beside"} {
		t.Must(os.MkdirAll(at(dir), 0o700), "making a directory")
		t.Must(os.WriteFile(at(dir+"/file"), nil, 0o600), "writing a file")
	}
	t.Must(os.WriteFile(at("way/file"), nil, 0o600), "writing a file")
	t.Must(os.Symlink(at("way/fenced/file"), at("way/beside/link")), "making a link")
	before := open(at("way/fenced/file"))
	return inDomain(t, readFile|unix.LANDLOCK_ACCESS_FS_READ_DIR, func() selftest.Verdict {
		t.Must(os.WriteFile(at("way/late"), nil, 0o600), "writing a file")
		t.Must(os.WriteFile(at("way/beside/late"), nil, 0o600), "writing a file")
		return selftest.Check("the neighbours opened, EACCES for the directory, by a link too, and for the way to it",
			selftest.Finding{What: "fenced, before", Got: before, Want: "open"},
			selftest.Finding{What: "a file of the fenced directory", Got: open(at("way/fenced/file")), Want: "EACCES"},
			selftest.Finding{What: "the fenced directory", Got: open(at("way/fenced")), Want: "EACCES"},
			selftest.Finding{What: "a link to its file", Got: open(at("way/beside/link")), Want: "EACCES"},
			selftest.Finding{What: "by dots", Got: open(at("way") + "/beside/../fenced/file"), Want: "EACCES"},
			selftest.Finding{What: "a neighbour's file", Got: open(at("way/beside/file")), Want: "open"},
			selftest.Finding{What: "a neighbour", Got: open(at("way/beside")), Want: "open"},
			selftest.Finding{What: "a file beside", Got: open(at("way/file")), Want: "open"},
			selftest.Finding{What: "a later file of a neighbour", Got: open(at("way/beside/late")), Want: "open"},
			selftest.Finding{What: "a later file beside", Got: open(at("way/late")), Want: "EACCES"},
			selftest.Finding{What: "the way", Got: open(at("way")), Want: "EACCES"},
		)
	}, at("way/beside"), at("way/file"))
}

// scoped enters a domain with both scopes, and says what a signal to its own
// child, one to a stranger and an abstract socket answer.
func scoped(p *selftest.Part) {
	p.Must(restrict(0, unix.LANDLOCK_SCOPE_SIGNAL|unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET), "using Landlock")
	child := p.Command("hold")
	in, err := child.StdinPipe()
	p.Must(err, "making a pipe")
	p.Must(child.Start(), "starting a child")
	defer in.Close()
	word := func(err error) string {
		if err == nil {
			return "success"
		}
		return unix.ErrnoName(err.(unix.Errno))
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	p.Must(err, "making a socket")
	connect := unix.Connect(fd, &unix.SockaddrUnix{Name: p.Args[0]})
	p.Say("child %s, stranger %s, abstract socket %s", word(unix.Kill(child.Process.Pid, 0)), word(unix.Kill(os.Getppid(), 0)), word(connect))
}

func landlockScopes(t *selftest.Trial) selftest.Verdict {
	if abi := launch.LandlockABI(); abi < launch.MinScopes {
		return selftest.NotHere("scopes came with ABI %d; this is %d", launch.MinScopes, abi)
	}
	name := fmt.Sprintf("@hrhost-selftest-%d", os.Getpid())
	l, err := net.Listen("unix", name)
	t.Must(err, "listening")
	defer l.Close()
	c, err := net.Dial("unix", name)
	t.Must(err, "connecting without a domain")
	c.Close()
	line := t.Part("scoped", name).Line()
	return selftest.Check(line, selftest.Finding{What: "answers", Got: line, Want: "child success, stranger EPERM, abstract socket EPERM"})
}

// look says what reading four files of another process answers: its memory,
// which is only opened, its I/O, its environment and what it has mapped.
func look(pid int) (said [4]string) {
	for i, name := range []string{"mem", "io", "environ", "maps"} {
		f, err := os.Open(fmt.Sprintf("/proc/%d/%s", pid, name))
		if err == nil && name != "mem" {
			_, err = f.Read(make([]byte, 1))
		}
		f.Close()
		said[i] = "read"
		if err != nil {
			said[i] = unix.ErrnoName(err.(*os.PathError).Err.(unix.Errno))
		}
	}
	return said
}

// landlockTracing expects environment and maps to be readable where this process
// may watch others' performance: newer kernels take that for a right to read.
func landlockTracing(t *selftest.Trial) selftest.Verdict {
	h := t.Part("hold")
	h.Line()
	before := look(h.Process.Pid)
	rest := "EACCES"
	return inDomain(t, writeFile, func() selftest.Verdict {
		after := look(h.Process.Pid)
		if mayWatch() && after[2] == "read" {
			rest = "read"
		}
		return selftest.Check(fmt.Sprintf("mem, io, environ and maps: %s before, %s in a domain", before, after),
			selftest.Finding{What: "mem, io, environ and maps before", Got: before, Want: [4]string{"read", "read", "read", "read"}},
			selftest.Finding{What: "mem, io, environ and maps in a domain", Got: after, Want: [4]string{"EACCES", "EACCES", rest, rest}},
		)
	}, t.Dir)
}

// mayWatch says whether this process has CAP_PERFMON or CAP_SYS_ADMIN.
func mayWatch() bool {
	caps, _ := strconv.ParseUint(status("/proc/self/status", "CapEff"), 16, 64)
	return caps&(1<<unix.CAP_PERFMON|1<<unix.CAP_SYS_ADMIN) != 0
}
