package bus

import (
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/hrhost/hrhost/internal/dbuswire"
)

// TestOperations: every method that has a name judged is in the table that people
// see, under its operation, and nothing else is.
func TestOperations(t *testing.T) {
	listed := map[string]string{} // carrier -> operation
	for _, m := range Operations() {
		if !Needed(m.Operation) || len(m.Filters) != 1 || len(m.Carriers) == 0 {
			t.Errorf("%+v", m)
		}
		for _, c := range m.Carriers {
			if method, ok := strings.CutPrefix(c, "dbus "); ok && !strings.HasPrefix(method, "call") && !strings.HasPrefix(method, "signal") {
				listed[method] = m.Operation
			}
		}
	}
	for method, n := range named {
		if listed[method] != n.op {
			t.Errorf("%s is judged as %s and listed as %q", method, n.op, listed[method])
		}
		delete(listed, method)
	}
	if len(listed) > 0 {
		t.Errorf("listed, and never judged: %v", listed)
	}
	for kind, op := range map[Kind]string{System: OpPost, Session: OpDistributedPost} {
		r := read(kind, &dbuswire.Message{Type: dbus.TypeSignal, Interface: "a.b", Member: "C"}, ":1.1")
		if len(r.subjects) != 1 || r.subjects[0].op != op {
			t.Errorf("a signal on the %s-like bus is judged as %+v, want %s", kind, r.subjects, op)
		}
	}
	ops := []string{}
	for _, m := range Operations() {
		ops = append(ops, m.Operation)
	}
	if !slices.IsSorted(ops) {
		t.Errorf("%v is not sorted", ops)
	}
}
