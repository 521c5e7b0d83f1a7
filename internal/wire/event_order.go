package wire

// eventsPerItem and eventsPerRun bound a stream: past both it is a flood.
const (
	eventsPerItem = 64
	eventsPerRun  = 1024
)

// orderCheck checks the order of one Run's events against what was asked.
type orderCheck struct {
	outcome map[int]bool // by slot: whether it has its outcome
	left    int
}

func newOrderCheck(items []RunItem) *orderCheck {
	r := &orderCheck{outcome: make(map[int]bool, len(items)), left: eventsPerRun + eventsPerItem*len(items)}
	for _, item := range items {
		r.outcome[item.Slot] = false
	}
	return r
}

// admit refuses an event that has no place in the stream.
func (r *orderCheck) admit(e Event) error {
	if r.left--; r.left < 0 {
		return violation("a flood of events")
	}
	slot, ok := slotOf(e)
	if !ok {
		return nil
	}
	done, asked := r.outcome[slot]
	if !asked {
		return violation("an event for slot %d, which was not asked for", slot)
	}
	o, isOutcome := e.(Outcome)
	if !isOutcome {
		return nil
	}
	if done {
		return violation("a second outcome of slot %d", slot)
	}
	if err := o.implausible(); err != nil {
		return err
	}
	r.outcome[slot] = true
	return nil
}

func slotOf(e Event) (slot int, ok bool) {
	switch e := e.(type) {
	case Intent:
		return e.Slot, true
	case StageEvent:
		return e.Slot, true
	case Outcome:
		return e.Slot, true
	case Observation:
		return e.Slot, true
	}
	return 0, false
}
