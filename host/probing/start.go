package probing

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin/runner"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/launch/trampoline"
	"github.com/hrhost/hrhost/internal/wire"
)

// start is go-plugin's RunnerFunc. Of its command only the environment is
// used: nothing of ours is inherited.
func (s *session) start(_ hclog.Logger, cmd *exec.Cmd, _ string) (runner.Runner, error) {
	env := append(cmd.Env,
		wire.EnvLife+"="+strconv.Itoa(trampoline.FDLife),
		wire.EnvRecorder+"="+strconv.Itoa(trampoline.FDRecorder),
		wire.EnvScratch+"="+s.dir.Scratch,
		"TMPDIR="+s.dir.Scratch)
	env = append(env, s.bus.environment()...)
	spec := launch.Spec{
		Name: s.job.Name, Binary: s.job.Binary, Env: env,
		Dir: s.dir, Recorder: s.file, Log: s.job.Log, Sealed: s.job.Policy != nil,
	}
	spec.Bus = s.bus.files
	if s.mon != nil {
		spec.Filter = served{s.mon, s.bus.gateway}
	}
	s.runner = launch.NewRunner(s.job.Name, s.dir, func() (*launch.Process, error) {
		defer s.bus.inherited()
		return s.host.Launcher.Start(spec)
	})
	return s.runner, nil
}

// explainStart takes go-plugin's words out of a failed start where ours are
// better.
func (s *session) explainStart(err error) error {
	var le *launch.Error
	if errors.As(err, &le) {
		if r := applyReason(le); r != "" {
			return &applyError{r, le}
		}
		return err
	}
	msg := err.Error()
	p := s.runner.Process()
	switch {
	case strings.Contains(msg, "Unrecognized remote plugin message"):
		_, line, _ := strings.Cut(msg, "message:")
		line, _, _ = strings.Cut(strings.TrimSpace(line), "\n")
		err = fmt.Errorf("%s", s.runner.Diagnose(nil))
		if line != "" && !strings.HasPrefix(line, "Failed to read") {
			err = fmt.Errorf("it printed %q before the handshake: %w", line, err)
		}
	case strings.Contains(msg, "incompatible API version"):
		err = fmt.Errorf("the plugin speaks another version of the protocol than %d: %s", wire.ProtocolMajor, lastLine(msg))
	case strings.Contains(msg, "plugin exited before we could connect"), strings.Contains(msg, "timeout while waiting"):
		err = fmt.Errorf("%s", s.runner.Diagnose(nil))
	}
	if p == nil {
		return err
	}
	return &launch.Error{Name: s.job.Name, Step: "handshake", Cause: err}
}

func lastLine(s string) string {
	l := strings.Split(strings.TrimSpace(s), "\n")
	return l[len(l)-1]
}

// applyError is a policy that could not be put in force.
type applyError struct {
	reason lane.Reason
	err    error
}

func (e *applyError) Error() string { return e.err.Error() }
func (e *applyError) Unwrap() error { return e.err }

// applyReason sorts the trampoline's failures: an outer listener, an outer
// filter that refuses, a kernel that lacks the feature.
func applyReason(e *launch.Error) lane.Reason {
	if e.Step != "seccomp" {
		return ""
	}
	switch {
	case errors.Is(e, syscall.EBUSY):
		return lane.ApplyListenerBusy
	case errors.Is(e, syscall.EPERM), errors.Is(e, syscall.EACCES):
		return lane.ApplyAlreadySandboxed
	case errors.Is(e, syscall.ENOSYS), errors.Is(e, syscall.EINVAL):
		return lane.ApplyUnsupported
	}
	return lane.ApplyFailed
}

// process is the started process, nil when there is none.
func (s *session) process() *launch.Process {
	if s.runner == nil {
		return nil
	}
	return s.runner.Process()
}
