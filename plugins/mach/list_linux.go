package mach

import (
	"fmt"
	"slices"

	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/plugins/internal/buses"
)

// listed passes every name of the session-like bus to yield, each once: those
// that are owned and those whose owner the bus can start. A connection's own
// name (":1.5") is nobody's service.
func listed(yield func(string) error) error {
	bus, err := buses.Session()
	if err != nil {
		return err
	}
	var names []string
	for _, member := range []string{"ListNames", "ListActivatableNames"} {
		got, err := bus.CallBus(member)
		if err != nil {
			return fmt.Errorf("asking the bus for its names: %s: %w", member, err)
		}
		list, ok := []string(nil), false
		if len(got) == 1 {
			list, ok = got[0].([]string)
		}
		if !ok {
			return fmt.Errorf("asking the bus for its names: %s answers %T", member, got)
		}
		names = append(names, list...)
	}
	names = slices.DeleteFunc(names, dbuswire.IsUnique)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if err := yield(name); err != nil {
			return err
		}
	}
	return nil
}
