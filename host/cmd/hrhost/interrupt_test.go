package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestAwait(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	v, err := await(ctx, func() (int, error) { return 3, errors.New("x") })
	if v != 3 || err == nil || err.Error() != "x" {
		t.Errorf("%d, %v", v, err)
	}
	forever := make(chan struct{})
	t.Cleanup(func() { close(forever) })
	begun := make(chan struct{})
	go func() { <-begun; stop() }()
	if _, err := await(ctx, func() (int, error) { close(begun); <-forever; return 3, nil }); err != errInterrupted {
		t.Errorf("%v", err)
	}
}

// endless says that it runs, and takes all steps that a profile gets.
const endless = "(version 1)\n(display \"looping\")(newline)\n(define (f n) (f (+ n 1)))\n(f 0)\n"

// TestSignalsEndEvaluation: Ctrl-C and SIGTERM end a command that evaluates a
// profile, with the exit code for incomplete. Left alone, the profile runs out of
// steps and is refused.
func TestSignalsEndEvaluation(t *testing.T) {
	bin := buildPrograms(t)
	profile := filepath.Join(t.TempDir(), "endless.sb")
	if err := os.WriteFile(profile, []byte(endless), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check", profile}, {"decide", profile, "signal"}, {"rules", profile}} {
		for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
			cmd := exec.Command(filepath.Join(bin, "hrhost"), append([]string{"sb"}, args...)...)
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stderr)
			if !lines.Scan() || lines.Text() != "looping" {
				t.Fatalf("%v: it begins with %q, %v", args, lines.Text(), lines.Err())
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			var said []string
			for lines.Scan() {
				said = append(said, lines.Text())
			}
			err = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 3 || strings.Join(said, "\n") != "hrhost: error: interrupted" {
				t.Errorf("%v, %v: exit %d (%v), %q", args, sig, code, err, said)
			}
		}
	}
}
