package faults

import (
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/run"
)

// TestStopSignals: each signal that asks hrhost to stop interrupts the run. It ends
// its processes, marks its directory, and says where that is.
func TestStopSignals(t *testing.T) {
	first := func(h *host) []int { return []int{h.cmd.Process.Pid} }
	terminal := func(h *host) []int { return []int{h.cmd.Process.Pid, h.worker()} }
	for _, c := range []struct {
		name    string
		signal  syscall.Signal
		channel string
		to      func(*host) []int
	}{
		{"SIGINT of a terminal", unix.SIGINT, "clean", terminal},
		{"SIGTERM", unix.SIGTERM, "clean", first},
		{"SIGHUP", unix.SIGHUP, "clean", first},
		{"SIGHUP of a terminal", unix.SIGHUP, "clean", terminal},
		{"SIGQUIT", unix.SIGQUIT, "clean", first},
		{"SIGQUIT of a terminal", unix.SIGQUIT, "clean", terminal},
		{"SIGQUIT without a worker", unix.SIGQUIT, "direct", first},
	} {
		t.Run(c.name, func(t *testing.T) {
			if signal.Ignored(c.signal) {
				t.Skip("the tests run under nohup(1)")
			}
			stopped(t, c.signal, c.channel, c.to)
		})
	}
}

func stopped(t *testing.T, s syscall.Signal, channel string, to func(*host) []int) {
	h := startHost(t, channel, slowPlan(bin(t), 60))
	h.until(patience, func() bool { return strings.Contains(h.terminal(), "sealed   ") })
	for _, pid := range to(h) {
		if pid <= 1 { // 0 would be this process and all of its group
			t.Fatalf("there is no process %d:\n%s", pid, h.terminal())
		}
		if err := syscall.Kill(pid, s); err != nil {
			t.Fatal(err)
		}
	}
	h.cmd.Wait()
	h.gone(true)
	code, text := h.cmd.ProcessState.ExitCode(), h.terminal()
	said := strings.Count(text, "hrhost: error: ") == 1 && strings.Contains(text, "hrhost: error: interrupted: ") &&
		strings.Contains(text, " is in a .partial directory below ")
	if code != run.ExitIncomplete || !said || strings.Contains(text, "goroutine ") {
		t.Errorf("exit code %d\n%s", code, text)
	}
	partial, _ := filepath.Glob(filepath.Join(h.dir, "out", "runs", "*"))
	if len(partial) != 1 || !strings.HasSuffix(partial[0], ".partial") {
		t.Fatalf("directories %q", partial)
	}
	var status bundle.RunStatus
	err := bundle.ReadDocument(partial[0], bundle.RunStatusJSON, &status)
	if err != nil || status.State != bundle.Interrupted {
		t.Errorf("%+v, %v", status, err)
	}
}
