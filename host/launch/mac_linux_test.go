package launch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/launch/trampoline"
	"github.com/hrhost/hrhost/internal/seatbelt"
)

// playedName is argv[0] of the trampoline of these tests once it is executed again.
const playedName = "played-mac-trampoline"

// playsMac tells this process, started as a trampoline, that it is macOS's: its talk
// with the host is a stream.
func playsMac() bool {
	kind, err := unix.GetsockoptInt(trampoline.FDControl, unix.SOL_SOCKET, unix.SO_TYPE)
	return os.Args[0] == playedName || err == nil && kind == unix.SOCK_STREAM
}

// playedMap is the size of a process's map on a Mac with arm64: XNU reserves the GPU
// carve-out in each (osfmk/arm64/machine_routines.c vm_reserved_regions,
// osfmk/mach/arm/vm_param.h), 384 GiB.
const playedMap = 384 << 30

// playedMac plays setrlimit as XNU's bsd/kern/kern_resource.c dosetrlimit answers it:
// a data limit below the size of the map is EINVAL (osfmk/vm/vm_map.c
// vm_map_set_data_limit). Other limits are really set. Each call is written down in
// the working directory, the plugin's scratch directory.
var playedMac = trampoline.System{
	Getrlimit: unix.Getrlimit,
	Setrlimit: func(resource int, limit *unix.Rlimit) error {
		played("setrlimit %d %d", resource, limit.Cur)
		if resource == unix.RLIMIT_DATA && limit.Cur < playedMap {
			return unix.EINVAL
		}
		return unix.Setrlimit(resource, limit)
	},
	Apply: func(sbpl string, _ map[string]string) seatbelt.ApplyReport {
		played("apply %s", sbpl)
		return seatbelt.ReadApply(0, 0, "", nil)
	},
	Exec: func(path string, argv, env []string) error {
		played("exec %s", path)
		return syscall.Exec(path, argv, env)
	},
}

func played(format string, args ...any) {
	f, err := os.OpenFile("calls", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	fmt.Fprintf(f, format+"\n", args...)
}

// macLaunch is a launcher of the played Mac and a spec for it. Both programs are the
// test binary.
func macLaunch(t *testing.T) (*macLauncher, Spec) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary := func(name string) *Binary {
		f, err := os.Open(exe)
		if err != nil {
			t.Fatal(err)
		}
		return &Binary{Path: name, file: f}
	}
	l, err := newMacLauncher(binary(playedName))
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDir("/tmp")
	if err != nil {
		t.Fatal(err)
	}
	plugin := binary("plugin")
	t.Cleanup(func() {
		l.Close()
		plugin.Close()
		d.Remove()
	})
	return l, Spec{
		Name: "test", Binary: plugin, Args: []string{"plugin", "limits"}, Dir: d, Log: io.Discard,
		Profile: &Profile{SBPL: "(version 1)(allow default)"},
	}
}

// tellLimits is the plugin that prints some of its limits.
func tellLimits() {
	var core, files unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_CORE, &core)
	unix.Getrlimit(unix.RLIMIT_NOFILE, &files)
	fmt.Println("core", core.Max, "nofile", files.Max)
}

// calls are the played calls of the process in the directory, in their order.
func calls(t *testing.T, d *Dir) []string {
	t.Helper()
	path := filepath.Join(d.Scratch, "calls")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(path)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// macStarts are the ways in which the launcher starts a process.
var macStarts = map[string]func(*macLauncher, Spec) (*Process, error){
	"plugin":      (*macLauncher).Start,
	"preflight":   (*macLauncher).StartIdle,
	"calibration": (*macLauncher).StartHeld,
	"wrapped": func(l *macLauncher, s Spec) (*Process, error) {
		return l.StartWrapped(s, []string{"true"})
	},
}

// TestMacDataLimit: every process starts on a Mac whose system refuses the data
// limit, and the containment says that it was refused, whichever is the first.
func TestMacDataLimit(t *testing.T) {
	for name, start := range macStarts {
		t.Run(name, func(t *testing.T) {
			l, spec := macLaunch(t)
			p, err := start(l, spec)
			if err != nil {
				t.Fatal(err)
			}
			if name == "plugin" {
				if got := output(t, p); got != "core 0 nofile 1024" {
					t.Errorf("the plugin's limits: %s", got)
				}
			}
			p.Release()
			if e := p.WaitFor(time.Minute); e.Code != 0 || e.Killed {
				t.Errorf("it ended with %s", e)
			}
			c := l.Containment()
			want := []string{"core=0", "data: not set, EINVAL", "fsize=67108864", "nofile=1024", "nproc=4096", "log=8388608"}
			if !slices.Equal(c.Limits, want) || !slices.Equal(c.NotSet, []string{"data"}) {
				t.Errorf("limits %q, not set %q", c.Limits, c.NotSet)
			}
		})
	}
}

// TestMacStartsAlike: what the preflight's process asks of the system is what a
// plugin's does, so that it cannot start where a plugin would not; calibration's
// leaves out the exec only.
func TestMacStartsAlike(t *testing.T) {
	made := map[string][]string{}
	for name, start := range macStarts {
		l, spec := macLaunch(t)
		p, err := start(l, spec)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		made[name] = calls(t, spec.Dir)
		p.Release()
		p.WaitFor(time.Minute)
	}
	plugin := made["plugin"]
	first, last := plugin[0], plugin[len(plugin)-1]
	if len(plugin) != len(limits)+2 || !strings.HasPrefix(first, "setrlimit") || !strings.HasPrefix(last, "exec") {
		t.Fatalf("a plugin: %q, want every limit, the profile, the exec", plugin)
	}
	if got := made["preflight"]; !slices.Equal(got, plugin) {
		t.Errorf("the preflight: %q, a plugin: %q", got, plugin)
	}
	if got := made["calibration"]; !slices.Equal(got, plugin[:len(plugin)-1]) {
		t.Errorf("calibration: %q, a plugin: %q", got, plugin)
	}
	if got := made["wrapped"]; len(got) != len(plugin) || !slices.Equal(got[:len(got)-1], plugin[:len(plugin)-1]) {
		t.Errorf("a wrapped plugin: %q, a plugin: %q", got, plugin)
	}
}

// TestMacStepsFail: the step that failed is named, and a limit that was refused before
// it is recorded.
func TestMacStepsFail(t *testing.T) {
	l, spec := macLaunch(t)
	gone, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	spec.Binary = &Binary{Path: "plugin", file: gone}
	os.Remove(gone.Name())
	_, err = l.Start(spec)
	if want := "launching test: exec: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if got := l.Containment().NotSet; !slices.Equal(got, []string{"data"}) {
		t.Errorf("not set %q", got)
	}
}

// TestMacFirstStart: a program that macOS assesses for too long has its sentence and its
// hint, at the exec and after it. TestMacDataLimit has the ones that start.
func TestMacFirstStart(t *testing.T) {
	var le *Error
	host, child, err := socketpair(time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	defer child.Close() // a trampoline that is never heard of
	_, err = drive("sysctl", host, trampoline.Setup{}, time.Millisecond)
	if want := "launching sysctl: exec: the program was not executed within 1ms"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if !errors.As(err, &le) || !strings.Contains(le.Hint, "syspolicyd") {
		t.Errorf("its hint: %+v", le)
	}

	l, spec := macLaunch(t)
	p, err := l.StartHeld(spec) // as long as it is assessed it does not end
	if err != nil {
		t.Fatal(err)
	}
	err = p.EndIdle(time.Millisecond)
	if want := "launching test: exec: the idle process did not end within 1ms"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if !errors.As(err, &le) || !strings.Contains(le.Hint, "syspolicyd") {
		t.Errorf("its hint: %+v", le)
	}
	if FirstStart < time.Minute || l.patience != FirstStart {
		t.Errorf("a process is waited for %s, and FirstStart is %s", l.patience, FirstStart)
	}
}

// TestMacIdleEnds: its own status is told.
func TestMacIdleEnds(t *testing.T) {
	l, spec := macLaunch(t)
	p, err := l.StartIdle(spec)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.EndIdle(time.Minute); err != nil {
		t.Error(err)
	}
}

// TestCloseInherited: what this process was started with does not reach a plugin.
func TestCloseInherited(t *testing.T) {
	fd, err := unix.Open(os.DevNull, unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	closeInherited()
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("descriptor %d: flags %#x, %v", fd, flags, err)
	}
	if _, err := openMacLauncher("/no/such/trampoline"); err == nil {
		t.Error("a launcher without a trampoline")
	}
}
