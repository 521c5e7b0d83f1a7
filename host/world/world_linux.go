package world

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Read collects the facts of this host.
func Read() (*World, error) {
	w := &World{OS: "linux", Machine: runtime.GOARCH}
	w.file("kernel.osrelease", "/proc/sys/kernel/osrelease")
	w.file("kernel.version", "/proc/sys/kernel/version")
	w.file("boot_id", "/proc/sys/kernel/random/boot_id")
	w.uname()
	osr := w.osRelease("/etc/os-release")
	w.file("yama.ptrace_scope", "/proc/sys/kernel/yama/ptrace_scope")
	w.file("lsm", "/sys/kernel/security/lsm")
	w.file("seccomp.actions_avail", "/proc/sys/kernel/seccomp/actions_avail")
	w.Release, _, _ = strings.Cut(w.Get("kernel.osrelease"), "-")
	if w.Release == "" {
		w.Release = w.Get("uname.release")
	}
	w.Build = slug(osr["ID"] + osr["VERSION_ID"])
	if w.Build == "" {
		w.Build = "unknown"
	}
	w.ID = strings.Join([]string{"linux", slug(w.Release), w.Build, w.Machine}, "-")
	return w, nil
}

func (w *World) file(name, path string) {
	b, err := os.ReadFile(path)
	w.add(name, strings.TrimSpace(string(b)), path, err)
}

func (w *World) uname() {
	var u unix.Utsname
	err := unix.Uname(&u)
	w.add("uname.release", unix.ByteSliceToString(u.Release[:]), "uname(2)", err)
	w.add("uname.machine", unix.ByteSliceToString(u.Machine[:]), "uname(2)", err)
}

// osRelease reads os-release(5) and keeps ID, VERSION_ID and PRETTY_NAME.
func (w *World) osRelease(path string) map[string]string {
	out := map[string]string{}
	b, err := os.ReadFile(path)
	s := bufio.NewScanner(bytes.NewReader(b))
	for s.Scan() {
		k, v, ok := strings.Cut(s.Text(), "=")
		if ok {
			out[k] = strings.Trim(v, `"'`)
		}
	}
	for _, k := range []string{"ID", "VERSION_ID", "PRETTY_NAME"} {
		w.add("os."+strings.ToLower(k), out[k], path, err)
	}
	return out
}
