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

// judged are the calls that any sealed process of the tests made.
var judged sync.Map

func noteJudged(r *lane.WitnessRow) { judged.Store(r.Syscall, true) }

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
	return len(missing) == 0
}
