package run

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/world"
)

func TestPreflight(t *testing.T) {
	a := &about{id: "run", world: &world.World{ID: "world"}, plan: &plan.Plan{
		Profiles: []plan.Profile{{ID: "free"}, {ID: "gated", Gate: "import of system.sb"}},
	}}
	for _, c := range []struct {
		name   string
		err    error
		status string
		class  string
		errno  int
		reason string
	}{
		{"ok", nil, "ok", "ok", 0, ""},
		{"errno", fmt.Errorf("sealing: %w", syscall.EBUSY), "blocked", "listener_busy", int(syscall.EBUSY), "sealing: device or resource busy"},
		{"refused", syscall.EPERM, "blocked", "errno_eperm", int(syscall.EPERM), "operation not permitted"},
		{"hint", &launch.Error{Name: "x", Step: "exec", Cause: errors.New("bad"), Hint: "do y"}, "blocked", "unknown", 0, "(do y)"},
	} {
		doc := a.preflight("seccomp", c.err)
		if doc.Status != c.status || doc.ApplyReport.ErrClass != c.class || *doc.ApplyOK != (c.err == nil) || doc.RunID != "run" ||
			doc.WorldID != "world" || len(doc.Gated) != 1 || doc.Gated[0].ProfileID != "gated" {
			t.Errorf("%s: %+v", c.name, doc)
		}
		if got := doc.ApplyReport.Errno; (got != nil) != (c.errno != 0) || got != nil && *got != c.errno {
			t.Errorf("%s: errno %v, want %d", c.name, got, c.errno)
		}
		if got := doc.BlockedReason; len(got) < len(c.reason) || got[len(got)-len(c.reason):] != c.reason {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
