package clean

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hrhost/hrhost/internal/needs"
)

// ownTmpfs mounts a small file system in this process's own namespace.
func ownTmpfs(dir, size string) error {
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return os.NewSyscallError("mount", err)
	}
	return os.NewSyscallError("mount", syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size))
}

// inNamespaces lets a process mount.
func inNamespaces(a *syscall.SysProcAttr) *syscall.SysProcAttr {
	a.Cloneflags = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS
	a.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	a.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	return a
}

// hide runs a program to which directories are empty, and nobody may write there.
func hide(dirs, command []string) int {
	for _, d := range dirs {
		err := ownTmpfs(d, "4k")
		if err == nil {
			err = syscall.Mount("", d, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, "")
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 9
		}
	}
	fmt.Fprintln(os.Stderr, syscall.Exec(command[0], command, os.Environ()))
	return 9
}

// scene is one asking for a clean process, by a process of its own, and all that
// it may leave.
type scene struct {
	t      *testing.T
	ask    asking
	dir    string // the asking and its answer
	fake   string // the fake launchctl's directory, "" for a child
	cmd    *exec.Cmd
	stdout string // files
	stderr string
}

// newScene is a scene whose clean process is a launchd job.
func newScene(t *testing.T, act string) *scene {
	if testing.Short() && act != "" {
		t.Skip("each process of a scene starts slowly under the race detector; those that go well stand for all")
	}
	s := newChildScene(t, act)
	s.fake = t.TempDir()
	exe, err := os.Executable()
	if err == nil {
		s.ask.Launchctl = filepath.Join(s.fake, "launchctl")
		err = os.Symlink(exe, s.ask.Launchctl)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.set("gui", "")
	return s
}

func newChildScene(t *testing.T, act string) *scene {
	t.Helper()
	dir := t.TempDir()
	s := &scene{t: t, dir: dir, stdout: filepath.Join(dir, "stdout"), stderr: filepath.Join(dir, "stderr")}
	s.ask = asking{Parent: t.TempDir(), Start: patience, Stop: patience, Settle: patience, Answer: patience, Sandboxed: "no",
		Logs: filepath.Join(dir, "logs"), Task: task{Act: act, Note: filepath.Join(dir, "note")}}
	return s
}

// set makes the fake launchctl behave.
func (s *scene) set(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.fake, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) begin() {
	s.t.Helper()
	file := filepath.Join(s.dir, "asking")
	b, err := json.Marshal(s.ask)
	if err == nil {
		err = os.WriteFile(file, b, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd = exec.Command(exe)
	s.cmd.Env = append(os.Environ(), envAsk+"="+file, "SECRET=of the shell")
	s.cmd.Stdout, s.cmd.Stderr = s.create(s.stdout), s.create(s.stderr)
	if s.stdout == s.stderr {
		s.cmd.Stderr = s.cmd.Stdout
	}
	if s.ask.Tmpfs != "" { // it may mount in namespaces of its own
		s.cmd.SysProcAttr = inNamespaces(&syscall.SysProcAttr{})
	}
	if err := s.cmd.Start(); err != nil && s.ask.Tmpfs != "" {
		needs.Missing(s.t, needs.Bwrap, "no namespaces: "+err.Error())
	} else if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { s.cmd.Process.Kill(); s.cmd.Wait() })
}

func (s *scene) create(path string) *os.File {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { f.Close() })
	return f
}

func (s *scene) read(path string) string {
	b, _ := os.ReadFile(path)
	return string(b)
}

// until waits for something, and fails the test when it does not come.
func (s *scene) until(what string, so func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("waited in vain for %s; stdout %q, stderr %q", what, s.read(s.stdout), s.read(s.stderr))
		}
	}
}

func (s *scene) untilWorks() {
	s.t.Helper()
	s.until("the worker", func() bool { return strings.Contains(s.read(s.stdout), "worker is here") && s.workerPID() != 0 })
}

func (s *scene) workerPID() int {
	n, _ := strconv.Atoi(s.read(s.ask.Task.Note + ".pid"))
	return n
}

// end waits for the answer, and checks that nothing is left.
func (s *scene) end() answer {
	s.t.Helper()
	s.cmd.Wait()
	var a answer
	if err := json.Unmarshal([]byte(s.read(filepath.Join(s.dir, "asking.answer"))), &a); err != nil {
		s.t.Fatalf("no answer: %v; stdout %q, stderr %q", err, s.read(s.stdout), s.read(s.stderr))
	}
	if s.ask.Tmpfs != "" && len(a.Left) > 0 { // which can't be seen from here
		s.t.Errorf("left behind: %q", a.Left)
	}
	s.nothingLeft(0)
	return a
}

func (s *scene) run() answer {
	s.t.Helper()
	s.begin()
	return s.end()
}

// nothingLeft: no staged root, no loaded job, no process of the scene but that of
// launchd, which only has to notice.
func (s *scene) nothingLeft(patience time.Duration) {
	s.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		left := s.left()
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			s.t.Errorf("left behind: %q", left)
			return
		}
	}
}

func (s *scene) left() (left []string) {
	roots, _ := filepath.Glob(filepath.Join(s.ask.Parent, "*"))
	left = append(left, roots...)
	if s.fake != "" {
		jobs, _ := filepath.Glob(filepath.Join(s.fake, "jobs", "*"))
		left = append(left, jobs...)
	}
	all, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range all {
		env, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(env, []byte(envStage+"="+s.ask.Parent+"/")) {
			continue
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if stat := s.read(filepath.Join(filepath.Dir(path), "stat")); !strings.Contains(stat, ") Z ") && len(command) > 0 {
			left = append(left, path+" "+strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
	return left
}

func (s *scene) asked() string { return s.read(filepath.Join(s.fake, "asked")) }

// wants checks a failure: its kind, words of its sentence, and a sign in its
// hints.
func (a answer) wants(t *testing.T, kind Kind, words ...string) {
	t.Helper()
	if a.Kind != kind {
		t.Errorf("kind %q, want %q: %s", a.Kind, kind, a.Error)
	}
	for _, w := range words {
		if !strings.Contains(a.Error, w) {
			t.Errorf("%q does not say %q", a.Error, w)
		}
	}
	if strings.Contains(a.Error, "\n") {
		t.Errorf("more than a line: %q", a.Error)
	}
}

// goOn lets the act "early" come to its end.
func (s *scene) goOn() {
	s.t.Helper()
	if err := os.WriteFile(s.ask.Task.Note+".go", nil, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func interrupt(s *scene) { s.cmd.Process.Signal(syscall.SIGINT) }
