package launch

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/enforce/lasting"
	"github.com/hrhost/hrhost/internal/needs"
)

// startAs launches the test binary as a plugin under a Spec.
func startAs(t *testing.T, spec Spec, args ...string) *Process {
	t.Helper()
	l := must(shared())(t)
	spec.Name, spec.Args = "test", append([]string{"plugin"}, args...)
	spec.Binary, spec.Dir = must(Open("/proc/self/exe"))(t), must(NewDir("/tmp"))(t)
	t.Cleanup(func() { spec.Binary.Close(); spec.Dir.Remove() })
	p := must(l.Start(spec))(t)
	t.Cleanup(func() { p.Kill(); p.WaitFor(time.Minute) })
	return p
}

// connecting tries to reach an abstract socket.
func connecting(name string) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		err = unix.Connect(fd, &unix.SockaddrUnix{Name: name})
	}
	fmt.Println(err)
}

// TestAbstractSocketsStayInside: in no lane does a process reach the abstract
// socket of another one, also where it may signal everybody.
func TestAbstractSocketsStayInside(t *testing.T) {
	if LandlockABI() < MinScopes {
		needs.Missing(t, needs.Seal, "Landlock has no scopes here")
	}
	name := fmt.Sprintf("@hrhost.launch.%d", os.Getpid())
	l := must(net.Listen("unix", name))(t)
	defer l.Close()
	c := must(net.Dial("unix", name))(t) // without a domain it is reached
	c.Close()
	for what, spec := range map[string]Spec{
		"baseline": {}, "baseline that signals": {Signals: true}, "sealed": {Sealed: true},
	} {
		if got, want := output(t, startAs(t, spec, "connect", name)), unix.EPERM.Error(); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
}

// lastingCalls makes every call of objects that would outlive this process, with
// arguments that mean nothing.
func lastingCalls() {
	none := ^uintptr(0)
	for _, c := range lasting.Calls {
		_, _, e := unix.RawSyscall6(uintptr(c.Number), none, none, none, none, none, none)
		fmt.Println(c.Name, unix.ErrnoName(e))
	}
}

// TestNothingLasts: a baseline can't use what would outlive it.
func TestNothingLasts(t *testing.T) {
	if got := must(shared())(t).Containment().Lasting; got != Refused {
		needs.Missing(t, needs.Seal, got)
	}
	got := output(t, startAs(t, Spec{}, "lasting"))
	for _, c := range lasting.Calls {
		if want := c.Name + " EACCES\n"; !strings.Contains(got+"\n", want) {
			t.Errorf("want %q in\n%s", want, got)
		}
	}
}

// TestWrapperUntouched: nothing of ours that a wrapper could not take off again
// lies over it.
func TestWrapperUntouched(t *testing.T) {
	p, _, err := wrapped(t, "sh", "-c", "{plugin} plugin lasting; grep -E 'NoNewPrivs|Seccomp:' /proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	own := must(exec.Command("grep", "-E", "NoNewPrivs|Seccomp:", "/proc/self/status").Output())(t)
	got := output(t, p)
	if !strings.HasSuffix(got, strings.TrimSpace(string(own))) {
		t.Errorf("want this process's own %q at the end of\n%s", own, got)
	}
	if strings.Contains(got, "shmdt EACCES") {
		t.Errorf("refused under a wrapper:\n%s", got)
	}
}
