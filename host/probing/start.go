package probing

import (
	"context"
	"os/exec"
	"strconv"
	"time"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/launch/trampoline"
	"github.com/hrhost/hrhost/internal/wire"
)

// start is for go-plugin's RunnerFunc. Of its command only the environment is
// used: nothing of ours is inherited.
func (s *session) start(ctx context.Context, cmd *exec.Cmd) (runner.Runner, error) {
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
		p, err := s.host.Launcher.Start(spec)
		if err == nil {
			s.unwatch = context.AfterFunc(ctx, p.Kill)
			// go-plugin connects without a deadline.
			s.connect = time.AfterFunc(s.deadlines.Start+s.deadlines.Call, func() {
				s.late.Store(true)
				p.Kill()
			})
		}
		return p, err
	})
	return s.runner, nil
}

// process is the started process, nil when there is none.
func (s *session) process() *launch.Process {
	if s.runner == nil {
		return nil
	}
	return s.runner.Process()
}
