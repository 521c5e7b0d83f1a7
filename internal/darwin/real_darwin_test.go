package darwin

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/internal/seatbelt"
)

// These tests run on a Mac, against its own libraries.

func TestSymbolsResolve(t *testing.T) {
	for _, l := range libraries {
		for _, s := range l.symbols {
			if _, err := s.address(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestHere(t *testing.T) {
	value := make([]byte, 64)
	if n, err := Sysctl("kern.ostype", value); err != nil || string(value[:n]) != "Darwin\x00" {
		t.Errorf("kern.ostype: %q, %v", value[:n], err)
	}
	if _, err := Sysctl("kern.no_such_name", value); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("a missing name: %v", err)
	}
	if p, err := ProcessInfo(os.Getpid()); err != nil || int(p.PID) != os.Getpid() || int(p.PPID) != os.Getppid() {
		t.Errorf("this process: %+v, %v", p, err)
	}
	if p, err := ShortProcessInfo(1); err != nil || p.PID != 1 || p.UID != 0 {
		t.Errorf("launchd: %+v, %v", p, err)
	}
	if _, err := ProcessInfo(4 << 20); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("no process: %v", err)
	}
	if path, err := ProcessPath(1); err != nil || path != "/sbin/launchd" {
		t.Errorf("path of launchd: %q, %v", path, err)
	}
	if _, kr, err := LookUp("org.hrhost.nobody"); kr != 1102 || err != nil {
		t.Errorf("a name that nobody registered: %d, %v", kr, err)
	}
	if _, err := SharedCacheUUID(); err != nil {
		t.Error(err)
	}
	if _, err := SIP(); err != nil {
		t.Error(err)
	}
	if s := signatureOf(os.Getpid()); runtime.GOARCH == "arm64" && (s.Flags&1 == 0 || s.Detail != "") {
		t.Errorf("this process: %s, %s, %q", s.Flags, s, s.Detail)
	}
	if s := signatureOf(1); !strings.Contains(s.Flags.String(), "platform_binary") {
		t.Errorf("launchd: %s, %s, %q", s.Flags, s, s.Detail)
	}
	if _, err := Check(os.Getpid(), "process-exec", 0); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("an operation that it does not know: %v", err)
	}
}

func TestNotificationArrives(t *testing.T) {
	const name = "org.hrhost.test.Real"
	reg, status, err := RegisterNotification(name)
	if status != 0 || err != nil {
		t.Fatal(status, err)
	}
	defer reg.Cancel()
	reg.Posted() // the first answer is always yes
	if status, err := PostNotification(name); status != 0 || err != nil {
		t.Fatal(status, err)
	}
	for range 200 {
		if posted, _, _ := reg.Posted(); posted {
			return
		}
	}
	t.Error("the post did not arrive")
}

const sealedProfile = `(version 1)(deny default)
(allow mach-lookup (global-name "org.hrhost.allowed"))
(allow sysctl-read (sysctl-name (param "OK")))`

// TestSealed runs itself in a process of its own, since sealing is for ever.
func TestSealed(t *testing.T) {
	const env = "HRHOST_TEST_SEALED"
	if os.Getenv(env) == "" {
		c := exec.Command(os.Args[0], "-test.run", "^TestSealed$", "-test.v")
		c.Env = append(os.Environ(), env+"=1")
		out, err := c.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "PASS: TestSealed") {
			t.Fatalf("the sealed process: %v\n%s", err, out)
		}
		return
	}
	for _, s := range system.symbols { // dlsym after sealing would be another test
		s.address()
	}
	if sandboxed, err := SelfSandboxed(); sandboxed || err != nil {
		t.Skipf("this process is sandboxed already: %v, %v", sandboxed, err)
	}
	if r := Apply(sealedProfile, map[string]string{"OK": "kern.ostype"}); r.Class != seatbelt.ClassOK {
		t.Fatalf("%+v", r)
	}
	if sandboxed, err := SelfSandboxed(); !sandboxed || err != nil {
		t.Errorf("after sealing: %v, %v", sandboxed, err)
	}
	value := make([]byte, 64)
	if _, err := Sysctl("kern.ostype", value); err != nil {
		t.Errorf("an allowed name: %v", err)
	}
	if _, err := Sysctl("kern.bootargs", value); !errors.Is(err, syscall.EPERM) {
		t.Errorf("a denied name: %v", err)
	}
	for name, want := range map[string]KernReturn{"org.hrhost.allowed": 1102, "org.hrhost.denied": 1100} {
		if _, kr, err := LookUp(name); kr != want || err != nil {
			t.Errorf("%s: %d, want %d, %v", name, kr, want, err)
		}
		if denied, err := Check(os.Getpid(), "mach-lookup", 2, Text(name)); err != nil || denied != (want == 1100) {
			t.Errorf("sandbox_check about %s: %v, %v", name, denied, err)
		}
	}
	if r := Apply("(version 1)(allow default)", nil); r.Class != seatbelt.ClassAlreadySandboxed {
		t.Errorf("nested: %+v", r)
	}
}
