package linux

import (
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
)

var resolveExperiments = []*selftest.Experiment{{Fact: "proc.resolve", Run: resolve}}

func uintptrOf(b []byte) uintptr { return uintptr(unsafe.Pointer(&b[0])) }

func resolve(t *selftest.Trial) selftest.Verdict {
	t.Must(os.WriteFile(filepath.Join(t.Dir, "file"), nil, 0o600), "writing a file")
	t.Must(os.Symlink("file", filepath.Join(t.Dir, "link")), "making a link")
	open := func(dir, name string, flags uint64) error {
		at, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
		t.Must(err, "opening "+dir)
		defer unix.Close(at)
		fd, err := unix.Openat2(at, name, &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: flags})
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
	const beneath, noLinks, noMagic, noXDev = unix.RESOLVE_BENEATH, unix.RESOLVE_NO_SYMLINKS, unix.RESOLVE_NO_MAGICLINKS, unix.RESOLVE_NO_XDEV
	exdev, eloop := error(unix.EXDEV), error(unix.ELOOP)
	return selftest.Check("clean names opened; ways out EXDEV, links ELOOP, another file system EXDEV",
		selftest.Finding{What: "a clean name", Got: open(t.Dir, "file", beneath|noLinks|noMagic|noXDev), Want: nil},
		selftest.Finding{What: "a clean name of /proc", Got: open("/proc", "sys/kernel/ostype", beneath|noLinks|noMagic|noXDev), Want: nil},
		selftest.Finding{What: "..", Got: open(t.Dir, "..", beneath), Want: exdev},
		selftest.Finding{What: "an absolute name", Got: open(t.Dir, "/proc", beneath), Want: exdev},
		selftest.Finding{What: "a link", Got: open(t.Dir, "link", noLinks), Want: eloop},
		selftest.Finding{What: "a link, with links allowed", Got: open(t.Dir, "link", beneath), Want: nil},
		selftest.Finding{What: "self of /proc", Got: open("/proc", "self/stat", noLinks), Want: eloop},
		selftest.Finding{What: "a magic link", Got: open("/proc/self", "root/proc", noMagic), Want: eloop},
		selftest.Finding{What: "another file system", Got: open("/", "proc/version", noXDev), Want: exdev},
	)
}
