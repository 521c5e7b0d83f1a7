package run

import (
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/wire"
)

// maxItems is how many attempts one process makes at most, so that memory does
// not grow with the plan.
const maxItems = 2048

// maxHeld is how many handles one process holds at most: each may be a child with
// two pipes and a descriptor, and a process has 1024 descriptors.
const maxHeld = 200

// batch is one process's share of a profile: its probes, and for each the
// items of its attempts.
type batch struct {
	prof   *plan.Profile
	probes []evidence.Question
	items  []wire.RunItem // attempts of probe i stand together, in order
	of     []int          // item -> probe
}

// batches cuts a profile's probes into processes: one probe each under
// isolation probe, else as many as one process takes.
func batches(prof *plan.Profile, probes []evidence.Question) []*batch {
	size := max(1, maxItems/max(1, prof.Repeat))
	if prof.Acquire != "after" {
		size = min(size, maxHeld)
	}
	if prof.Isolation == "probe" {
		size = 1
	}
	var out []*batch
	for len(probes) > 0 {
		n := min(size, len(probes))
		out = append(out, newBatch(prof, probes[:n]))
		probes = probes[n:]
	}
	return out
}

func newBatch(prof *plan.Profile, probes []evidence.Question) *batch {
	b := &batch{prof: prof, probes: probes}
	for i, p := range probes {
		for attempt := 1; attempt <= max(1, prof.Repeat); attempt++ {
			b.items = append(b.items, wire.RunItem{
				Slot: len(b.items), ID: evidence.ShownID(prof, p), Operation: p.Operation,
				FilterName: p.Filter, Target: p.Target, Arm: p.Arm, Attempt: attempt,
			})
			b.of = append(b.of, i)
		}
	}
	return b
}

// baselineItems are the batch's items without repeats.
func (b *batch) baselineItems() []wire.RunItem {
	var out []wire.RunItem
	for _, it := range b.items {
		if it.Attempt == 1 {
			it.Slot = len(out)
			out = append(out, it)
		}
	}
	return out
}

// skippedBefore cuts off the plan's probes those that this world cannot do and that
// stand before p, and p itself. A profile's rows are so in the plan's order.
func skippedBefore(left []evidence.Question, p evidence.Question) (skipped, rest []evidence.Question) {
	n := 0
	for n < len(left) && left[n].Skip {
		n++
	}
	skipped, rest = left[:n], left[n:]
	if len(rest) > 0 && rest[0].ID == p.ID && rest[0].Arm == p.Arm {
		rest = rest[1:]
	}
	return skipped, rest
}
