package probing

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/launch/trampoline"
	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
)

// connection is a process's way to the buses: straight in the baseline, through
// a gateway when sealed. The zero connection leads nowhere.
type connection struct {
	gateway Gateway
	files   [2]*os.File // the process's ends, until it has inherited them
	sockets [2]string   // under a wrapper: where the process connects by itself
	nonce   string      // of this process; with a slot it names an attempt
	release func()      // lets others register names; nil when this process does not
}

// openBus connects a process whose operations need a bus.
func (s *session) openBus() error {
	uses := func(is func(op string) bool) bool {
		return is(s.job.operation()) || slices.ContainsFunc(s.job.Items, func(it wire.RunItem) bool { return is(it.Operation) })
	}
	if !uses(bus.Needed) {
		return nil
	}
	if s.host.Buses == nil {
		return errors.New("no bus was started")
	}
	if uses(func(op string) bool { return op == bus.OpRegister }) {
		s.bus.release = s.host.Buses.Exclusive()
	}
	var nonce [8]byte
	rand.Read(nonce[:])
	s.bus.nonce = hex.EncodeToString(nonce[:])
	var err error
	if s.job.Seal == SealWrap && s.job.Policy != nil {
		s.bus.sockets = [2]string{s.host.Buses.Socket(bus.Session), s.host.Buses.Socket(bus.System)}
		return nil
	}
	if s.job.Policy == nil {
		s.bus.files, err = s.host.Buses.Open()
		return err
	}
	if s.bus.gateway, err = s.newGateway(); err != nil {
		return err
	}
	s.bus.files = s.bus.gateway.Files()
	return nil
}

func (s *session) newGateway() (Gateway, error) {
	conf := bus.Config{Name: s.job.Name, Buses: s.host.Buses, Slots: s.region, Emit: s.witness}
	if s.host.NewGateway != nil {
		return s.host.NewGateway(conf)
	}
	g, err := bus.New(conf)
	if err != nil { // keep a nil pointer out of the interface
		return nil, err
	}
	return g, nil
}

func (c *connection) environment() []string {
	if c.nonce == "" {
		return nil
	}
	if c.sockets[0] != "" {
		return []string{
			wire.EnvBusSessionPath + "=" + c.sockets[0], wire.EnvBusSystemPath + "=" + c.sockets[1], wire.EnvNonce + "=" + c.nonce,
		}
	}
	return []string{
		wire.EnvBusSession + "=" + strconv.Itoa(trampoline.FDBusFirst),
		wire.EnvBusSystem + "=" + strconv.Itoa(trampoline.FDBusSecond),
		wire.EnvNonce + "=" + c.nonce,
	}
}

// inherited closes the host's copies of the process's ends.
func (c *connection) inherited() {
	if c.gateway != nil {
		c.gateway.Inherited()
		return
	}
	for _, f := range c.files {
		f.Close() // nil is harmless
	}
}

// seal puts the policy in force on the gateway too. The two enforcement points
// must agree in the epoch, by which rows are told from the prelude's.
func (c *connection) seal(p enforce.Policy, epoch int) error {
	if c.gateway == nil {
		return nil
	}
	got, err := c.gateway.Seal(p)
	if err == nil && got != epoch {
		err = fmt.Errorf("the monitor is in epoch %d and the gateway in %d", epoch, got)
	}
	return err
}

// served is the enforcement points' side of a launch: the gateway learns the pid
// and reads before the first instruction of the plugin.
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

// endBus closes the gateway and then asks outside what was delivered: whatever
// the process had posted has been passed on by now.
func (s *session) endBus() {
	if s.bus.release != nil {
		defer s.bus.release()
	}
	if s.bus.gateway != nil {
		st, err := s.bus.gateway.Close()
		s.report.Bus = st
		for _, why := range st.Closed {
			if misuse(why) {
				s.report.Violations = append(s.report.Violations, fmt.Sprintf("the plugin's connection to a bus was closed: %v", why))
			}
		}
		if err != nil && s.report.Err == nil {
			s.report.Failed, s.report.Err = lane.StageCleanup, err
		}
	}
	if s.bus.nonce == "" {
		return
	}
	if s.report.Exit == nil {
		return // nobody has asked the buses anything
	}
	if err := cmp.Or(s.deliveries(bus.Session), s.deliveries(bus.System), s.host.Buses.Attended()); err != nil {
		s.unattended(err)
	}
}

// unattended takes back what the process found on the buses: who should have
// answered there was gone, and nobody knows since when. No name that it missed was
// missing, and no post that did not arrive was lost, by any policy's doing.
func (s *session) unattended(err error) {
	if r := s.report; r.Err != nil && r.Reason != lane.FixtureUnavailable {
		err = fmt.Errorf("%w; and the process: %v", err, r.Err)
	}
	s.report.Failed, s.report.Reason, s.report.Err = lane.StagePrepare, lane.FixtureUnavailable, err
}

// attended is asked before a Feed's batch is handed on.
func (s *session) attended() error {
	if s.bus.nonce == "" {
		return nil
	}
	err := s.host.Buses.Attended()
	if err != nil {
		s.report.Reason = lane.FixtureUnavailable
	}
	return err
}

// misuse reports that a connection was closed for what the plugin sent, or did
// not read.
func misuse(why error) bool {
	for _, what := range []error{bus.ErrFlood, bus.ErrDescriptors, bus.ErrStalled, dbuswire.ErrMalformed, dbuswire.ErrTooLarge} {
		if errors.Is(why, what) {
			return true
		}
	}
	return false
}

// deliveries notes for each post on a bus whether a subscriber in another
// process, on its own connection, got it. When the subscriber was flooded, the
// effects stay unknown; when it is gone, that is the error.
func (s *session) deliveries(k bus.Kind) error {
	posts := func(a *Attempt) bool { return a.Item.Operation == k.Post() }
	if !slices.ContainsFunc(s.report.Attempts, func(a Attempt) bool { return posts(&a) }) {
		return nil
	}
	seen, err := s.host.Buses.Delivered(context.Background(), k, s.bus.nonce+"/")
	for i := range s.report.Attempts {
		a := &s.report.Attempts[i]
		switch {
		case !posts(a):
		case err != nil:
			a.Effect = lane.EffectUnobservable
		case slices.Contains(seen[a.Item.Target], wire.Nonce(s.bus.nonce, a.Item.Slot)):
			a.Effect = lane.EffectSeen
		default:
			a.Effect = lane.EffectAbsent
		}
	}
	if errors.Is(err, bus.ErrOverflow) {
		return nil
	}
	return err
}

var _ enforce.Slots = (*recorder.Region)(nil)
