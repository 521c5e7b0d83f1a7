// Package conformance plays a hostile host to a plugin's real binary, and says
// of each duty of docs/protocol.md whether the plugin keeps it. `hrhost plugin
// check` and sdktest.Conformance are both this package.
//
// The plugin runs as the caller, with no policy and no containment, and makes
// real attempts: on targets that do not exist, where its probes have such.
package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
)

// Check is one duty of a plugin.
type Check struct {
	Name   string // "seals-once"
	Demand string // a sentence for people
	run    func(context.Context, binary) error
}

// Checks are all duties, in the order in which they are best looked at.
func Checks() []Check {
	return []Check{
		{"by-hand", "started by hand it describes itself and exits 0", byHand},
		{"describes", "Describe is whole, and the same each time", describes},
		{"options", "options that it does not know are refused, and it goes on", options},
		{"lists-targets", "Enumerate can be broken off", listsTargets},
		{"seals-once", "a second Seal, and Configure or Prepare after Seal, are refused", sealsOnce},
		{"unknown-enum", "an enum's zero or unknown value is refused, and it goes on", unknownEnum},
		{"unknown-operation", "an operation that it does not have is not attempted", unknownOperation},
		{"stream-closed", "a Run whose stream is closed ends, and the next one works", streamClosed},
		{"stopped", "Stop during a Run is answered, and it goes on", stopped},
		{"ten-thousand", "10,000 probes in one Run have one outcome each, and the counts agree", tenThousand},
		{"connection-lost", "a lost connection during a Run does not keep it from leaving", connectionLost},
		{"life-pipe", "when the life pipe ends during a Run it exits, and leaves nothing behind", lifePipe},
		{"long-socket-path", "a socket directory that is too long ends it, with a word on stderr", longSocketPath},
	}
}

// limit is for one check; a plugin that needs longer hangs.
const limit = time.Minute

// Run holds the plugin at path to the duty. The error says what was wanted and
// what happened.
func (c Check) Run(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := c.run(ctx, binary(path)); err != nil {
		return fmt.Errorf("%s: %w", c.Demand, err)
	}
	return nil
}

// binary is the plugin's path.
type binary string

// with starts the plugin with so many slots, has f do what it likes, and ends
// it by the life pipe, which must work whatever f did.
func (b binary) with(ctx context.Context, slots int, f func(*process) error) error {
	p, err := b.start(ctx, slots)
	if err != nil {
		return err
	}
	defer p.release()
	if err := f(p); err != nil {
		return p.explain(err)
	}
	return p.leave()
}

// harmless is a target of a probe that does no harm: one that does not exist
// before any that does.
func harmless(p wire.Probe) string {
	for _, t := range p.Targets {
		if t == "missing" {
			return t
		}
	}
	for _, list := range [][]string{p.Targets, p.Controls} {
		if len(list) > 0 {
			return list[0]
		}
	}
	return "hrhost.conformance.no_such_target"
}

// items plans n attempts, the probes in turn.
func items(d wire.Description, n int) []wire.RunItem {
	list := make([]wire.RunItem, n)
	for i := range list {
		p := d.Probes[i%len(d.Probes)]
		list[i] = item(i, p.Operation, harmless(p))
	}
	return list
}

func item(slot int, operation, target string) wire.RunItem {
	return wire.RunItem{Slot: slot, ID: fmt.Sprintf("%s:%d", operation, slot), Operation: operation,
		Target: target, Arm: terms.After, Attempt: 1}
}
