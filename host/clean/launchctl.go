package clean

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ask runs launchctl and returns what it said and its exit code, which is
// launchd's error number. err is a *Failure: it did not run, or did not answer.
func (l *launchd) ask(args ...string) (out string, code int, err error) {
	text, code, err := runTool(l.answer, l.launchctl, args...)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.transcript = fmt.Appendf(l.transcript, "$ launchctl %s\n%s\n", strings.Join(args, " "), said(text, code))
	if err != nil {
		return text, code, &Failure{Kind: NoLaunchctl, Cause: err.Error()}
	}
	return text, code, nil
}

// conversation is what was asked and said until now. The follower may ask on.
func (l *launchd) conversation() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.transcript)
}

// runTool runs a program in a process group of its own, so that what is typed at
// the terminal does not end it, and no longer than limit.
func runTool(limit time.Duration, name string, args ...string) (out string, code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	b, err := cmd.CombinedOutput()
	var ee *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return string(b), -1, fmt.Errorf("%s %s: no answer for %s", name, args[0], limit)
	case errors.As(err, &ee) && ee.ExitCode() >= 0:
		return string(b), ee.ExitCode(), nil
	case err != nil:
		return string(b), -1, fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	return string(b), 0, nil
}

// said is launchctl's answer in one line.
func said(out string, code int) string {
	if line := lastLine(out); line != "" && code != 0 {
		return fmt.Sprintf("%s (exit code %d)", line, code)
	}
	if code == 0 {
		return strings.TrimSpace(out)
	}
	return fmt.Sprintf("exit code %d", code)
}
