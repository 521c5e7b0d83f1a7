package linux

import (
	"errors"
	"os"
	"testing"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/enforce/monitor"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// fake is a monitor or a gateway that judges nothing.
type fake struct {
	launch.Filter
	epoch  int // that it answers Seal with
	fails  error
	closed int
}

func (f *fake) Seal(enforce.Policy) (int, error)       { return f.epoch, f.fails }
func (f *fake) Ask(int, sbpl.Query) (a enforce.Answer) { return a }
func (f *fake) Listen(*os.File, int) error             { return nil }
func (f *fake) Files() (files [2]*os.File)             { return files }
func (f *fake) Serve(int)                              {}
func (f *fake) Inherited()                             {}

type fakeMonitor struct{ *fake }

func (f fakeMonitor) Close() (s monitor.Stats, err error) { f.closed++; return s, f.fails }

type fakeGateway struct{ *fake }

func (f fakeGateway) Close() (s bus.Stats, err error) { f.closed++; return s, f.fails }

// posing is a point with these enforcers and buses that nothing listens on.
func posing(m, g *fake) *Point {
	p := New(point.Config{})
	p.buses = &bus.Buses{}
	p.NewMonitor = func(enforce.Config) (Monitor, error) { return fakeMonitor{m}, nil }
	p.NewGateway = func(enforce.Config, *bus.Buses) (Gateway, error) { return fakeGateway{g}, nil }
	return p
}

func request(mode point.Mode, operation string) point.Request {
	return point.Request{Name: "test", Mode: mode, Items: []wire.RunItem{{Operation: operation}}}
}

// TestSeal: both enforcers are sealed before the plugin hears of it, they must agree in the
// epoch, and a plugin that sees no filter on itself is not believed.
func TestSeal(t *testing.T) {
	inForce := wire.SealReport{InForce: true}
	broken := errors.New("broken")
	for _, c := range []struct {
		name             string
		monitor, gateway fake
		says             wire.SealReport
		fails            error // of telling
		epoch, told      int
		reason           lane.Reason // "" when the seal stands
	}{
		{name: "sealed", monitor: fake{epoch: 1}, gateway: fake{epoch: 1}, says: inForce, epoch: 1, told: 1},
		{name: "two epochs", monitor: fake{epoch: 1}, gateway: fake{epoch: 2}, reason: lane.ApplyFailed},
		{name: "no monitor", monitor: fake{fails: broken}, reason: lane.ApplyFailed},
		{name: "no gateway", monitor: fake{epoch: 1}, gateway: fake{fails: broken}, reason: lane.ApplyFailed},
		{name: "unseen", monitor: fake{epoch: 1}, gateway: fake{epoch: 1}, epoch: 1, told: 1, reason: lane.ApplyFailed},
		{name: "mute", monitor: fake{epoch: 1}, gateway: fake{epoch: 1}, fails: wire.ErrAbsent, epoch: 1, told: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := posing(&c.monitor, &c.gateway).Open(request(point.Self, bus.OpLookup))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			told := 0
			_, err = s.Seal(func(r wire.SealRequest) (wire.SealReport, error) {
				if told++; r.Epoch != c.epoch || s.Epoch() != c.epoch || !r.AppliedByHost || r.SBPL != "" {
					t.Errorf("told of %+v in epoch %d", r, s.Epoch())
				}
				return c.says, c.fails
			})
			var refused *point.Refused
			if errors.As(err, &refused); (err == nil) != (c.reason == "") || refused != nil && refused.Reason != c.reason {
				t.Errorf("%v", err)
			}
			if told != c.told || s.Epoch() != c.epoch {
				t.Errorf("told %d times, epoch %d", told, s.Epoch())
			}
		})
	}
}

// TestSealAtExec: the policy is in force when the launch has handed over the listener,
// and Seal only tells.
func TestSealAtExec(t *testing.T) {
	m, g := &fake{epoch: 1}, &fake{epoch: 1}
	s, err := posing(m, g).Open(request(point.Exec, bus.OpLookup))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var spec launch.Spec
	s.Prepare(&spec)
	if s.Epoch() != 0 {
		t.Errorf("in force before the launch, in epoch %d", s.Epoch())
	}
	if err := spec.Filter.Listen(nil, 1); err != nil || s.Epoch() != 1 {
		t.Errorf("after the hand-over: epoch %d, %v", s.Epoch(), err)
	}
	m.epoch, g.epoch = 2, 2 // of another Seal
	_, err = s.Seal(func(wire.SealRequest) (wire.SealReport, error) { return wire.SealReport{InForce: true}, nil })
	if err != nil || s.Epoch() != 1 {
		t.Errorf("sealed again: epoch %d, %v", s.Epoch(), err)
	}
}

// TestModes: which enforcers a process has.
func TestModes(t *testing.T) {
	for _, c := range []struct {
		mode             point.Mode
		operation        string
		monitor, gateway bool
	}{
		{point.None, "sysctl-read", false, false},
		{point.Self, "sysctl-read", true, false},
		{point.Exec, bus.OpPost, true, true},
		{point.Wrap, bus.OpPost, false, false},
	} {
		m, g := &fake{}, &fake{}
		s, err := posing(m, g).Open(request(c.mode, c.operation))
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		s.Close()
		if m.closed != 0 != c.monitor || g.closed != 0 != c.gateway || m.closed > 1 || g.closed > 1 {
			t.Errorf("%q of %s: monitor closed %d times, gateway %d", c.mode, c.operation, m.closed, g.closed)
		}
		if answers := s.Ask([]sbpl.Query{{}}); answers != nil {
			t.Errorf("%q: answers %v of no enforcer", c.mode, answers)
		}
	}
}

// TestOpenLeavesNothing: a session that is not opened holds neither a monitor nor the
// right to register names, also when an enforcer panics.
func TestOpenLeavesNothing(t *testing.T) {
	for name, gateway := range map[string]func(enforce.Config, *bus.Buses) (Gateway, error){
		"error": func(enforce.Config, *bus.Buses) (Gateway, error) { return nil, errors.New("no bus") },
		"panic": func(enforce.Config, *bus.Buses) (Gateway, error) { panic("no bus") },
	} {
		m := &fake{}
		p := posing(m, nil)
		p.NewGateway = gateway
		func() {
			defer func() { _ = recover() }()
			if s, err := p.Open(request(point.Self, bus.OpRegister)); err == nil || s != nil {
				t.Errorf("%s: opened", name)
			}
		}()
		if m.closed != 1 {
			t.Errorf("%s: the monitor was closed %d times", name, m.closed)
		}
		p.buses.Exclusive()() // blocks for ever when the right was kept
	}
}
