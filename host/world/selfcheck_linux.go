package world

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// CheckSelf reads how this process is confined: seccomp, no_new_privs, root's
// capabilities, user namespace, LSM label, container marks. Only what can change
// the outcome of a probe counts as sandboxed; the rest is noted as facts. One
// thing found makes it sandboxed; otherwise one thing that could not be read
// makes it unknown.
func CheckSelf() SelfCheck { return checkSelf("/", os.Getenv) }

// selfCheck is a SelfCheck on its way.
type selfCheck struct {
	SelfCheck
	root    string // of the file system that is read
	unknown []string
}

func checkSelf(root string, getenv func(string) string) SelfCheck {
	s := &selfCheck{root: root}
	s.Source = "/proc/self/status, uid_map, attr/current, namespaces, container marks"
	s.status()
	s.userNamespace()
	s.label()
	s.namespaces()
	s.container(getenv)
	return s.conclude()
}

func (s *selfCheck) conclude() SelfCheck {
	no, yes := false, true
	switch {
	case len(s.Findings) > 0:
		s.Sandboxed = &yes
	case len(s.unknown) > 0:
		s.Findings = s.unknown
	default:
		s.Sandboxed = &no
	}
	return s.SelfCheck
}

func (s *selfCheck) confined(format string, a ...any) {
	s.Findings = append(s.Findings, fmt.Sprintf(format, a...))
}

func (s *selfCheck) cannotTell(format string, a ...any) {
	s.unknown = append(s.unknown, fmt.Sprintf(format, a...))
}

func (s *selfCheck) fact(name, value, source string, err error) {
	f := Fact{Name: name, Value: value, Source: source}
	if err != nil {
		f.Error = err.Error()
	}
	s.Facts = append(s.Facts, f)
}

// read is a file's text, and a fact.
func (s *selfCheck) read(name, path string) (string, error) {
	b, err := os.ReadFile(filepath.Join(s.root, path))
	text := strings.TrimRight(strings.TrimSpace(string(b)), "\x00")
	s.fact(name, text, path, err)
	return text, err
}

// status reads proc_pid_status(5).
func (s *selfCheck) status() {
	const path = "/proc/self/status"
	status, err := statusFields(filepath.Join(s.root, path))
	if err != nil {
		s.fact("status", "", path, err)
		s.cannotTell("reading %s: %v", path, err)
		return
	}
	for _, k := range []string{"Seccomp", "Seccomp_filters", "NoNewPrivs", "CapEff", "CapBnd", "NSpid", "Uid"} {
		s.fact(k, status[k], path, nil)
	}
	switch mode := status["Seccomp"]; mode {
	case "0":
	case "":
		s.cannotTell("the kernel does not report a seccomp mode")
	default:
		s.confined("an outer seccomp filter (mode %s, %s filters)", mode, status["Seccomp_filters"])
	}
	switch status["NoNewPrivs"] {
	case "0":
	case "":
		s.cannotTell("the kernel does not report no_new_privs")
	default:
		s.confined("no_new_privs is set already")
	}
	s.capabilities(status)
}

// capabilities are asked of root only: nobody else is expected to have any.
func (s *selfCheck) capabilities(status map[string]string) {
	uids := strings.Fields(status["Uid"]) // real, effective, saved, file system
	if len(uids) != 4 {
		s.cannotTell("the kernel does not report the user")
		return
	}
	if uids[1] != "0" {
		return
	}
	last, err := s.read("cap_last_cap", "/proc/sys/kernel/cap_last_cap")
	n, err2 := strconv.ParseUint(last, 10, 6)
	has, err3 := strconv.ParseUint(status["CapEff"], 16, 64)
	if err := errors.Join(err, err2, err3); err != nil {
		s.cannotTell("comparing root's capabilities: %v", err)
		return
	}
	if all := uint64(2)<<n - 1; has&all != all {
		s.confined("root has lost capabilities: %x of %x", has, all)
	}
}

// userNamespace: in any but the first, root is not the host's.
func (s *selfCheck) userNamespace() {
	m, err := s.read("uid_map", "/proc/self/uid_map")
	switch {
	case errors.Is(err, fs.ErrNotExist): // a kernel without user namespaces
	case err != nil:
		s.cannotTell("reading /proc/self/uid_map: %v", err)
	case strings.Join(strings.Fields(m), " ") != "0 0 4294967295":
		s.confined("a user namespace")
	}
}

// label is the LSM's; a kernel without one answers EINVAL or has no such file.
func (s *selfCheck) label() {
	label, err := s.read("lsm_label", "/proc/self/attr/current")
	switch {
	case errors.Is(err, syscall.EINVAL), errors.Is(err, fs.ErrNotExist):
	case err != nil:
		s.cannotTell("reading the LSM label: %v", err)
	case label != "" && !strings.HasPrefix(label, "unconfined") && label != "kernel":
		s.confined("LSM label %q", label)
	}
}

// namespaces notes ours; that they are not the host's cannot be seen from inside.
func (s *selfCheck) namespaces() {
	for _, ns := range []string{"pid", "user", "mnt", "net"} {
		path := "/proc/self/ns/" + ns
		own, err := os.Readlink(filepath.Join(s.root, path))
		s.fact("ns."+ns, own, path, err)
	}
}

// container looks for the marks that container engines leave.
func (s *selfCheck) container(getenv func(string) string) {
	for _, path := range []string{"/.dockerenv", "/run/.containerenv"} {
		_, err := os.Stat(filepath.Join(s.root, path))
		switch {
		case err == nil:
			s.confined("container mark %s", path)
		case !errors.Is(err, fs.ErrNotExist):
			s.cannotTell("looking for container mark %s: %v", path, err)
		}
		s.fact("container_mark", fmt.Sprint(err == nil), path, nil)
	}
	if v := getenv("container"); v != "" {
		s.confined("environment variable container=%s", v)
	}
}

func statusFields(path string) (map[string]string, error) {
	b, err := os.ReadFile(path)
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		k, v, _ := strings.Cut(line, ":")
		out[k] = strings.TrimSpace(v)
	}
	return out, err
}
