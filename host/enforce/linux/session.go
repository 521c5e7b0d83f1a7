package linux

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/enforce/monitor"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/codesign"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// session is the enforcement of one process.
type session struct {
	req     point.Request
	process *launch.Process // nil until started
	monitor Monitor         // nil where no policy of ours is put in force
	bus     connection
	epoch   int
}

// Open makes the monitor and connects to the buses, as far as the process needs them.
func (p *Point) Open(req point.Request) (point.Session, error) {
	s := &session{req: req}
	opened := false
	defer func() { // also when an enforcer panics: the lock on the buses must not stay
		if !opened {
			s.Close()
		}
	}()
	if req.Mode == point.Self || req.Mode == point.Exec {
		m, err := p.NewMonitor(s.config())
		if errors.Is(err, monitor.ErrUnsupported) {
			return nil, &point.Refused{Reason: lane.ApplyUnsupported, Err: err}
		}
		if err != nil {
			return nil, err
		}
		s.monitor = m
	}
	if err := s.bus.open(p, s.config(), &req); err != nil {
		return nil, err
	}
	opened = true
	return s, nil
}

func (s *session) config() enforce.Config {
	return enforce.Config{Name: s.req.Name, Slots: s.req.Slots, Emit: s.req.Emit}
}

// Prepare adds the filter and the way to the buses.
func (s *session) Prepare(spec *launch.Spec) {
	spec.Env = append(spec.Env, s.bus.environment()...)
	spec.Bus = s.bus.files
	if s.monitor != nil {
		spec.Filter = served{Filter: s.monitor, gateway: s.bus.gateway, then: s.atExec}
	}
}

// served is the enforcers' side of a launch: the gateway learns the pid and reads
// before the first instruction of the plugin.
type served struct {
	launch.Filter
	gateway Gateway
	then    func() error // once both are served
}

func (f served) Listen(listener *os.File, pid int) error {
	if f.gateway != nil {
		f.gateway.Serve(pid)
	}
	if err := f.Filter.Listen(listener, pid); err != nil {
		return err
	}
	return f.then()
}

// atExec does what must happen before the process's first instruction.
func (s *session) atExec() error {
	if s.req.Mode == point.Exec {
		return s.enforce()
	}
	return nil
}

// enforce switches the policy in the host. The two enforcers must agree in the epoch.
func (s *session) enforce() error {
	for i, e := range s.enforcers() {
		epoch, err := e.Seal(s.req.Policy)
		if err == nil && i > 0 && epoch != s.epoch {
			err = fmt.Errorf("the monitor is in epoch %d and the gateway in %d", s.epoch, epoch)
		}
		if err != nil {
			s.epoch = 0
			return &point.Refused{Reason: lane.ApplyFailed, Err: err}
		}
		s.epoch = epoch
	}
	return nil
}

// enforcers are those that judge the process, the monitor first.
func (s *session) enforcers() []enforce.Enforcer {
	if s.bus.gateway == nil {
		return []enforce.Enforcer{s.monitor}
	}
	return []enforce.Enforcer{s.monitor, s.bus.gateway}
}

// Started closes the host's copies of what the process has inherited.
func (s *session) Started(p *launch.Process) {
	s.process = p
	s.bus.inherited()
}

// Described has nothing to add: Linux knows no code signature.
func (s *session) Described(*wire.Description) *codesign.Signature { return nil }

// Seal puts the policy in force and then tells the plugin, which reports its own view
// of it. A wrapper has done its part by now, and the plugin may see nothing of it.
func (s *session) Seal(tell func(wire.SealRequest) (wire.SealReport, error)) (out point.Sealed, err error) {
	switch s.req.Mode {
	case point.Exec: // since the launch
	case point.Wrap:
		s.epoch = 1
		out.View = s.process.View()
	default:
		if err := s.enforce(); err != nil {
			return out, err
		}
	}
	r, err := tell(wire.SealRequest{Epoch: s.epoch, AppliedByHost: true})
	if err != nil && !errors.Is(err, wire.ErrAbsent) {
		return out, err
	}
	out.Report = &r
	if err == nil && !r.InForce && s.req.Mode != point.Wrap {
		return out, &point.Refused{
			Reason: lane.ApplyFailed, Err: fmt.Errorf("the plugin sees no filter on itself: %s", r.Detail),
		}
	}
	return out, nil
}

func (s *session) Epoch() int { return s.epoch }

// Event has nothing to do: the enforcers see each call themselves.
func (s *session) Event() {}

// Ask asks the gateway about messages and the monitor about all else.
func (s *session) Ask(questions []sbpl.Query) (answers []enforce.Answer) {
	if s.monitor == nil {
		return nil
	}
	for _, q := range questions {
		var e enforce.Enforcer = s.monitor
		if s.bus.gateway != nil && bus.Needed(q.Operation) {
			e = s.bus.gateway
		}
		answers = append(answers, e.Ask(s.process.PID, q))
	}
	return answers
}

// Batch makes sure that the fixtures on the buses are still there.
func (s *session) Batch() (point.Log, error) { return point.Log{}, s.bus.attended() }

// End closes the enforcers and then asks the subscribers: all that the process had
// posted has been passed on by now.
func (s *session) End(attempts []point.Attempt) (end point.Ending) {
	defer s.bus.free()
	if s.monitor != nil {
		_, end.Err = s.monitor.Close()
		s.monitor = nil
	}
	violations, err := s.bus.close()
	end.Violations, end.Err = violations, cmp.Or(end.Err, err)
	if s.process != nil { // else nothing has asked the buses anything
		end.Effects, end.Unattended = s.bus.deliveries(context.Background(), attempts)
	}
	return end
}

// Close ends what End did not: a launch that failed has inherited nothing, and an
// enforcer must not outlive the flight recorder that it reads.
func (s *session) Close() {
	s.bus.inherited()
	if s.monitor != nil {
		s.monitor.Close()
		s.monitor = nil
	}
	s.bus.close()
	s.bus.free()
}
