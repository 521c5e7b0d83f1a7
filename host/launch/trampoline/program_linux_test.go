package trampoline

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// executed is the variable by which this test's program knows that the
// trampoline executed it.
const executed = "TRAMPOLINE_EXECUTED"

func TestMain(m *testing.M) {
	if os.Getenv(executed) == "" {
		os.Exit(m.Run())
	}
	var files unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_NOFILE, &files)
	fmt.Println(os.Args, os.Environ(), files.Max, kind(FDControl) == unix.S_IFSOCK, kind(FDLife) == unix.S_IFIFO)
	os.Exit(7)
}

func kind(fd int) uint32 {
	var st unix.Stat_t
	unix.Fstat(fd, &st)
	return st.Mode & unix.S_IFMT
}

// entries are the two ways in which the program can start.
var entries = map[string]string{"Go's own entry": "-s -w", "without a runtime": "-s -w -E=hrhost_trampoline"}

func TestProgram(t *testing.T) {
	for name, flags := range entries {
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "trampoline")
			build := exec.Command("go", "build", "-ldflags="+flags, "-o", program, "../hrhost-trampoline")
			build.Env = append(os.Environ(), "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			t.Run("executes", func(t *testing.T) { executes(t, program) })
			t.Run("executes a path", func(t *testing.T) { executesPath(t, program) })
			t.Run("fails", func(t *testing.T) { fails(t, program) })
			t.Run("stands in", func(t *testing.T) { standsIn(t, program) })
		})
	}
}

// started is a trampoline that waits for its setup.
type started struct {
	*exec.Cmd
	control int // the host's end
	out     *bufio.Reader
	life    *os.File
}

func start(t *testing.T, program, binary string, args ...string) *started {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	child := os.NewFile(uintptr(fds[1]), "control")
	defer child.Close()
	bin, err := os.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer bin.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s := &started{Cmd: exec.Command(program, args...), control: fds[0], life: w}
	s.Env, s.ExtraFiles = []string{}, []*os.File{child, bin, null, r}
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.out = bufio.NewReader(out)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	unix.SetsockoptTimeval(s.control, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 60})
	t.Cleanup(func() {
		unix.Close(s.control)
		w.Close()
		s.Process.Kill()
		s.Wait()
	})
	return s
}

func (s *started) say(t *testing.T, b []byte) {
	t.Helper()
	if _, err := unix.Write(s.control, b); err != nil {
		t.Fatal(err)
	}
}

func (s *started) hear(t *testing.T) []byte {
	t.Helper()
	b := make([]byte, 4096)
	n, err := unix.Read(s.control, b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}

func packetOf(t *testing.T, s Setup) []byte {
	t.Helper()
	b, err := s.Packet()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// executes: the arguments, the environment and the limits are those of the setup,
// what is the trampoline's own is closed, and what is the plugin's is not.
func executes(t *testing.T, program string) {
	s := start(t, program, "/proc/self/exe")
	s.say(t, packetOf(t, Setup{Argv: []string{"name", "word"}, Env: []string{executed + "=1"}, Limits: []Limit{{unix.RLIMIT_NOFILE, 99}}}))
	if got := string(s.hear(t)); got != string([]byte{MsgSilent}) {
		t.Fatalf("%q", got)
	}
	s.say(t, []byte{MsgAck})
	line, err := s.out.ReadString('\n')
	if want := "[name word] [" + executed + "=1] 99 false true\n"; err != nil || line != want {
		t.Errorf("%q, %v, want %q", line, err, want)
	}
	if got := s.hear(t); len(got) > 0 {
		t.Errorf("after the exec it says %q", got)
	}
	if err := s.Wait(); s.ProcessState.ExitCode() != 7 {
		t.Errorf("%v", err)
	}
}

// executesPath: a command's limits stand, its exec is an ordinary one, of a script
// too, and nothing of the trampoline's is left in it.
func executesPath(t *testing.T, program string) {
	script := filepath.Join(t.TempDir(), "script")
	text := "#!/bin/sh\nulimit -Hn; grep NoNewPrivs /proc/self/status; echo $0 $1 $X; readlink /proc/$$/fd/3 /proc/$$/fd/4 /proc/$$/fd/5; exit 7\n"
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	s := start(t, program, os.DevNull)
	s.say(t, packetOf(t, Setup{Path: script, Argv: []string{"name", "word"}, Env: []string{"X=x", "PATH=/usr/bin:/bin"}, Limits: []Limit{{unix.RLIMIT_NOFILE, 99}}}))
	s.hear(t)
	s.say(t, []byte{MsgAck})
	out, err := io.ReadAll(s.out)
	if want := "99\nNoNewPrivs:\t0\n" + script + " word x\n"; err != nil || string(out) != want {
		t.Errorf("%q, %v, want %q", out, err, want)
	}
	if s.Wait(); s.ProcessState.ExitCode() != 7 {
		t.Errorf("%v", s.ProcessState)
	}
}

// fails: each step that can't be taken is named, with its error, and nothing is
// executed.
func fails(t *testing.T, program string) {
	good := Setup{Argv: []string{"name"}, Env: []string{executed + "=1"}}
	landlock, filter, limit := good, good, good
	limit.Limits = []Limit{{Resource: 1 << 10}}
	landlock.Landlock, filter.Program = true, make([]byte, 8) // the ruleset is /dev/null, the filter does not end in a return
	for name, tt := range map[string]struct {
		binary string
		setup  []byte
		acked  bool
		step   string
		errno  syscall.Errno
	}{
		"no setup":         {"/proc/self/exe", []byte("?"), false, "setup", syscall.EINVAL},
		"no such limit":    {"/proc/self/exe", packetOf(t, limit), false, "limits", syscall.EINVAL},
		"not a ruleset":    {"/proc/self/exe", packetOf(t, landlock), false, "landlock", syscall.EBADFD},
		"not a filter":     {"/proc/self/exe", packetOf(t, filter), false, "seccomp", syscall.EINVAL},
		"not a program":    {"program_linux_test.go", packetOf(t, good), true, "exec", syscall.EACCES},
		"no such path":     {os.DevNull, packetOf(t, Setup{Path: "/nowhere", Argv: []string{"x"}}), true, "exec", syscall.ENOENT},
		"not acknowledged": {"/proc/self/exe", packetOf(t, good), false, "handover", syscall.ECANCELED},
	} {
		s := start(t, program, tt.binary)
		s.say(t, tt.setup)
		switch {
		case tt.acked:
			s.hear(t)
			s.say(t, []byte{MsgAck})
		case name == "not acknowledged":
			s.hear(t)
			s.say(t, []byte("no"))
		}
		f, failed, err := ParseFailure(s.hear(t))
		if want := (Failure{tt.step, tt.errno}); !failed || err != nil || f != want {
			t.Errorf("%s: %+v, %v, %v, want %+v", name, f, failed, err, want)
		}
		if s.Wait(); s.ProcessState.ExitCode() != ExitFailed {
			t.Errorf("%s: %v", name, s.ProcessState)
		}
	}
}

// standsIn: idle ends by itself, hold with its life pipe.
func standsIn(t *testing.T, program string) {
	if err := start(t, program, os.DevNull, IdleArg).Wait(); err != nil {
		t.Error(err)
	}
	s := start(t, program, os.DevNull, HoldArg)
	ended := make(chan error, 1)
	go func() { ended <- s.Wait() }()
	select {
	case err := <-ended:
		t.Fatalf("it did not hold: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	s.life.Close()
	if err := <-ended; err != nil && !strings.Contains(err.Error(), "already") {
		t.Error(err)
	}
}
