package launch

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// ostree mounts one file system at / , at /sysroot, and a part of it at /var;
// somebody has bound a directory of it elsewhere, and one of another device.
const ostree = `22 1 8:3 /ostree/deploy/x/deploy/1 / rw - xfs /dev/sda3 rw
23 22 8:3 / /sysroot rw - xfs /dev/sda3 rw
24 22 8:3 /ostree/deploy/x/var /var rw shared:1 - xfs /dev/sda3 rw
25 24 8:3 /ostree/deploy/x/var/tmp/a\040b/scratch /mnt/part rw - xfs /dev/sda3 rw
26 24 8:3 /ostree/deploy/x/var/tmpx /mnt/not rw - xfs /dev/sda3 rw
27 22 0:40 / /srv rw - tmpfs tmpfs rw
28 27 0:40 /t /srv/u rw - tmpfs tmpfs rw
`

func TestNamesOf(t *testing.T) {
	mounts, err := parseMounts(ostree)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir          string
		id           uint64
		whole, parts []string
	}{
		{"/var/tmp/a b", 24, []string{"/sysroot/ostree/deploy/x/var/tmp/a b", "/var/tmp/a b"}, []string{"/mnt/part"}},
		{"/srv/t/d", 27, []string{"/srv/t/d", "/srv/u/d"}, nil},
		{"/etc/d", 22, []string{"/etc/d", "/sysroot/ostree/deploy/x/deploy/1/etc/d"}, nil},
		{"/srv/u/d", 28, []string{"/srv/t/d", "/srv/u/d"}, nil},
		{"/x", 99, []string{"/x"}, nil}, // a mount that is not shown
	} {
		whole, parts := namesOf(c.dir, c.id, mounts)
		if diff := cmp.Diff(c.whole, whole); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.dir, diff)
		}
		if diff := cmp.Diff(c.parts, parts); diff != "" {
			t.Errorf("parts of %s (-want +got):\n%s", c.dir, diff)
		}
	}
}

func TestParseMountsRefuses(t *testing.T) {
	for _, text := range []string{"22 1 8:3 / /\n", "x 1 8:3 / / rw - xfs d rw\n"} {
		if m, err := parseMounts(text); err == nil {
			t.Errorf("%q is taken for %+v", text, m)
		}
	}
}

func FuzzMounts(f *testing.F) {
	f.Add(ostree, "/var/tmp/a b", uint64(24))
	f.Add(`1 1 0:1 /\1 /\ rw`, "/\\", uint64(1))
	f.Fuzz(func(t *testing.T, text, dir string, id uint64) {
		mounts, err := parseMounts(text)
		if err != nil {
			return
		}
		whole, _ := namesOf(dir, id, mounts)
		for _, name := range whole {
			if name == dir {
				return
			}
		}
		t.Errorf("%q is not among its own names %q", dir, whole)
	})
}

const envBound = "HRHOST_LAUNCH_BOUND"

// TestFenceThroughMounts: another mount that leads to a fenced directory does not
// lead around the fence. It runs in a mount namespace of its own.
func TestFenceThroughMounts(t *testing.T) {
	if os.Getenv(envBound) == "" {
		if os.Getuid() != 0 {
			t.Skip("only root mounts")
		}
		again := exec.Command("/proc/self/exe", "-test.v", "-test.run", "^TestFenceThroughMounts$")
		again.Env = append(os.Environ(), envBound+"=1")
		again.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
		out, err := again.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	s := newScene(t)
	for _, dir := range []string{"beside/all", "beside/part"} {
		must(0, os.Mkdir(s.path(dir), 0o700))(t)
	}
	bind := func(from, to string) {
		if err := unix.Mount(s.path(from), s.path(to), "", unix.MS_BIND, ""); err != nil {
			t.Skipf("binding a mount: %v", err)
		}
		t.Cleanup(func() { unix.Unmount(s.path(to), unix.MNT_DETACH) })
	}
	bind("", "beside/all")
	bind("temp/hr.other", "beside/part")
	l := fencedBy(t, s.path("temp"), s.path("out/runs"))
	want := []string{
		"beside/all/temp/request EACCES", "beside/all/out/runs/0/summary.json EACCES", "beside/part/scratch/secret EACCES",
		"beside/all/file read", "beside/file read", "beside/all EACCES", "beside EACCES",
	}
	got := s.do(t, l, false, "read", "beside/all/temp/request", "beside/all/out/runs/0/summary.json", "beside/part/scratch/secret",
		"beside/all/file", "beside/file", "beside/all", "beside")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
