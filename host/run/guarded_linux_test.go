package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/enforce/linux"
	"github.com/hrhost/hrhost/host/enforce/monitor"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/guard"
)

const sunk = "the ship has sunk"

// sinking is a watcher that panics where its text says.
type sinking struct{ at string }

func (s sinking) is(at string) {
	if s.at == at {
		panic(sunk)
	}
}

func (s sinking) Started(string, int, int) { s.is("the main goroutine") }
func (s sinking) Profile(ProfileDone)      { s.is("a profile's goroutine, with the run's lock") }
func (s sinking) Line(Line)                { s.is("writing rows") }
func (s sinking) Sweeping(SweepProgress)   { s.is("a sweep") }

// tamper makes the enforcement points of a plugin's process panic.
func (s sinking) tamper(p *linux.Point) {
	p.NewMonitor = func(c enforce.Config) (linux.Monitor, error) {
		s.is("a sealed process")
		return monitor.New(c)
	}
	p.NewGateway = func(c enforce.Config, b *bus.Buses) (linux.Gateway, error) {
		s.is("a process that keeps others from the buses")
		return bus.New(c, b)
	}
}

// TestPanic: a panic in any goroutine of a run ends it like any error: the others
// come to their end, and the .partial directory says failed, with the stack.
func TestPanic(t *testing.T) {
	sysctl := write(t, "sysctl", pairs["sysctl"].profile, pairs["sysctl"].probes)
	sweep := write(t, "sysctl", "(allow default)", `sweep = { op = "sysctl-read", match = "kernel.os*" }`)
	for _, c := range []struct{ name, at, plan string }{
		{"main", "the main goroutine", sysctl},
		{"profile", "a profile's goroutine, with the run's lock", sysctl},
		{"rows", "writing rows", sysctl},
		{"sealed", "a sealed process", sysctl},
		{"bus", "a process that keeps others from the buses", registering(t)},
		{"sweep", "a sweep", sweep},
		{"sealed sweep", "a sealed process", sweep},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := t.TempDir()
			err := sink(t, c.plan, out, sinking{c.at})
			var f *guard.Fault
			if !errors.As(err, &f) || f.Value != sunk {
				t.Fatalf("%v", err)
			}
			partial, _ := filepath.Glob(filepath.Join(out, "runs", "*.partial"))
			if len(partial) != 1 {
				t.Fatalf("partial directories: %q", partial)
			}
			var status bundle.RunStatus
			if err := bundle.ReadDocument(partial[0], bundle.RunStatusJSON, &status); err != nil ||
				status.State != bundle.Failed || !strings.Contains(status.Reason, sunk) {
				t.Errorf("%+v, %v", status, err)
			}
			stack, _ := os.ReadFile(filepath.Join(partial[0], FaultLog))
			if !strings.Contains(string(stack), "guarded_linux_test.go") {
				t.Errorf("%s: %s", FaultLog, stack)
			}
		})
	}
}

// sink runs a plan with something in it that panics.
func sink(t *testing.T, path, out string, s sinking) error {
	t.Helper()
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Load(path, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Run(t.Context(), Options{
		Plan: p, Out: out, Bin: bin, TempDir: "/tmp", Channel: "direct", Version: "test", Watch: s, Point: tampered(s.tamper),
	})
	return err
}

// registering is a plan of two profiles whose processes register the same name, so
// that one waits for the other.
func registering(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "all.sb"), []byte("(version 1)(allow default)"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := "schema = 1\nid = \"test\"\n"
	for _, id := range []string{"one", "two"} {
		text += "[[profile]]\nid = \"" + id + "\"\nfamily = \"mach\"\nsource = \"all.sb\"\n" +
			"probes = [ { id = \"x\", op = \"mach-register\", target = \"" + bus.Prefix + "Taken\", expect = \"any\" } ]\n"
	}
	path := filepath.Join(dir, "plan.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
