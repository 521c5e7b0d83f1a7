package world

import (
	"fmt"
	"os"
	"strings"
)

// CheckSelf reads how this process is confined: its own seccomp mode and
// no_new_privs, LSM label, capabilities' bounding set, container marks. Only
// what can change the outcome of a probe counts as sandboxed.
func CheckSelf() SelfCheck {
	s := SelfCheck{Source: "/proc/self/status, /proc/self/attr/current, namespaces, container marks"}
	no, yes := false, true
	s.Sandboxed = &no
	status, err := statusFields("/proc/self/status")
	s.fact("status", "", "/proc/self/status", err)
	if err != nil {
		return s.unknown("reading /proc/self/status: " + err.Error())
	}
	for _, k := range []string{"Seccomp", "Seccomp_filters", "NoNewPrivs", "CapEff", "CapBnd", "NSpid"} {
		s.fact(k, status[k], "/proc/self/status", nil)
	}
	confined := func(format string, a ...any) {
		s.Sandboxed = &yes
		s.Findings = append(s.Findings, fmt.Sprintf(format, a...))
	}
	switch status["Seccomp"] {
	case "0":
	case "":
		return s.unknown("the kernel does not report a seccomp mode")
	default:
		confined("an outer seccomp filter (mode %s, %s filters)", status["Seccomp"], status["Seccomp_filters"])
	}
	if status["NoNewPrivs"] == "1" {
		confined("no_new_privs is set already")
	}
	if label := s.label(); label != "" && !strings.HasPrefix(label, "unconfined") && label != "kernel" {
		confined("LSM label %q", label)
	}
	s.namespaces()
	s.container(confined)
	return s
}

func (s SelfCheck) unknown(why string) SelfCheck {
	s.Sandboxed = nil
	s.Findings = append(s.Findings, why)
	return s
}

func (s *SelfCheck) fact(name, value, source string, err error) {
	f := Fact{Name: name, Value: value, Source: source}
	if err != nil {
		f.Error = err.Error()
	}
	s.Facts = append(s.Facts, f)
}

// label is the LSM label; a kernel without one answers EINVAL or ENOENT.
func (s *SelfCheck) label() string {
	const path = "/proc/self/attr/current"
	b, err := os.ReadFile(path)
	label := strings.TrimRight(strings.TrimSpace(string(b)), "\x00")
	s.fact("lsm_label", label, path, err)
	return label
}

// namespaces notes ours beside those of pid 1, where they may be read.
func (s *SelfCheck) namespaces() {
	for _, ns := range []string{"pid", "user", "mnt", "net"} {
		own, err := os.Readlink("/proc/self/ns/" + ns)
		s.fact("ns."+ns, own, "/proc/self/ns/"+ns, err)
	}
}

// container looks for the marks that container engines leave.
func (s *SelfCheck) container(confined func(string, ...any)) {
	for _, p := range []string{"/.dockerenv", "/run/.containerenv"} {
		_, err := os.Stat(p)
		if err == nil {
			confined("container mark %s", p)
		}
		s.fact("container_mark", fmt.Sprint(err == nil), p, nil)
	}
	if v := os.Getenv("container"); v != "" {
		confined("environment variable container=%s", v)
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
