package faults

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/verify"
	"github.com/hrhost/hrhost/internal/needs"
)

// host is a running hrhost, the real program.
type host struct {
	t    *testing.T
	cmd  *exec.Cmd
	dir  string          // the plan's
	tree map[int]process // everything of it that was ever seen
}

// startHost runs the plan under the named channel. Its profiles take about a
// second together.
func startHost(t *testing.T, channel, text string) *host {
	t.Helper()
	dir := tempDir(t)
	write(t, dir, "strict.sb", strict)
	return startPlan(t, dir, write(t, dir, "plan.toml", text+"[run]\nchannel = \""+channel+"\"\n"))
}

// startPlan runs the plan in a file, with its bundle below dir.
func startPlan(t *testing.T, dir, plan string) *host {
	t.Helper()
	h := &host{t: t, dir: dir, tree: map[int]process{}}
	h.cmd = exec.Command(filepath.Join(bin(t), "hrhost"), "run", plan, "--out", filepath.Join(dir, "out"))
	// A file, not a pipe: waiting for the host must not be waiting for its heirs.
	out, err := os.Create(filepath.Join(dir, "terminal"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	h.cmd.Stdout, h.cmd.Stderr = out, out
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h.watch()
	return h
}

// watch notes what belongs to the run at this moment.
func (h *host) watch() {
	if p, ok := look(h.cmd.Process.Pid); ok {
		h.tree[p.pid] = p
	}
	for _, p := range descendantsOf(h.cmd.Process.Pid) {
		h.tree[p.pid] = p
	}
}

// until watches until the run is so far or so much time has passed.
func (h *host) until(d time.Duration, so func() bool) {
	for end := time.Now().Add(d); time.Now().Before(end) && !so(); {
		h.watch()
		time.Sleep(2 * time.Millisecond)
	}
	h.watch()
}

// terminal is what was printed.
func (h *host) terminal() string {
	b, err := os.ReadFile(filepath.Join(h.dir, "terminal"))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}

// worker is the process that does the run, a child of the host's, once it is
// hrhost's own program; 0 before and after.
func (h *host) worker() int {
	for _, p := range childrenOf(h.cmd.Process.Pid) {
		if strings.HasSuffix(p.command, " worker ") && p.state != "Z" {
			return p.pid
		}
	}
	return 0
}

// stages are the staged roots that the host holds open.
func (h *host) stages() []string {
	return append(openBelow(h.cmd.Process.Pid, "/var/tmp/hrhost."), openBelow(h.cmd.Process.Pid, "/tmp/hrhost.")...)
}

func openBelow(pid int, prefix string) []string {
	var out []string
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if to, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil && strings.HasPrefix(to, prefix) && !onlyNamed(pid, e.Name()) {
			out = append(out, to)
		}
	}
	return out
}

// onlyNamed says that a descriptor is for rules of the fence (O_PATH), which
// other runs' roots may have.
func onlyNamed(pid int, fd string) bool {
	info, _ := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%s", pid, fd))
	_, rest, _ := strings.Cut(string(info), "flags:\t")
	word, _, _ := strings.Cut(rest, "\n")
	flags, err := strconv.ParseUint(word, 8, 64)
	return err == nil && flags&unix.O_PATH != 0
}

// kill9 kills the named processes at once.
func (h *host) kill9(pids ...int) {
	h.t.Helper()
	for _, pid := range pids {
		if pid <= 1 { // 0 would be this process and all of its group
			h.t.Fatalf("there is no process %d to kill:\n%s", pid, h.terminal())
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			h.t.Fatal(err)
		}
	}
}

// patience is for a machine that is very busy. No test waits so long to pass.
const patience = 2 * time.Minute

// gone checks that a second after a kill nothing is left of what was ever seen of
// the run, and waits for the host. What a plugin started itself, in a session of
// its own, is ended by whoever of the run is alive: when nobody is, it is not
// asked for.
func (h *host) gone(orphans bool) {
	h.t.Helper()
	defer h.cmd.Wait()
	began, n := time.Now(), 0
	left := h.left(orphans)
	for ; len(left) > 0 && n < second; n++ {
		tick()
		left = h.left(orphans)
	}
	if len(left) == 0 {
		h.t.Logf("all were gone after %d ticks, %s", n, time.Since(began))
	}
	for _, p := range left {
		h.t.Errorf("a second later (%d ticks, %s) %d still runs: %s", n, time.Since(began), p.pid, p.command)
		syscall.Kill(p.pid, syscall.SIGKILL)
	}
}

// second is a second in ticks.
const second = 100

// tick returns when this thread has had a processor for 10 ms. So ticks keep the
// machine's own pace: where others want its processors they are as late as what
// is waited for, and a virtual machine that stood still loses one, however long
// it stood.
func tick() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for end := ownTime() + 10*time.Millisecond; ownTime() < end; {
	}
}

// ownTime is how long this thread has had a processor.
func ownTime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		panic(err)
	}
	return time.Duration(ts.Nano())
}

// left is what still runs of all that was ever seen.
func (h *host) left(orphans bool) (left []process) {
	for _, p := range h.tree {
		if now, _ := look(p.pid); now.start == p.start {
			p.command = now.command // it may have been seen before it executed anything of its own
		}
		if orphan := strings.HasSuffix(p.command, " child "); orphan && !orphans {
			syscall.Kill(p.pid, syscall.SIGKILL)
		}
		if p.alive() {
			left = append(left, p)
		}
	}
	return left
}

// looksWhole checks that no directory of a killed run looks complete: it is a
// .partial whose status is not complete, or a bundle that verifies because the
// run was over already.
func (h *host) looksWhole() {
	h.t.Helper()
	runs := filepath.Join(h.dir, "out", "runs")
	entries, err := os.ReadDir(runs)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		h.t.Fatal(err)
	}
	for _, e := range entries {
		dir := filepath.Join(runs, e.Name())
		if !strings.HasSuffix(e.Name(), ".partial") {
			if r, err := verify.Bundle(dir); err != nil || !r.Valid {
				h.t.Errorf("%s looks complete and is not: %v %v", e.Name(), err, r.Findings)
			}
			continue
		}
		if r, err := verify.Bundle(dir); err == nil && r.Valid {
			h.t.Errorf("%s verifies", e.Name())
		}
	}
	if latest, err := os.Readlink(filepath.Join(h.dir, "out", "LATEST")); err == nil && strings.HasSuffix(latest, ".partial") {
		h.t.Errorf("LATEST points at %s", latest)
	}
}

// status is what the partial directory says of itself, "" without one.
func (h *host) status() string {
	dirs, _ := filepath.Glob(filepath.Join(h.dir, "out", "runs", "*.partial"))
	for _, d := range dirs {
		var s bundle.RunStatus
		if err := bundle.ReadDocument(d, bundle.RunStatusJSON, &s); err == nil {
			return string(s.State)
		}
	}
	return ""
}

// TestHostKilled kills the host with SIGKILL, or the worker that does its run,
// or both at once, at random moments.
func TestHostKilled(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	text := slowPlan(bin(t), 20) + orphaning(t)
	for _, who := range []string{"host", "worker", "both", "direct"} {
		for i := range 2 {
			t.Run(fmt.Sprint(who, i), func(t *testing.T) {
				after := time.Duration(50+rng.IntN(600)) * time.Millisecond
				for !killHost(t, who, text, after) && !t.Failed() {
					after /= 2 // a fast machine
				}
			})
		}
	}
}

// TestHostKilledWithBuses: the buses and their fixtures are the run's own
// processes too.
func TestHostKilledWithBuses(t *testing.T) {
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		needs.Missing(t, needs.DBus, err.Error())
	}
	bin(t)
	for _, who := range []string{"host", "worker", "both"} {
		t.Run(who, func(t *testing.T) {
			h := startPlan(t, tempDir(t), filepath.Join(bin(t), "config.toml"))
			h.until(patience, func() bool { return h.runs("dbus-daemon") && h.runs("hrhost-fixture") })
			h.until(100*time.Millisecond, func() bool { return false })
			switch worker := h.worker(); who {
			case "host":
				h.kill9(h.cmd.Process.Pid)
			case "worker":
				h.kill9(worker)
			case "both":
				h.kill9(h.cmd.Process.Pid, worker)
			}
			h.gone(true)
			if !h.runs("dbus-daemon") {
				t.Error("no bus was ever seen")
			}
			h.looksWhole()
		})
	}
}

// runs says whether a program of that name was seen in the run.
func (h *host) runs(program string) bool {
	for _, p := range h.tree {
		if strings.Contains(p.command, program) {
			return true
		}
	}
	return false
}

// orphaning is a profile whose plugin leaves a process behind that has a session
// of its own. One that nobody saw start is ended with the test.
func orphaning(t *testing.T) string {
	path := filepath.Join(tempDir(t), "hrhost-probe-grandchild")
	if err := os.Symlink(filepath.Join(bin(t), "hrhost-probe-fault"), path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, p := range processes() {
			if p.command == path+" child " {
				syscall.Kill(p.pid, syscall.SIGKILL)
			}
		}
	})
	return fmt.Sprintf("[plugin.grandchild]\npath = %q\n[[profile]]\nid = \"orphan\"\nfamily = \"grandchild\"\nsource = \"strict.sb\"\nprobes = [%s]\n", path, threeProbes)
}

// killHost kills at a moment after the start, or as soon as there is somebody to
// kill. It returns false when the run was over before.
func killHost(t *testing.T, who, text string, after time.Duration) bool {
	channel := "clean"
	if who == "direct" {
		channel = "direct"
	}
	h := startHost(t, channel, text)
	t.Logf("killed after %s", after)
	h.until(after, func() bool { return false })
	h.until(patience, func() bool { return channel == "direct" || h.worker() != 0 || h.over() })
	stages, worker := h.stages(), h.worker()
	if len(stages) == 0 {
		t.Log("the staged root was not there yet")
	}
	if channel == "clean" && worker == 0 {
		h.cmd.Wait()
		if !h.over() {
			t.Fatalf("there was no run:\n%s", h.terminal())
		}
		return false
	}
	switch who {
	case "host", "direct":
		h.kill9(h.cmd.Process.Pid)
	case "worker":
		h.kill9(worker)
	case "both":
		h.kill9(h.cmd.Process.Pid, worker)
	}
	h.gone(who == "host" || who == "worker")
	h.looksWhole()
	if h.over() {
		h.laterRun(stages)
		return false
	}
	switch s := h.status(); {
	case who == "host" && s != "" && s != string(bundle.Interrupted), s == string(bundle.Complete):
		t.Errorf("the partial directory says %q", s)
	case who == "worker":
		if code := h.cmd.ProcessState.ExitCode(); code != 3 || !strings.Contains(h.terminal(), "was ended: signal: killed") {
			t.Errorf("exit code %d: %s", code, h.terminal())
		}
		h.swept(stages)
	}
	h.laterRun(stages)
	h.swept(stages)
	return true
}

// over says that the run came to its end before it was killed.
func (h *host) over() bool {
	_, err := os.Readlink(filepath.Join(h.dir, "out", "LATEST"))
	return err == nil
}

// laterRun lets a minute go by and runs again, when something was left: nobody
// was there to tidy up, or the worker was told to stop before it listened.
func (h *host) laterRun(stages []string) {
	left := false
	for _, s := range stages {
		old := time.Now().Add(-time.Hour)
		left = os.Chtimes(s, old, old) == nil || left
	}
	if left {
		startHost(h.t, "clean", planOf("sysctl", "", threeProbes)).cmd.Wait()
	}
}

// swept checks that the staged roots are gone: at once, but for one that a run of
// somebody else's is just removing.
func (h *host) swept(stages []string) {
	h.t.Helper()
	for _, s := range stages {
		for n := 0; ; n++ {
			if _, err := os.Stat(s); err != nil {
				break
			}
			if n == second {
				h.t.Errorf("%s is still there", s)
				break
			}
			tick()
		}
	}
}
