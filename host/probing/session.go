package probing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/launch/trampoline"
	"github.com/hrhost/hrhost/internal/guard"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
)

// session is one process while it runs: the order of the steps. The parts know
// nothing of each other.
type session struct {
	host     *Host
	job      *Job
	report   *Report
	dir      *launch.Dir
	flight   flightRecorder
	enforced point.Session // nil until opened
	conn     connection
	witness  *witness
	work     *work
	overfull atomic.Pointer[wire.ProtocolError] // what it filled the disk with
	leaving  bool                               // it was told to leave after all was done
}

// flightRecorder is the memory that the plugin writes its claims to.
type flightRecorder struct {
	file   *os.File
	region *recorder.Region
}

// step is one arrow of the sequence.
type step struct {
	name  string
	stage lane.Stage
	do    func(context.Context) error
}

// Run takes the job through the sequence. It always returns a whole Report, whose
// error is a *guard.Fault if a step panicked: the process is ended in that case too,
// and no lock is left behind.
func (h *Host) Run(ctx context.Context, job Job) *Report {
	s := &session{host: h, job: &job, report: &Report{Started: time.Now()}, witness: newWitness(&job)}
	s.conn.name, s.conn.limits = job.Name, h.Deadlines.orDefault()
	s.begin(newWork(job.Items, job.Ask))
	defer s.release()
	for _, st := range s.steps() {
		if s.conn.client != nil {
			s.witness.stage.Store(st.stage)
		}
		began := time.Now()
		err := guard.Do(func() error { return st.do(ctx) })
		if s.enforced != nil {
			s.report.Epoch = s.enforced.Epoch()
		}
		if err != nil {
			s.fail(st.stage, s.conn.explainCall(st.stage, err, s.overfull.Load(), s.report.TimedOut))
		}
		job.Trace.step(st.name, began, s.report.Err, s.report)
		if err != nil {
			break
		}
	}
	began := time.Now()
	if err := guard.Do(func() error { s.end(); return nil }); err != nil {
		s.report.Failed, s.report.Err = lane.StageCleanup, err
	}
	job.Trace.step("exit", began, s.report.Err, s.report)
	s.report.Took = time.Since(s.report.Started)
	return s.report
}

func (s *session) steps() []step {
	call := func(do func(context.Context) error) func(context.Context) error {
		return within(s.conn.limits.Call, do)
	}
	steps := []step{
		{"open", lane.StageLaunch, s.open},
		{"launch", lane.StageHandshake, func(ctx context.Context) error {
			return s.conn.open(ctx, s.dir.Sockets, s.job.Trace, s.start)
		}},
		{"describe", lane.StageHandshake, call(s.describe)},
		{"configure", lane.StagePrepare, call(func(ctx context.Context) error {
			return configure(ctx, s.conn.client, s.job.Options)
		})},
		{"prepare", lane.StagePrepare, call(func(ctx context.Context) (err error) {
			s.report.Prepared, err = prepare(ctx, s.conn.client, s.job.Items)
			return err
		})},
	}
	if s.job.Policy != nil {
		steps = append(steps, step{"seal", lane.StageApply, s.seal})
	}
	if t := s.job.Trace; t != nil && t.Hold != nil { // no deadline of a call or an attempt runs
		steps = append(steps, step{"hold", lane.StageOperation, func(ctx context.Context) error {
			return t.Hold(ctx, s.conn.process().PID)
		}})
	}
	switch {
	case s.job.List != nil:
		steps = append(steps, step{"list", lane.StagePrepare, s.list})
	case s.job.Feed != nil:
		steps = append(steps, step{"feed", lane.StageOperation, s.feed})
	default:
		steps = append(steps, step{"run", lane.StageOperation, s.run}, step{"ask", lane.StageReport, s.ask})
	}
	return append(steps, step{"stop", lane.StageCleanup, within(s.conn.limits.Stop, func(ctx context.Context) error {
		s.leaving = true
		return stop(ctx, s.conn.client)
	})})
}

// within bounds a step.
func within(limit time.Duration, do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return do(ctx)
	}
}

// open makes what the process inherits.
func (s *session) open(context.Context) (err error) {
	if s.dir, err = launch.NewDir(s.host.TempDir); err != nil {
		return err
	}
	if s.flight.file, s.flight.region, err = recorder.Create(s.job.slots()); err != nil {
		return err
	}
	s.work.region = s.flight.region
	mode := s.job.mode()
	s.conn.transport = launch.PrivateSocket(s.dir, mode == point.Wrap)
	req := point.Request{
		Name: s.job.Name, Mode: mode, SBPL: s.job.SBPL, Params: s.job.Params,
		Items: s.job.Items, Operation: s.job.operation(), Batched: s.job.Feed != nil,
		Slots: s.flight.region, Emit: s.witness.emit,
	}
	if s.job.Policy != nil { // keep a nil pointer out of the interface
		req.Policy = s.job.Policy
	}
	s.enforced, err = s.host.Point.Open(req)
	return err
}

// opSignal is the one operation whose baseline may signal other processes.
const opSignal = "signal"

// start launches the process as the mode wants it.
func (s *session) start(env []string) (*launch.Process, error) {
	scratch := s.dir.Scratch
	if s.job.mode() == point.Wrap {
		scratch = s.dir.Sockets // the one directory that the wrapper lets through
	}
	signals := func(it wire.RunItem) bool { return it.Operation == opSignal }
	spec := launch.Spec{
		Name: s.job.Name, Binary: s.job.Binary, Dir: s.dir, Recorder: s.flight.file, Log: s.job.Log,
		Sealed:  s.job.Policy != nil,
		Signals: slices.ContainsFunc(s.job.Items, signals) || s.job.operation() == opSignal,
		Env: append(env,
			wire.EnvLife+"="+strconv.Itoa(trampoline.FDLife),
			wire.EnvRecorder+"="+strconv.Itoa(trampoline.FDRecorder),
			wire.EnvScratch+"="+scratch,
			"TMPDIR="+scratch),
	}
	s.conn.transport.Prepare(&spec)
	s.enforced.Prepare(&spec)
	launcher := s.host.Launcher
	begin := launcher.Start
	if s.job.mode() == point.Wrap {
		begin = func(spec launch.Spec) (*launch.Process, error) { return launcher.StartWrapped(spec, s.job.Wrap) }
	}
	p, err := begin(spec)
	s.enforced.Started(p)
	if err != nil {
		return nil, err
	}
	s.witness.process.Store(p)
	go watchScratch(s.dir.Root, p, &s.overfull)
	return p, nil
}

// describe asks who is there, and retires the transport: the one connection stands.
func (s *session) describe(ctx context.Context) error {
	d, err := s.conn.client.Describe(ctx, wire.DescribeRequest{HostVersion: s.host.Version})
	if err != nil {
		return err
	}
	s.report.Ready = time.Since(s.report.Started)
	s.report.Description = &d
	s.report.Signature = s.enforced.Described(&d)
	s.conn.transport.Retire()
	if s.job.Family != "" && d.Family != s.job.Family {
		return fmt.Errorf("the plugin says it is family %q, the plan wants %q", d.Family, s.job.Family)
	}
	return nil
}

// seal puts the policy in force and tells the plugin, in the order of the platform.
func (s *session) seal(ctx context.Context) error {
	sealed, err := s.enforced.Seal(func(r wire.SealRequest) (wire.SealReport, error) {
		ctx, cancel := context.WithTimeout(ctx, s.conn.limits.Call)
		defer cancel()
		return s.conn.client.Seal(ctx, r)
	})
	s.report.Seal, s.report.View = sealed.Report, sealed.View
	return err
}

// fail notes the first failure.
func (s *session) fail(stage lane.Stage, err error) {
	s.report.Failed, s.report.Err = stage, err
	var refused *point.Refused
	var pe *wire.ProtocolError
	var le *launch.Error
	switch {
	case errors.As(err, &refused):
		s.report.Failed, s.report.Reason = lane.StageApply, refused.Reason
	case s.report.TimedOut:
		s.report.Reason = lane.ProbeTimeout
	case errors.As(err, &pe):
		s.report.Reason = lane.ProtocolViolation
	case errors.As(err, &le) && le.Step != "handshake":
		s.report.Failed = lane.StageLaunch
	}
	if stage == lane.StageCleanup {
		return // every attempt has been made
	}
	if p := s.conn.process(); p != nil && stage != lane.StageReport {
		p.Kill()
	}
}

// end waits for the process, then reads the flight recorder once, and takes in the
// facts that the enforcement has.
func (s *session) end() {
	r := s.report
	if e, started := s.conn.reap(); started {
		p := s.conn.process()
		r.Exit, r.PID = &e, p.PID
		r.Violations = violations(p, e, s.overfull.Load(), s.leaving, s.conn.limits.Stop, r.Err)
	}
	s.work.readSlots()
	if s.enforced != nil {
		r.add(s.enforced.End(s.work.forPoint()))
	}
	r.Witness, r.Dropped = s.witness.take()
	if r.Unbegun = unbegun(s.job.Feed, r, s.work.before); !r.Unbegun {
		markStopped(r.Failed, r.Attempts)
	}
}

// release frees what the process had. The enforcement goes before the flight recorder,
// which it reads.
func (s *session) release() {
	if s.enforced != nil {
		s.enforced.Close()
	}
	s.conn.close()
	if s.flight.file != nil {
		s.flight.file.Close()
	}
	if s.flight.region != nil {
		s.flight.region.Close()
	}
	if s.dir != nil {
		s.dir.Remove()
	}
}
