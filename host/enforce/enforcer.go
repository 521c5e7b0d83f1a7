package enforce

import (
	"errors"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Enforcer decides what the processes under it do, by the policy that it was sealed
// with: the monitor judges system calls, the bus gateway messages.
type Enforcer interface {
	// Seal puts a policy in force and returns its epoch. Sealing is one-way.
	Seal(Policy) (epoch int, err error)
	// Ask returns the answer that process pid would get, without performing anything.
	Ask(pid int, q sbpl.Query) Answer
}

// Config is what every enforcer needs to know.
type Config struct {
	Name  string // for errors
	Slots Slots  // may be nil

	// Emit receives each row before the call or message that it is about is
	// answered or sent on: the plugin waits meanwhile. The caller adds the run's
	// context. It must not call the enforcer.
	Emit func(*lane.WitnessRow)
}

// Slot returns the slot in force, -1 for none.
func (c *Config) Slot() int {
	if c.Slots == nil {
		return -1
	}
	return c.Slots.Current()
}

// InForce is the policy of an enforcer, none until it is sealed. The enforcer guards it.
type InForce struct {
	Policy Policy // nil until sealed
	Epoch  int    // 0 until sealed
}

// Seal puts a policy in force, once. who names the enforcer in an error.
func (f *InForce) Seal(who string, p Policy) (epoch int, err error) {
	switch {
	case p == nil:
		return f.Epoch, errors.New(who + ": sealing without a policy")
	case f.Policy != nil:
		return f.Epoch, errors.New(who + ": sealed twice")
	}
	f.Policy = p
	f.Epoch++
	return f.Epoch, nil
}
