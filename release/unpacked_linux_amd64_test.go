package release

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hrhost/hrhost/internal/needs"
)

// TestUnpacked: the Linux archive, unpacked, runs the default plan in an empty
// directory, as a user who owns nothing of it.
func TestUnpacked(t *testing.T) {
	out := openDir(t)
	o := Options{Root: root, Out: out, Version: "0.0.0-test", Time: time.Unix(1795521600, 0),
		Targets: []Target{{"linux", "amd64"}}, Log: t.Logf}
	if err := Make(o); err != nil {
		t.Fatal(err)
	}
	name := o.name(o.Targets[0])
	command(t, out, "sha256sum", "-c", sums)
	command(t, out, "tar", "-xzf", name+".tar.gz")
	top := filepath.Join(out, name)
	command(t, top, "sha256sum", "-c", sums)
	command(t, top, "cmp", "config.toml", filepath.Join(mustAbs(t, root), "config.toml"))

	u := somebody(t)
	hrhost := filepath.Join(top, "bin", "hrhost")
	if got := u.run(0, hrhost, "--version"); got != "hrhost version 0.0.0-test\n" {
		t.Errorf("--version prints %q", got)
	}
	if _, err := u.try(hrhost, "try", filepath.Join(top, "sb/sysctl_canary.sb"), "sysctl-read", "kernel.ostype"); err != nil {
		needs.Missing(t, needs.Seal, "no policy can be applied here: "+err.Error())
	}
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		needs.Missing(t, needs.DBus, "dbus-daemon is not installed")
	}
	text := u.run(0, hrhost, "run")
	for _, want := range []string{`(?m)^hrhost run \(default plan\)   linux-`, `(?m)^\d+ probes: \d+ as expected, 0 mismatches, 0 without a decision`, `(?m)^bundle out/runs/\S+, \d+ documents, verified$`} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("nothing in the output is like %s:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\n??") || strings.Contains(text, "\n!!") {
		t.Errorf("something is not as expected:\n%s", text)
	}
	u.run(0, hrhost, "verify", "out")
	manifest, err := os.ReadFile(filepath.Join(u.dir, "out", "run_manifest.json"))
	if err != nil || !bytes.Contains(manifest, []byte(`"hrhost_version": "0.0.0-test"`)) {
		t.Errorf("the bundle's manifest does not name the release: %v", err)
	}
	u.run(0, hrhost, "init")
	u.run(0, hrhost, "run", "--family", "sysctl", "--out", "second")
}

// user runs commands in a directory of its own.
type user struct {
	t      *testing.T
	dir    string
	asRoot bool // the test is root, and the user somebody else
}

const nobody = 65534

// somebody is another user where the test may become one, else the test's own.
func somebody(t *testing.T) *user {
	t.Helper()
	dir := openDir(t)
	u := &user{t: t, dir: dir, asRoot: os.Getuid() == 0}
	if u.asRoot {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return u
}

func (u *user) try(args ...string) (string, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = u.dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + u.dir}
	if u.asRoot {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// run wants an exit code, and returns what was printed.
func (u *user) run(code int, args ...string) string {
	u.t.Helper()
	out, err := u.try(args...)
	got := 0
	if ee, ok := err.(*exec.ExitError); ok {
		got = ee.ExitCode()
	} else if err != nil {
		u.t.Fatal(err)
	}
	if got != code {
		u.t.Fatalf("%v: exit code %d, want %d:\n%s", args, got, code, out)
	}
	return out
}

// openDir is a temporary directory that everybody may enter.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func command(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

func mustAbs(t *testing.T, p string) string {
	t.Helper()
	abs, err := filepath.Abs(p)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}
