package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// TestOuterSandbox runs hrhost inside of a sandbox that hides a feature of the
// kernel, or has taken the one place that there is for a listener.
func TestOuterSandbox(t *testing.T) {
	for _, c := range []struct {
		outer  string
		reason lane.Reason // of every row
		says   string
	}{
		{"enosys", lane.ApplyUnsupported, "an outer seccomp filter refuses seccomp(2)"},
		{"eperm", lane.ApplyAlreadySandboxed, "an outer seccomp filter refuses seccomp(2)"},
		{"listener", lane.ApplyListenerBusy, "another seccomp listener already stands over this process"},
	} {
		t.Run(c.outer, func(t *testing.T) {
			f, out := runInside(t, c.outer)
			if f.Exit != 3 || !strings.Contains(out, c.says) {
				t.Errorf("exit code %d, want 3 and the words %q:\n%s", f.Exit, c.says, out)
			}
			f.whole(3)
			for _, r := range f.rows {
				if r.Decision.Verdict != nil || r.Decision.Reason != c.reason || r.Stage != lane.StageApply || !strings.Contains(r.Detail, c.says) {
					t.Errorf("%s: %v by %s at %s: %s", r.ExpectationID, r.Decision.Verdict, r.Decision.Reason, r.Stage, r.Detail)
				}
			}
			if f.packets[string(c.reason)] != 3 || f.holds("preflight_ok") || f.holds("self_check_not_sandboxed") {
				t.Errorf("packets %v, conditions %+v", f.packets, f.Verify.Conditions)
			}
			f.blocked(c.says)
		})
	}
}

// TestWithoutLandlock: the run goes on, says what is missing, and is not
// promotable.
func TestWithoutLandlock(t *testing.T) {
	f, out := runInside(t, "no-landlock")
	f.sealedHere()
	f.whole(3)
	if f.Exit != 0 || !strings.Contains(out, "not promotable") {
		t.Errorf("exit code %d:\n%s", f.Exit, out)
	}
	for _, r := range f.rows {
		if r.Decision.Verdict == nil {
			t.Errorf("%s: no decision: %s", r.ExpectationID, r.Decision.Reason)
		}
	}
	var m bundle.Manifest
	if err := bundle.ReadDocument(f.Dir, bundle.RunManifest, &m); err != nil {
		t.Fatal(err)
	}
	if m.Containment.Landlock.Present || m.Containment.Landlock.Reads == bundle.ReadsFenced || len(m.Containment.Missing) == 0 || f.holds("landlock_layer") || f.Verify.Promotable {
		t.Errorf("containment %+v, conditions %+v", m.Containment, f.Verify.Conditions)
	}
}

// holds says whether a condition of promotion does.
func (f *finished) holds(name string) bool {
	for _, c := range f.Verify.Conditions {
		if c.Name == name {
			return c.OK
		}
	}
	f.t.Errorf("no condition %q", name)
	return false
}

// blocked checks the preflight.
func (f *finished) blocked(says string) {
	f.t.Helper()
	var p bundle.ApplyPreflight
	if err := bundle.ReadDocument(f.Dir, bundle.Preflight, &p); err != nil {
		f.t.Fatal(err)
	}
	if p.Status != "blocked" || p.ApplyOK == nil || *p.ApplyOK || !strings.Contains(p.BlockedReason, says) {
		f.t.Errorf("preflight %+v", p)
	}
}

// runInside runs three probes with the real hrhost inside of an outer sandbox.
func runInside(t *testing.T, outer string) (*finished, string) {
	t.Helper()
	dir := tempDir(t)
	write(t, dir, "strict.sb", strict)
	plan := write(t, dir, "plan.toml", planOf("sysctl", "", threeProbes))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return runProgram(t, dir, command(self, []string{envRole + "=" + outer}, filepath.Join(bin(t), "hrhost"), "run", plan))
}

// confine puts the outer sandbox on this thread and becomes the program that the
// arguments name. It does not return.
func confine(outer string) {
	runtime.LockOSThread()
	os.Unsetenv(envRole)
	err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	if err == nil {
		err = install(outer)
	}
	if err == nil {
		err = unix.Exec(os.Args[1], os.Args[1:], os.Environ())
	}
	fmt.Fprintln(os.Stderr, "confining:", err)
	os.Exit(99)
}

func install(outer string) error {
	refuse := func(errno unix.Errno, calls ...uint32) []unix.SockFilter {
		program := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}} // the call's number
		for _, nr := range calls {
			program = append(program,
				unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: nr},
				unix.SockFilter{Code: unix.BPF_RET, K: unix.SECCOMP_RET_ERRNO | uint32(errno)})
		}
		return append(program, unix.SockFilter{Code: unix.BPF_RET, K: unix.SECCOMP_RET_ALLOW})
	}
	var program []unix.SockFilter
	var flags uintptr
	switch outer {
	case "enosys":
		program = refuse(unix.ENOSYS, unix.SYS_SECCOMP)
	case "eperm":
		program = refuse(unix.EPERM, unix.SYS_SECCOMP)
	case "no-landlock":
		program = refuse(unix.ENOSYS, unix.SYS_LANDLOCK_CREATE_RULESET, unix.SYS_LANDLOCK_ADD_RULE, unix.SYS_LANDLOCK_RESTRICT_SELF)
	case "listener":
		program, flags = refuse(0), unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
	}
	prog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	fd, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&prog)))
	if e != 0 {
		return fmt.Errorf("seccomp(2): %w", e)
	}
	if outer == "listener" { // it stands as long as somebody holds it
		_, err := unix.FcntlInt(fd, unix.F_SETFD, 0)
		return err
	}
	return nil
}
