package world

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// free is a process that nothing confines: root with all capabilities.
var free = map[string]string{
	"/proc/self/status":             "Uid:\t0\t0\t0\t0\nSeccomp:\t0\nSeccomp_filters:\t0\nNoNewPrivs:\t0\nCapEff:\t000001ffffffffff\nCapBnd:\t000001ffffffffff\n",
	"/proc/sys/kernel/cap_last_cap": "40\n",
	"/proc/self/uid_map":            "         0          0 4294967295\n",
	"/proc/self/attr/current":       "unconfined\n\x00",
}

func TestSelfCheck(t *testing.T) {
	status := func(from, to string) map[string]string {
		return map[string]string{"/proc/self/status": strings.Replace(free["/proc/self/status"], from, to, 1)}
	}
	for _, c := range []struct {
		name   string
		change map[string]string // files; "" removes one, "/" makes it a directory, which cannot be read
		env    string
		want   string
	}{
		{name: "free", want: "not sandboxed"},
		{name: "no LSM", change: map[string]string{"/proc/self/attr/current": ""}, want: "not sandboxed"},
		{name: "kernel without user namespaces", change: map[string]string{"/proc/self/uid_map": ""}, want: "not sandboxed"},
		{name: "user without capabilities", change: status("Uid:\t0\t0\t0\t0\nSeccomp", "Uid:\t9\t9\t9\t9\nCapEff:\t0\nSeccomp"), want: "not sandboxed"},

		{name: "filter", change: status("Seccomp:\t0\nSeccomp_filters:\t0", "Seccomp:\t2\nSeccomp_filters:\t3"), want: "sandboxed: an outer seccomp filter (mode 2, 3 filters)"},
		{name: "no_new_privs", change: status("NoNewPrivs:\t0", "NoNewPrivs:\t1"), want: "sandboxed: no_new_privs is set already"},
		{name: "capabilities", change: status("CapEff:\t000001ffffffffff", "CapEff:\t00000000a80425fb"), want: "sandboxed: root has lost capabilities: a80425fb of 1ffffffffff"},
		{name: "user namespace", change: map[string]string{"/proc/self/uid_map": "0 1000 1"}, want: "sandboxed: a user namespace"},
		{name: "label", change: map[string]string{"/proc/self/attr/current": "docker-default (enforce)\n"}, want: `sandboxed: LSM label "docker-default (enforce)"`},
		{name: "docker", change: map[string]string{"/.dockerenv": "x"}, want: "sandboxed: container mark /.dockerenv"},
		{name: "podman", change: map[string]string{"/run/.containerenv": "x"}, want: "sandboxed: container mark /run/.containerenv"},
		{name: "nspawn", env: "systemd-nspawn", want: "sandboxed: environment variable container=systemd-nspawn"},

		{name: "no status", change: map[string]string{"/proc/self/status": ""}, want: "unknown: reading /proc/self/status"},
		{name: "no seccomp mode", change: status("Seccomp:\t0\n", ""), want: "unknown: the kernel does not report a seccomp mode"},
		{name: "no no_new_privs", change: status("NoNewPrivs:\t0\n", ""), want: "unknown: the kernel does not report no_new_privs"},
		{name: "no user", change: status("Uid:\t0\t0\t0\t0\n", ""), want: "unknown: the kernel does not report the user"},
		{name: "no last capability", change: map[string]string{"/proc/sys/kernel/cap_last_cap": ""}, want: "unknown: comparing root's capabilities"},
		{name: "no effective capabilities", change: status("CapEff:\t000001ffffffffff\n", ""), want: "unknown: comparing root's capabilities"},
		{name: "unreadable label", change: map[string]string{"/proc/self/attr/current": "/"}, want: "unknown: reading the LSM label"},
		{name: "unreadable map", change: map[string]string{"/proc/self/uid_map": "/"}, want: "unknown: reading /proc/self/uid_map"},

		// What was found counts, whatever else could not be read.
		{name: "no status in docker", change: map[string]string{"/proc/self/status": "", "/.dockerenv": "x"}, want: "sandboxed: container mark /.dockerenv"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := tree(t, free, c.change)
			got := checkSelf(root, func(string) string { return c.env })
			if !strings.HasPrefix(got.String(), c.want) || c.want == "not sandboxed" && got.String() != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for _, f := range got.Facts {
				if f.Source == "" || strings.HasPrefix(f.Source, root) {
					t.Errorf("fact %s has source %q", f.Name, f.Source)
				}
			}
		})
	}
}

// tree writes the files of both maps below a directory.
func tree(t *testing.T, files, change map[string]string) string {
	t.Helper()
	all := map[string]string{}
	for _, m := range []map[string]string{files, change} {
		for path, text := range m {
			all[path] = text
		}
	}
	root := t.TempDir()
	for path, text := range all {
		full := filepath.Join(root, path)
		dir := filepath.Dir(full)
		if text == "/" {
			dir = full
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if text == "" || text == "/" {
			continue
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestSelfCheckHere: each fact of this very process has a value or a reason.
func TestSelfCheckHere(t *testing.T) {
	s := CheckSelf()
	t.Log(s)
	if len(s.Facts) < 10 {
		t.Errorf("%d facts", len(s.Facts))
	}
}
