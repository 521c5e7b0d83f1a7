package plan

import (
	"strings"
	"testing"
)

// TestUseFilter: the hint names the filters that are about an operation's target, and
// only counts those that most operations accept.
func TestUseFilter(t *testing.T) {
	for _, c := range []struct{ op, want string }{
		{"network-outbound", `use "control-name", "local", "remote", "socket-domain", "socket-protocol" or "socket-type", or one of 22 more general ones`},
		{"mach-lookup", `use "global-name", "local-name", "xpc-service-name", `},
		{"signal", `use "signal-number", "require-target-with-entitlement", "target", "target-signing-identifier", `},
	} {
		if got := useFilter("", c.op, filters("", c.op)); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s", c.op, got)
		}
	}
	if got := useFilter("", "signal", []string{"target", "signal-number"}); got != `use "signal-number" or "target"` {
		t.Errorf("two: %s", got)
	}
}
