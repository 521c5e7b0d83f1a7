//go:build linux

package monitor

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/hrhost/hrhost/host/lane"
)

// judged are the calls that any sealed process of the tests made, and pairs the
// operations that the calls were judged as.
var judged, pairs sync.Map

func noteJudged(r *lane.WitnessRow) {
	judged.Store(r.Syscall, true)
	if r.Operation != "" && r.By != lane.ByContainment {
		pairs.Store(r.Operation+" "+r.Syscall, true)
	}
}

// everyCallSeen reports whether the tests had a sealed process make each call
// of the table. It asks only after a whole run, and only where policies can be
// applied at all.
func everyCallSeen() bool {
	for _, f := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if v := flag.Lookup(f); v != nil && v.Value.String() != "" {
			return true
		}
	}
	sealed := false
	judged.Range(func(_, _ any) bool { sealed = true; return false })
	if !sealed {
		return true
	}
	var missing []string
	for i := range table {
		if _, ok := judged.Load(table[i].name); !ok {
			missing = append(missing, table[i].name)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		fmt.Fprintf(os.Stderr, "no sealed process of the tests made these mediated calls: %v\n", missing)
	}
	unseen, unlisted := comparePairs()
	if len(unseen) > 0 {
		fmt.Fprintf(os.Stderr, "Operations lists these, and no sealed process of the tests had them judged: %q\n", unseen)
	}
	if len(unlisted) > 0 {
		fmt.Fprintf(os.Stderr, "sealed processes had these judged, and Operations does not list them: %q\n", unlisted)
	}
	return len(missing)+len(unseen)+len(unlisted) == 0
}

// comparePairs holds the table that people see against what was judged.
func comparePairs() (unseen, unlisted []string) {
	listed := map[string]bool{}
	for _, m := range Operations() {
		for _, call := range m.Carriers {
			pair := m.Operation + " " + call
			if listed[pair] = true; !seenPair(pair) {
				unseen = append(unseen, pair)
			}
		}
	}
	pairs.Range(func(k, _ any) bool {
		if !listed[k.(string)] {
			unlisted = append(unlisted, k.(string))
		}
		return true
	})
	slices.Sort(unlisted)
	return unseen, unlisted
}

func seenPair(pair string) bool { _, ok := pairs.Load(pair); return ok }
