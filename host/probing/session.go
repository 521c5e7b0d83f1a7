package probing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"

	"github.com/hrhost/hrhost/host/enforce/monitor"
	"github.com/hrhost/hrhost/host/enforce/seatbelt"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/guard"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/internal/wire/goplugin"
)

// maxWitness is how many mediated calls a process may make for so many attempts.
// It bounds the memory of its decisions and the rows on disk: an attempt makes a
// few, a Go program's start some dozens.
func maxWitness(attempts int) int { return 4096 + 64*attempts }

// session is one process while it runs.
type session struct {
	host      *Host
	job       *Job
	report    *Report
	deadlines Deadlines
	dir       *launch.Dir
	file      *os.File
	region    *recorder.Region
	mon       Monitor
	bus       connection
	receiver  seatbelt.Receiver // macOS: counts posts from outside, nil when there are none
	sealedAt  time.Time         // macOS: when the plugin was told to seal
	members   seatbelt.Members  // macOS: its children and their like, as far as they were seen
	at        atomic.Value      // lane.Stage: how far the process has got
	seq       int64             // of witness rows, whoever wrote them
	since     int64             // of a Feed: when the batch began, by the recorder's clock
	before    int               // of a Feed: how many rows of the witness there were by then
	ordered   int64             // when the attempts were ordered, by the same clock
	runner    *launch.Runner
	plugin    *plugin.Client
	connect   *time.Timer                        // kills a plugin that accepts no connection
	late      atomic.Bool                        // it did
	running   atomic.Pointer[launch.Process]     // for the monitor's thread
	impostor  atomic.Pointer[wire.ProtocolError] // who answers at the plugin's address, when it is not the plugin
	overfull  atomic.Pointer[wire.ProtocolError] // what it filled the disk with
	stopped   bool                               // it was told to leave after all was done
	unwatch   func() bool                        // forgets to kill the process when the run is cancelled
	client    *wire.Client
	mu        sync.Mutex // guards report.Witness while the monitor runs
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
	s := &session{host: h, job: &job, deadlines: h.Deadlines.orDefault(), report: &Report{Started: time.Now()}}
	s.report.Attempts = make([]Attempt, len(job.Items))
	for i, it := range job.Items {
		s.report.Attempts[i].Item = it
	}
	defer s.release()
	s.at.Store(lane.StageLaunch) // until it answers
	for _, st := range s.steps() {
		if s.client != nil {
			s.at.Store(st.stage)
		}
		began := time.Now()
		err := guard.Do(func() error { return st.do(ctx) })
		if err != nil {
			s.fail(st.stage, s.explainCall(st.stage, err))
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
	steps := []step{
		{"open", lane.StageLaunch, s.open},
		{"launch", lane.StageHandshake, s.handshake},
		{"describe", lane.StageHandshake, s.describe},
		{"configure", lane.StagePrepare, s.configure},
		{"prepare", lane.StagePrepare, s.prepare},
	}
	if s.job.Policy != nil {
		steps = append(steps, step{"seal", lane.StageApply, s.seal})
	}
	if t := s.job.Trace; t != nil && t.Hold != nil {
		steps = append(steps, step{"hold", lane.StageOperation, s.hold})
	}
	switch {
	case s.job.List != nil:
		return append(steps, step{"list", lane.StagePrepare, s.list}, step{"stop", lane.StageCleanup, s.stop})
	case s.job.Feed != nil:
		return append(steps, step{"feed", lane.StageOperation, s.feed}, step{"stop", lane.StageCleanup, s.stop})
	}
	return append(steps,
		step{"run", lane.StageOperation, s.run},
		step{"ask", lane.StageReport, s.ask},
		step{"stop", lane.StageCleanup, s.stop})
}

// open makes what the process inherits.
func (s *session) open(context.Context) (err error) {
	if s.dir, err = launch.NewDir(s.host.TempDir); err != nil {
		return err
	}
	if s.file, s.region, err = recorder.Create(max(1, len(s.job.Items), s.job.slots())); err != nil {
		return err
	}
	if s.host.Kernel != nil {
		return s.openKernel()
	}
	if s.job.Policy != nil && s.job.Seal != SealWrap {
		if err := s.openMonitor(); err != nil {
			return err
		}
	}
	return s.openBus()
}

func (s *session) openMonitor() error {
	conf := monitor.Config{Name: s.job.Name, Slots: s.region, Emit: s.witness}
	if s.host.NewMonitor != nil {
		var err error
		s.mon, err = s.host.NewMonitor(conf)
		return err
	}
	m, err := monitor.New(conf)
	if errors.Is(err, monitor.ErrUnsupported) {
		return &applyError{lane.ApplyUnsupported, err}
	}
	if err == nil {
		s.mon = m
	}
	return err
}

// witness keeps a row for the decisions and passes it on, before the call that
// it is about is answered.
func (s *session) witness(row *lane.WitnessRow) {
	if row.Slot < 0 { // outside every attempt
		row.Stage = s.at.Load().(lane.Stage)
	}
	s.mu.Lock()
	s.seq++
	row.Seq = s.seq // the monitor's and the gateway's rows make one sequence
	if len(s.report.Witness) < maxWitness(len(s.job.Items)) {
		s.report.Witness = append(s.report.Witness, row)
	} else {
		s.report.Dropped++
		if p := s.running.Load(); p != nil {
			p.Kill()
		}
	}
	if s.job.Witness != nil {
		s.job.Witness(row) // with the lock held: rows are on disk in the order of their numbers
	}
	s.mu.Unlock()
	s.job.Trace.witness(row)
}

// handshake launches through go-plugin and makes the one connection.
func (s *session) handshake(ctx context.Context) error {
	s.plugin = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  goplugin.Handshake,
		VersionedPlugins: goplugin.Host(),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, _ string) (runner.Runner, error) {
			return s.start(ctx, cmd)
		},
		SkipHostEnv:      true,
		StartTimeout:     s.deadlines.Start,
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: s.dir.Sockets},
		GRPCDialOptions:  s.dialOptions(),
		Logger:           hclog.NewNullLogger(), // stderr is in the log already
		SyncStdout:       sent{s},
		SyncStderr:       sent{s},
	})
	conn, err := s.plugin.Client()
	if err == nil {
		s.connect.Stop()
	}
	if err != nil {
		return s.explainStart(ctx, err)
	}
	raw, err := conn.Dispense(goplugin.Name)
	if err != nil {
		return err
	}
	c, ok := raw.(*wire.Client)
	if !ok {
		return fmt.Errorf("the plugin set holds a %T", raw)
	}
	s.client = c
	return nil
}

// sent takes the output that comes over the connection into the log.
type sent struct{ *session }

func (s sent) Write(b []byte) (int, error) { return s.runner.Log().Write(b) }

// describe asks who is there, and unlinks the socket: nobody else can connect
// from here on, and nobody has to.
func (s *session) describe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.deadlines.Call)
	defer cancel()
	d, err := s.client.Describe(ctx, wire.DescribeRequest{HostVersion: s.host.Version})
	if err != nil {
		return err
	}
	s.report.Ready = time.Since(s.report.Started)
	s.report.Description = &d
	s.signature()
	os.RemoveAll(s.dir.Sockets)
	if s.job.Family != "" && d.Family != s.job.Family {
		return fmt.Errorf("the plugin says it is family %q, the plan wants %q", d.Family, s.job.Family)
	}
	return nil
}

func (s *session) configure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.deadlines.Call)
	defer cancel()
	diags, err := s.client.Configure(ctx, s.job.Options)
	if err != nil && !errors.Is(err, wire.ErrAbsent) {
		return err
	}
	return refused(diags)
}

// refused turns the first error among diagnostics into one.
func refused(diags []wire.Diagnostic) error {
	for _, d := range diags {
		if d.Severity == wire.Error {
			return fmt.Errorf("the plugin refuses: %s %s", d.Summary, d.Detail)
		}
	}
	return nil
}

func (s *session) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.deadlines.Call)
	defer cancel()
	r, err := s.client.Prepare(ctx, wire.PrepareRequest{Targets: targets(s.job.Items)})
	if errors.Is(err, wire.ErrAbsent) {
		return nil
	}
	s.report.Prepared = r.Targets
	if err != nil {
		return err
	}
	return refused(r.Diagnostics)
}

// targets lists what the items need, each once.
func targets(items []wire.RunItem) []wire.PrepareTarget {
	var out []wire.PrepareTarget
	seen := map[wire.PrepareTarget]bool{}
	for _, it := range items {
		t := wire.PrepareTarget{Operation: it.Operation, Target: it.Target, Arm: it.Arm}
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}
