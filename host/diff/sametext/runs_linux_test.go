package sametext

import (
	"cmp"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/hrhost/hrhost/internal/needs"
)

// manyRuns is from how many runs on a value that a mask names must have differed.
const manyRuns = 20

// TestRunsAreTheSameText runs the default plan twice, or as often as
// HRHOST_SAME_RUNS says, next to as many busy processes as HRHOST_SAME_LOAD says:
// all bundles are the same text apart from the masked values. Each mask must find a
// value, and in many runs one that differs.
//
//	HRHOST=$PWD/bin/hrhost HRHOST_SAME_RUNS=200 HRHOST_SAME_LOAD=4 \
//	    go test ./host/diff/sametext -run TestRunsAreTheSameText -timeout 1h
func TestRunsAreTheSameText(t *testing.T) {
	runs, _ := strconv.Atoi(os.Getenv("HRHOST_SAME_RUNS"))
	load, _ := strconv.Atoi(os.Getenv("HRHOST_SAME_LOAD"))
	for range load {
		busy(t)
	}
	first := run(t)
	varied := make([]bool, len(Masks))
	for n := 2; n <= max(2, runs); n++ {
		again := run(t)
		for _, d := range Differences(first, again) {
			t.Errorf("run %d: %s", n, d)
		}
		for i := range Masks {
			varied[i] = varied[i] || !slices.Equal(first.Hits[i], again.Hits[i])
		}
	}
	for i, m := range Masks {
		if len(first.Hits[i]) == 0 {
			t.Errorf("the mask of %s %s finds no value", m.Document, m.Path)
		} else if runs >= manyRuns && !varied[i] {
			t.Errorf("the mask of %s %s finds the same value in all %d runs", m.Document, m.Path, runs)
		}
	}
}

// run runs the default plan and reads its bundle.
func run(t *testing.T) *Bundle {
	t.Helper()
	program, err := exec.LookPath(cmp.Or(os.Getenv("HRHOST"), "hrhost"))
	if err != nil {
		needs.Missing(t, needs.Host, err.Error())
	}
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		needs.Missing(t, needs.DBus, err.Error())
	}
	out := t.TempDir()
	defer os.RemoveAll(out)
	c := exec.CommandContext(t.Context(), program, "run", "-q", "--out", out, "../../../config.toml")
	text, err := c.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 3 && os.Getenv("HRHOST_SAME_RUNS") == "" {
		needs.Missing(t, needs.Seal, string(text))
	}
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	dir, err := filepath.EvalSymlinks(filepath.Join(out, "LATEST"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Read(dir, Masks)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// busy keeps a processor busy until the test ends.
func busy(t *testing.T) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "sh", "-c", "while :; do :; done")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Wait() }) // t's context ends before, and the process with it
}
