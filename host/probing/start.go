package probing

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/launch/trampoline"
	"github.com/hrhost/hrhost/internal/wire"
)

// opSignal is the one operation whose baseline may signal other processes.
const opSignal = "signal"

// start is for go-plugin's RunnerFunc. Of its command only the environment is
// used: nothing of ours is inherited.
func (s *session) start(ctx context.Context, cmd *exec.Cmd) (runner.Runner, error) {
	scratch := s.dir.Scratch
	if s.job.Seal == SealWrap && s.job.Policy != nil {
		scratch = s.dir.Sockets // the one directory that the wrapper lets through
	}
	env := append(cmd.Env,
		wire.EnvLife+"="+strconv.Itoa(trampoline.FDLife),
		wire.EnvRecorder+"="+strconv.Itoa(trampoline.FDRecorder),
		wire.EnvScratch+"="+scratch,
		"TMPDIR="+scratch)
	if s.knowsPeer() {
		env = append(env, wire.EnvHost+"="+strconv.Itoa(os.Getpid()))
	}
	env = append(env, s.bus.environment()...)
	spec := launch.Spec{
		Name: s.job.Name, Binary: s.job.Binary, Env: env,
		Dir: s.dir, Recorder: s.file, Log: s.job.Log, Sealed: s.job.Policy != nil,
		Signals: slices.ContainsFunc(s.job.Items, func(it wire.RunItem) bool { return it.Operation == opSignal }) || s.job.operation() == opSignal,
	}
	spec.Bus = s.bus.files
	if s.host.Kernel != nil && s.job.Policy != nil && s.job.Seal == SealExec {
		spec.Profile = &launch.Profile{SBPL: s.job.SBPL, Params: s.job.Params}
	}
	if s.mon != nil {
		spec.Filter = served{Filter: s.mon, gateway: s.bus.gateway, then: s.atExec()}
	}
	s.runner = launch.NewRunner(s.job.Name, s.dir, func() (*launch.Process, error) {
		defer s.bus.inherited()
		p, err := s.launch(spec)
		if err == nil {
			s.running.Store(p)
			go s.watchScratch(p)
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

// launch starts the process as the seal mode wants it.
func (s *session) launch(spec launch.Spec) (*launch.Process, error) {
	if s.job.Seal == SealWrap && s.job.Policy != nil {
		return s.host.Launcher.StartWrapped(spec, s.job.Wrap)
	}
	return s.host.Launcher.Start(spec)
}

// atExec is what must happen before the process's first instruction.
func (s *session) atExec() func() error {
	if s.job.Seal == SealExec {
		return s.enforce
	}
	return func() error { return nil }
}

// process is the started process, nil when there is none.
func (s *session) process() *launch.Process {
	if s.runner == nil {
		return nil
	}
	return s.runner.Process()
}
