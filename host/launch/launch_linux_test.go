package launch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/launch/trampoline"
	"github.com/hrhost/hrhost/internal/needs"
)

// The test binary is the trampoline, and the plugin too, under other names.
func TestMain(m *testing.M) {
	switch {
	case (os.Args[0] == "hrhost-trampoline" || os.Args[0] == playedName) && playsMac():
		trampoline.Mac(playedMac)
	case os.Args[0] == "hrhost-trampoline":
		trampoline.Main()
	case len(os.Args) > 2 && os.Args[1] == "plugin":
		plugin(os.Args[2:])
	}
	os.Exit(m.Run())
}

// plugin is what the launched process does, by its first argument.
func plugin(args []string) {
	switch args[0] {
	case "env":
		fmt.Println(os.Environ(), os.Getppid() > 0)
	case "limits":
		tellLimits()
	case "write":
		for _, p := range args[1:] {
			err := os.WriteFile(p, []byte("x"), 0o600)
			fmt.Println(p, errors.Is(err, os.ErrPermission), err == nil)
		}
	case "read":
		reading(args[1:])
	case "run":
		running(args[1:])
	case "around":
		around(args[1])
	case "fds":
		for fd := 0; fd < 64; fd++ {
			if name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)); err == nil {
				fmt.Printf("%d=%s\n", fd, name)
			}
		}
	case "segv":
		fmt.Fprintln(os.Stderr, "about to crash")
		var dfl [4]uintptr // struct kernel_sigaction with SIG_DFL: past the Go runtime's handler
		unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGSEGV), uintptr(unsafe.Pointer(&dfl)), 0, 8, 0, 0)
		unix.Kill(os.Getpid(), unix.SIGSEGV)
		time.Sleep(time.Minute)
	case "hang":
		fmt.Println("up")
		time.Sleep(time.Hour)
	case "grandchild": // leaves a process behind that left the group and holds stderr
		c := exec.Command("/proc/self/exe", "plugin", "hang")
		c.Stderr = os.Stderr
		c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := c.Start(); err != nil {
			fmt.Println(err)
		}
		fmt.Println(c.Process.Pid)
	case "connect":
		connecting(args[1])
	case "lasting":
		lastingCalls()
	case "relay":
		relay()
	case "nest":
		nest(args[1:])
	case "traced":
		traced()
	case "traced-orphan":
		tracedOrphan()
	case "tracer":
		tracer(args[1], args[2])
	case "traced-exit":
		trace(os.Getpid(), unix.PTRACE_O_TRACEEXIT)
	case "traced-thread":
		tracedThread()
	case "slack":
		n, _ := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
		fmt.Println(time.Duration(n))
	case "exit":
		n, _ := strconv.Atoi(args[1])
		os.Exit(n)
	}
	os.Exit(0)
}

var shared = sync.OnceValues(func() (*Launcher, error) { return NewLauncher("/proc/self/exe") })

// start launches the test binary as a plugin and returns it with its directory.
func start(t *testing.T, sealed bool, log io.Writer, args ...string) (*Process, *Dir) {
	t.Helper()
	l, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	bin, err := Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bin.Close() })
	d, err := NewDir("/tmp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Remove() })
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "SCRATCH", d.Scratch)
	}
	p, err := l.Start(Spec{Name: "test", Binary: bin, Args: append([]string{"plugin"}, args...), Env: []string{"ONLY=this"}, Dir: d, Sealed: sealed, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Kill(); p.WaitFor(time.Minute) })
	return p, d
}

// TestSlack: a plugin's timers may be late, and this process's own are as they
// were.
func TestSlack(t *testing.T) {
	p, _ := start(t, false, io.Discard, "slack")
	if got, want := output(t, p), pluginSlack.String(); got != want {
		t.Errorf("a plugin's slack is %q, want %q", got, want)
	}
	if own, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0); err != nil || time.Duration(own) == pluginSlack {
		t.Errorf("our own is %v, %v", time.Duration(own), err)
	}
}

func output(t *testing.T, p *Process) string {
	t.Helper()
	b, err := io.ReadAll(p.Stdout())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

func TestCleanEnvironment(t *testing.T) {
	p, _ := start(t, false, nil, "env")
	if got := output(t, p); got != "[ONLY=this] true" {
		t.Errorf("environment is %s", got)
	}
	if e := p.WaitFor(time.Minute); e.Code != 0 {
		t.Errorf("ended with %s", e)
	}
}

// TestManyDescriptors: the program is found by its number however many
// descriptors the host has open, even where one that is handed on (the recorder,
// here a low one) must be moved out of the way of another.
func TestManyDescriptors(t *testing.T) {
	l, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	bin, err := Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer bin.Close()
	dir, err := NewDir("/tmp")
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Remove()
	most := 80
	if testing.Short() {
		most = 16 // each start is slow under the race detector
	}
	for open := range most {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		p, err := l.Start(Spec{Name: "test", Binary: bin, Args: []string{"plugin", "exit", "7"}, Dir: dir, Recorder: os.Stdin})
		if err != nil {
			t.Fatalf("with %d descriptors more: %v", open+1, err)
		}
		if e := p.WaitFor(time.Minute); e.Code != 7 {
			t.Fatalf("with %d descriptors more: %s", open+1, e)
		}
	}
}

func TestInheritedDescriptors(t *testing.T) {
	p, _ := start(t, false, nil, "fds")
	for _, line := range strings.Split(output(t, p), "\n") {
		fd, name, _ := strings.Cut(line, "=")
		switch {
		case fd == "0" || fd == "1" || fd == "2": // standard streams
		case fd == "6" || fd == "7": // life pipe, the recorder's place
		case strings.HasPrefix(name, "anon_inode:") || strings.HasPrefix(name, "/sys/fs/cgroup/") || strings.HasPrefix(name, "/proc/"):
			// the Go runtime's own: epoll, eventfd, CPU limit, and this listing
		default:
			t.Errorf("descriptor %s leaked into the plugin: %s", fd, name)
		}
	}
}

// needLandlock ends a test of what Landlock fences off. Where sealing is required,
// so is the fence around it.
func needLandlock(t *testing.T) {
	t.Helper()
	if LandlockABI() == 0 {
		needs.Missing(t, needs.Seal, "no Landlock in this kernel")
	}
}

func TestWritesGoToScratchOnly(t *testing.T) {
	needLandlock(t)
	for _, sealed := range []bool{false, true} {
		outside := filepath.Join(t.TempDir(), "outside")
		p, d := start(t, sealed, nil, "write", "SCRATCH/in", outside, "/dev/null")
		want := fmt.Sprintf("%s/in false true\n%s true false\n/dev/null false true", d.Scratch, outside)
		if sealed { // the monitor opens it
			want = strings.Replace(want, "/dev/null false true", "/dev/null true false", 1)
		}
		if got := output(t, p); got != want {
			t.Errorf("sealed %v:\n%s\nwant\n%s", sealed, got, want)
		}
	}
}

func TestCrashIsNamed(t *testing.T) {
	var log bytes.Buffer
	p, _ := start(t, false, &log, "segv")
	e := p.WaitFor(time.Minute)
	if e.Signal != syscall.SIGSEGV || e.String() != "killed by SIGSEGV" || e.Killed {
		t.Errorf("ended with %+v", e)
	}
	if !strings.Contains(log.String(), "about to crash") {
		t.Errorf("log is %q", log.String())
	}
	if d := diagnose(p, ""); !strings.Contains(d, "killed by SIGSEGV before it was ready") || !strings.Contains(d, "about to crash") {
		t.Errorf("diagnosis: %s", d)
	}
}

func TestDeadlineKills(t *testing.T) {
	p, _ := start(t, false, nil, "hang")
	if e := p.WaitFor(50 * time.Millisecond); e.Signal != syscall.SIGKILL || !e.Killed {
		t.Errorf("ended with %+v", e)
	}
}

func TestGrandchildIsEnded(t *testing.T) {
	p, _ := start(t, false, nil, "grandchild")
	pid, err := strconv.Atoi(output(t, p))
	if err != nil {
		t.Fatal(err)
	}
	p.WaitFor(time.Minute)
	for end := time.Now().Add(time.Minute); unix.Kill(pid, 0) != unix.ESRCH; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the grandchild %d is still there", pid)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	plain, fifo, large := filepath.Join(dir, "plain"), filepath.Join(dir, "fifo"), filepath.Join(dir, "large")
	os.WriteFile(plain, []byte("x"), 0o644)
	err := errors.Join(unix.Mkfifo(fifo, 0o755), os.WriteFile(large, nil, 0o755), os.Truncate(large, MaxBinary+1))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none"): "no such file",
		plain:                      "not executable",
		dir:                        "not a regular file",
		fifo:                       "not a regular file",
		large:                      "more than the",
	} {
		_, err := Open(path)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%q) = %v, want %q", path, err, want)
		}
		if check := Check(path); check == nil || err == nil || check.Error() != err.Error() {
			t.Errorf("Check(%q) = %v, Open says %v", path, check, err)
		}
	}
}

func TestCheckReadsNothing(t *testing.T) {
	const size = 64 << 20
	path := filepath.Join(t.TempDir(), "large")
	if err := errors.Join(os.WriteFile(path, nil, 0o755), os.Truncate(path, size)); err != nil {
		t.Fatal(err)
	}
	before := bytesRead(t)
	if err := Check(path); err != nil {
		t.Error(err)
	}
	if n := bytesRead(t) - before; n > size/2 {
		t.Errorf("Check of %d bytes read %d", size, n)
	}
}

// bytesRead is how much this process has read so far.
func bytesRead(t *testing.T) int64 {
	b, err := os.ReadFile("/proc/self/io")
	if err != nil {
		needs.Missing(t, needs.Seal, err.Error())
	}
	var n int64
	if _, err := fmt.Sscanf(string(b), "rchar: %d", &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNotAProgram(t *testing.T) {
	l, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "junk")
	os.WriteFile(path, []byte("not a program"), 0o755)
	bin, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := NewDir("/tmp")
	defer d.Remove()
	_, err = l.Start(Spec{Name: "junk", Binary: bin, Dir: d})
	var le *Error
	if !errors.As(err, &le) || le.Step != "exec" || !errors.Is(err, syscall.ENOEXEC) || le.Hint == "" {
		t.Errorf("got %v", err)
	}
}

func TestChangedAfterHashing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "self")
	b, _ := os.ReadFile("/proc/self/exe")
	os.WriteFile(path, b, 0o755)
	bin, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(path, []byte("#!/bin/false\n"), 0o755) // what is run is what was hashed
	l, _ := shared()
	d, _ := NewDir("/tmp")
	defer d.Remove()
	p, err := l.Start(Spec{Name: "self", Binary: bin, Args: []string{"plugin", "exit", "7"}, Dir: d})
	if err != nil {
		t.Fatal(err)
	}
	if e := p.WaitFor(time.Minute); e.Code != 7 {
		t.Errorf("ended with %s", e)
	}
}

func TestTooLongSocketDirectory(t *testing.T) {
	parent := filepath.Join(t.TempDir(), strings.Repeat("x", 60))
	os.Mkdir(parent, 0o700)
	_, err := NewDir(parent)
	var le *Error
	if !errors.As(err, &le) || !strings.Contains(err.Error(), "the limit is 103") {
		t.Errorf("got %v", err)
	}
}

func TestNoDescriptorsLeak(t *testing.T) {
	run := func() {
		p, _ := start(t, true, nil, "exit", "0")
		p.WaitFor(time.Minute)
	}
	run()
	before := openFiles(t)
	for range 5 {
		run()
	}
	if after := openFiles(t); after > before+5 { // each run's Binary is closed at the end of the test
		t.Errorf("%d descriptors before, %d after 5 launches", before, after)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	e, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(e)
}
