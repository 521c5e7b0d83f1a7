package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// base is where the runs are made. Its path gets into the bundles.
const base = "/srv/hrhost"

// patience is the longest that one run may take.
const patience = time.Minute

// bundleCase is one run of hrhost.
type bundleCase struct {
	name string
	args []string
	exit int
	// after, if set, is the line of output after which the run gets SIGINT.
	after string
	// broken are bundles made from this one that no verify may call valid.
	broken []breakage
}

var cases = []bundleCase{
	{name: "run", args: []string{"run"}},
	{name: "selected", args: []string{"run", "--profile", "sysctl.strict,signal.strict"}},
	{name: "sweep", args: []string{"sweep", "--profile", "sweep.sb", "--operation", "sysctl-read", "--match", "vm.*"}},
	{name: "try", args: []string{"try", "sb/sysctl_strict.sb", "sysctl-read", "kernel.ostype", "-D", "OK=kernel.ostype"}, broken: breakages},
	{name: "wrap", args: []string{"run", "wrap/agent.toml"}, exit: 1},
	{name: "mismatch", args: []string{"run", "mismatch.toml"}, exit: 1},
	{name: "interrupted", args: []string{"run", "interrupted.toml"}, exit: 3, after: "quick "},
}

// make runs hrhost and returns the directory that it left: a bundle or the part
// of one.
func (c bundleCase) make() (string, error) {
	out := filepath.Join("out", c.name)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bin/hrhost", append(c.args, "--out", out)...)
	cmd.Dir, cmd.Env = base, []string{"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "HOME=" + base}
	asOrdinaryUser(cmd)
	printed, err := c.wait(cmd)
	if err != nil {
		return "", err
	}
	if got := cmd.ProcessState.ExitCode(); got != c.exit {
		return "", fmt.Errorf("hrhost %q: exit code %d, want %d; it printed:\n%s", c.args, got, c.exit, printed)
	}
	left, err := filepath.Glob(filepath.Join(base, out, "runs", "*"))
	if err == nil && len(left) != 1 {
		err = fmt.Errorf("hrhost %q left %d directories in %s/runs, want 1", c.args, len(left), out)
	}
	if err != nil {
		return "", err
	}
	return left[0], nil
}

// wait runs cmd to its end, interrupts it where the case asks for that, and
// returns its output. An exit code is not an error.
func (c bundleCase) wait(cmd *exec.Cmd) ([]byte, error) {
	var printed bytes.Buffer
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd.Stdout, cmd.Stderr = w, w
	err = cmd.Start()
	w.Close()
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(io.TeeReader(r, &printed))
	for sent := false; lines.Scan(); {
		if !sent && c.after != "" && bytes.HasPrefix(lines.Bytes(), []byte(c.after)) {
			sent = true
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				return nil, err
			}
		}
	}
	err = cmd.Wait()
	var ee *exec.ExitError
	if errors.As(err, &ee) {
		err = nil
	}
	return printed.Bytes(), errors.Join(lines.Err(), err)
}
