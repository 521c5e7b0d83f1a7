package faults

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/host/verify"
)

// command is a program with more environment.
func command(path string, env []string, args ...string) *exec.Cmd {
	c := exec.Command(path, args...)
	c.Env = append(os.Environ(), env...)
	return c
}

// runProgram runs hrhost as a program, with its bundle below dir, and returns
// the bundle and what the terminal said.
func runProgram(t *testing.T, dir string, c *exec.Cmd) (*finished, string) {
	t.Helper()
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	var ee *exec.ExitError
	if err != nil && !errors.As(err, &ee) {
		t.Fatal(err)
	}
	latest, err := filepath.EvalSymlinks(filepath.Join(dir, "out", "LATEST"))
	if err != nil {
		t.Fatalf("no bundle: exit code %d\n%s", c.ProcessState.ExitCode(), out.String())
	}
	f := &finished{t: t, Result: &run.Result{Dir: latest, Exit: c.ProcessState.ExitCode()}}
	if f.Verify, err = verify.Bundle(latest); err != nil {
		t.Fatal(err)
	}
	f.read()
	return f, out.String()
}
