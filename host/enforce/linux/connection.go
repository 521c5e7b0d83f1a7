package linux

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
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch/trampoline"
	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/internal/wire"
)

// connection is a process's way to the buses: straight in the baseline, through
// a gateway when sealed. The zero connection leads nowhere.
type connection struct {
	buses   *bus.Buses
	gateway Gateway
	files   [2]*os.File // the process's ends, until it has inherited them
	sockets [2]string   // under a wrapper: where the process connects by itself
	nonce   string      // of this process; with a slot it names an attempt
	release func()      // lets others register names; nil when this process does not
}

// open connects a process whose operations need a bus.
func (c *connection) open(p *Point, conf enforce.Config, req *point.Request) (err error) {
	uses := func(is func(op string) bool) bool {
		return is(req.Operation) || slices.ContainsFunc(req.Items, func(it wire.RunItem) bool { return is(it.Operation) })
	}
	if !uses(bus.Needed) {
		return nil
	}
	if p.buses == nil {
		return errors.New("no bus was started")
	}
	c.buses = p.buses
	if uses(func(op string) bool { return op == bus.OpRegister }) {
		c.release = c.buses.Exclusive()
	}
	var nonce [8]byte
	rand.Read(nonce[:])
	c.nonce = hex.EncodeToString(nonce[:])
	switch req.Mode {
	case point.Wrap:
		c.sockets = [2]string{c.buses.Socket(bus.Session), c.buses.Socket(bus.System)}
		return nil
	case point.None:
		c.files, err = c.buses.Open()
		return err
	}
	g, err := p.NewGateway(conf, c.buses)
	if err != nil {
		return err
	}
	c.gateway, c.files = g, g.Files()
	return nil
}

func (c *connection) environment() []string {
	if c.nonce == "" {
		return nil
	}
	if c.sockets[0] != "" {
		return []string{
			wire.EnvBusSessionPath + "=" + c.sockets[0],
			wire.EnvBusSystemPath + "=" + c.sockets[1],
			wire.EnvNonce + "=" + c.nonce,
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

// close ends the gateway, and says for which faults of the plugin it had ended the
// connection before.
func (c *connection) close() (violations []string, err error) {
	if c.gateway == nil {
		return nil, nil
	}
	stats, err := c.gateway.Close()
	c.gateway = nil
	for _, why := range stats.Closed {
		if misuse(why) {
			violations = append(violations, fmt.Sprintf("the plugin's connection to a bus was closed: %v", why))
		}
	}
	return violations, err
}

// misuse reports that a connection was closed for what the plugin sent, or did
// not read.
func misuse(why error) bool {
	faults := []error{bus.ErrFlood, bus.ErrDescriptors, bus.ErrStalled, dbuswire.ErrMalformed, dbuswire.ErrTooLarge}
	return slices.ContainsFunc(faults, func(fault error) bool { return errors.Is(why, fault) })
}

// free lets others register names.
func (c *connection) free() {
	if c.release != nil {
		c.release()
		c.release = nil
	}
}

// attended says how the fixtures on the buses ended, nil when they are there or the
// process has no way to them.
func (c *connection) attended() error {
	if c.nonce == "" {
		return nil
	}
	return c.buses.Attended()
}

// deliveries says for each post whether a subscriber in another process, on its own
// connection, got it. The error says that the fixtures were gone.
func (c *connection) deliveries(ctx context.Context, attempts []point.Attempt) (effects []lane.Effect, err error) {
	if c.nonce == "" {
		return nil, nil
	}
	effects = make([]lane.Effect, len(attempts))
	return effects, cmp.Or(
		c.delivered(ctx, bus.Session, attempts, effects), c.delivered(ctx, bus.System, attempts, effects), c.buses.Attended())
}

// delivered fills in the effects of the posts on one bus. When the subscriber was
// flooded, they stay unknown; when it is gone, that is the error.
func (c *connection) delivered(ctx context.Context, k bus.Kind, attempts []point.Attempt, effects []lane.Effect) error {
	posts := func(a point.Attempt) bool { return a.Item.Operation == k.Post() }
	if !slices.ContainsFunc(attempts, posts) {
		return nil
	}
	seen, err := c.buses.Delivered(ctx, k, c.nonce+"/")
	for i, a := range attempts {
		switch {
		case !posts(a):
		case err != nil:
			effects[i] = lane.EffectUnobservable
		case slices.Contains(seen[a.Item.Target], wire.Nonce(c.nonce, a.Item.Slot)):
			effects[i] = lane.EffectSeen
		default:
			effects[i] = lane.EffectAbsent
		}
	}
	if errors.Is(err, bus.ErrOverflow) {
		return nil
	}
	return err
}
