package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/internal/installation"
	"github.com/hrhost/hrhost/internal/needs"
)

var update = flag.Bool("update", false, "write what commands print into the scripts' golden files")

// root is the module's directory.
const root = "../../.."

// TestScript runs the scripts of testdata/script against the real programs.
//
//	exec hrhost run plan.toml      wants exit code 0
//	exits 3 hrhost run plan.toml   wants that exit code
//	packets N BUNDLE REASON        wants that many mismatch packets with the reason ("*": any)
//	pauses hrhost plugin run ...   wants a process that is sealed and makes no attempt until Enter
//	step FILE JOB ID               runs a step of a GitHub workflow, - for ours
//	extract PAGE                   writes the files that a page of docs holds
//
// The condition [linux-seal] holds where a policy can be applied, [dbus] where
// dbus-daemon is installed, [bwrap] where bubblewrap works, and each always
// where HRHOST_REQUIRE names it. $SB is the directory of the default plan's
// profiles, $PLAN the default plan, $EXAMPLES the examples, $SCRIPTS the scripts,
// $SRC the checkout.
func TestScript(t *testing.T) {
	bin := buildPrograms(t)
	seals := sealable(bin)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Condition: func(name string) (bool, error) {
			switch name {
			case needs.Seal:
				return needs.Required(name) || seals(), nil
			case needs.DBus:
				_, err := exec.LookPath("dbus-daemon")
				return needs.Required(name) || err == nil, nil
			case needs.Bwrap:
				return needs.Required(name) || exec.Command("bwrap", "--ro-bind", "/", "/", "--unshare-pid", "true").Run() == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Setup: func(e *testscript.Env) error {
			top, err := filepath.Abs(root)
			if err != nil {
				return err
			}
			e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("BIN", bin)
			e.Setenv("SRC", top)
			e.Setenv("SB", filepath.Join(top, "sb"))
			e.Setenv("EXAMPLES", filepath.Join(top, "examples"))
			e.Setenv("SCRIPTS", filepath.Join(top, "scripts"))
			e.Setenv("PLAN", filepath.Join(top, "config.toml"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "packets": packets, "pauses": pauses, "step": runStep, "extract": extract,
		},
	})
}

// buildPrograms builds hrhost and what it needs beside it, as `make build` does.
func buildPrograms(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := installation.Into(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// exits runs a command and wants its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG]...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var ee *exec.ExitError
		if !errors.As(err, &ee) {
			ts.Fatalf("running %s: %v", args[1], err)
		}
		got = ee.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// packets counts a bundle's mismatch packets.
func packets(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: packets N BUNDLE REASON")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	dir, err := bundle.Resolve(ts.MkAbs(args[1]))
	ts.Check(err)
	got := 0
	ts.Check(bundle.ReadRows(dir, bundle.MismatchPackets, func(p mismatch.Packet) error {
		if args[2] == "*" || args[2] == string(p.MismatchReason) {
			got++
		}
		return nil
	}))
	if got != want {
		ts.Fatalf("%d packets with reason %s, want %d", got, args[2], want)
	}
}

// sealable reports whether a policy can be put over a process on this machine.
func sealable(bin string) func() bool {
	return sync.OnceValue(func() bool {
		profile := filepath.Join(root, "sb/sysctl_canary.sb")
		return exec.Command(filepath.Join(bin, "hrhost"), "try", profile, "sysctl-read", "kernel.ostype").Run() == nil
	})
}
