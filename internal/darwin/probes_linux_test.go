package darwin

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestLookUp(t *testing.T) {
	fake(t)
	for name, want := range map[string]KernReturn{
		"com.example.service": 0, "com.example.denied": 1100, "org.nobody": 1102,
	} {
		port, kr, err := LookUp(name)
		if err != nil || kr != want || (port != 0) != (want == 0) {
			t.Errorf("%s: port %d, %d, %v", name, port, kr, err)
		}
		if kr == 0 {
			if err := port.Release(); err != nil {
				t.Error(err)
			}
		}
	}
	if n := tell(t, "rights_held"); n != 0 {
		t.Errorf("%d send rights are still held", n)
	}
	if f := failure(t, Port(5).Release()); f.RC != 15 {
		t.Errorf("releasing a strange port: %v", f)
	}
	if _, _, err := LookUp(strings.Repeat("x", 128)); err == nil {
		t.Error("a name of 128 bytes does not fit a name_t")
	}
}

func TestNotify(t *testing.T) {
	fake(t)
	for name, want := range map[string]NotifyStatus{"com.example.x": 0, "com.example.denied": 9, "": 1} {
		if st, err := PostNotification(name); st != want || err != nil {
			t.Errorf("%q: %d, %v", name, st, err)
		}
	}
	if _, st, err := RegisterNotification("com.example.denied"); st != 7 || err != nil {
		t.Errorf("denied registration: %d, %v", st, err)
	}
	reg, st, err := RegisterNotification("com.example.x")
	if st != 0 || err != nil {
		t.Fatal(st, err)
	}
	if posted, st, err := reg.Posted(); !posted || st != 0 || err != nil {
		t.Errorf("posted %v, %d, %v", posted, st, err)
	}
	if st, err := reg.Cancel(); st != 0 || err != nil {
		t.Errorf("cancel: %d, %v", st, err)
	}
}

// TestFilterNotifications: what Apple's own test sets, DISPATCH, REGEN and FILTERED.
func TestFilterNotifications(t *testing.T) {
	fake(t)
	if err := FilterNotifications(); err != nil {
		t.Fatal(err)
	}
	if got := tell(t, "notify_options"); got != 7 {
		t.Errorf("the options are %#x, want 7", got)
	}
}

func TestPostDistributed(t *testing.T) {
	fake(t)
	onThread(t)
	if err := PostDistributed("com.example.häns"); err != nil {
		t.Fatal(err)
	}
	if got := goText(tell(t, "last_posted")); got != "com.example.häns" {
		t.Errorf("posted %q", got)
	}
}

func TestObserve(t *testing.T) {
	fake(t)
	onThread(t)
	var arrived []string
	if err := Observe([]string{"com.example.one", "com.example.two"}, func(name string) { arrived = append(arrived, name) }); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"com.example.two", "com.example.other", "com.example.one"} {
		if err := PostDistributed(name); err != nil {
			t.Fatal(err)
		}
		if err := RunLoop(); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"com.example.two", "com.example.one"}; !slices.Equal(arrived, want) {
		t.Errorf("arrived %v, want %v", arrived, want)
	}
}

func TestSysctl(t *testing.T) {
	fake(t)
	value := make([]byte, 64)
	if n, err := Sysctl("kern.ostype", value); err != nil || string(value[:n]) != "Darwin\x00" {
		t.Errorf("got %q, %v", value[:n], err)
	}
	for name, want := range map[string]syscall.Errno{"kern.denied": syscall.EPERM, "kern.missing": syscall.ENOENT} {
		if _, err := Sysctl(name, value); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Sysctl("kern.ostype", value[:3]); !errors.Is(err, syscall.ENOMEM) {
		t.Errorf("a short buffer: %v", err)
	}
	if err := SetSysctl("kern.ostype", []byte("x")); !errors.Is(err, syscall.EPERM) {
		t.Errorf("writing: %v", err)
	}
	if err := SetSysctl("kern.ostype", nil); err == nil {
		t.Error("writing nothing was a success")
	}
}

func TestMIB(t *testing.T) {
	fake(t)
	mib, err := MIB("kern.ostype")
	if err != nil || !slices.Equal(mib, []int32{1, 1}) {
		t.Fatalf("got %v, %v", mib, err)
	}
	value := make([]byte, 64)
	if n, err := SysctlMIB(mib, value); err != nil || string(value[:n]) != "Darwin\x00" {
		t.Errorf("got %q, %v", value[:n], err)
	}
	denied, err := MIB("kern.denied")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := SysctlMIB(denied, value); !errors.Is(err, syscall.EPERM) {
		t.Errorf("got %v", err)
	}
	if _, err := MIB("kern.missing"); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("got %v", err)
	}
}

func TestProcessInfo(t *testing.T) {
	fake(t)
	info, err := ProcessInfo(42)
	if err != nil {
		t.Fatal(err)
	}
	if info.PID != 42 || info.PPID != 1 || info.UID != 501 || info.Nice != -7 ||
		info.StartSeconds != 1700000000 || info.StartMicroseconds != 5 || !strings.HasPrefix(string(info.Name[:]), "hrhost-probe\x00") {
		t.Errorf("got %+v", info)
	}
	if _, err := ProcessInfo(1); !errors.Is(err, syscall.EPERM) {
		t.Errorf("another user's: %v", err)
	}
	if _, err := ProcessInfo(1003); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("none: %v", err)
	}
	if _, err := ProcessInfo(500); err == nil || !strings.Contains(err.Error(), "10 of 136 bytes") {
		t.Errorf("cut short: %v", err)
	}
	if short, err := ShortProcessInfo(1); err != nil || short.PID != 1 || short.UID != 502 {
		t.Errorf("got %+v, %v", short, err)
	}
	if unique, err := UniqueProcessInfo(1); err != nil || unique.UniqueID != 7 || unique.Version != 9 {
		t.Errorf("got %+v, %v", unique, err)
	}
}

func TestProcessCalls(t *testing.T) {
	fake(t)
	if path, err := ProcessPath(42); err != nil || path != "/usr/libexec/probe-42" {
		t.Errorf("path %q, %v", path, err)
	}
	if n, err := PipeInfo(42, 2); n != 184 || err != nil {
		t.Errorf("pipe: %d, %v", n, err)
	}
	if user, system, err := Rusage(42); user != 11 || system != 12 || err != nil {
		t.Errorf("rusage: %d, %d, %v", user, system, err)
	}
	if n, err := CountProcesses(); n != 12 || err != nil {
		t.Errorf("count: %d, %v", n, err)
	}
	if flags, err := CodeSigningFlags(42); flags != 0x20003 || err != nil {
		t.Errorf("csops: %#x, %v", flags, err)
	}
	for name, err := range map[string]error{
		"path": second(ProcessPath(1)), "pipe": second(PipeInfo(1, 2)),
		"rusage": third(Rusage(1)), "csops": second(CodeSigningFlags(1001)),
	} {
		if !errors.Is(err, syscall.EPERM) {
			t.Errorf("%s about a stranger: %v", name, err)
		}
	}
}

func TestLists(t *testing.T) {
	fake(t)
	for _, c := range []struct {
		list func(int) ([]int, error)
		of   int
		want []int
	}{{Children, 42, []int{44}}, {Children, 44, []int{45}}, {Children, 45, nil}, {GroupMembers, 42, []int{42, 43}}, {GroupMembers, 44, nil}} {
		if got, err := c.list(c.of); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("of %d: %v, %v", c.of, got, err)
		}
	}
}

func TestIdentity(t *testing.T) {
	fake(t)
	if bits, err := SIP(); bits != 0x77 || err != nil {
		t.Errorf("SIP %#x, %v", bits, err)
	}
	if uuid, err := SharedCacheUUID(); err != nil || uuid[0] != 0x10 || uuid[15] != 0x1f {
		t.Errorf("UUID %x, %v", uuid, err)
	}
	tell(t, "without_shared_cache", 1)
	defer tell(t, "without_shared_cache", 0)
	if _, err := SharedCacheUUID(); err == nil {
		t.Error("false with a dirty register was read as true")
	}
}
