package run

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/wire"
)

func TestMisdeeds(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name string
		rep  probing.Report
		want string
	}{
		{"well", probing.Report{}, ""},
		{"handshake", probing.Report{Err: broken, Failed: lane.StageHandshake}, "broken"},
		{"prepare", probing.Report{Err: broken, Failed: lane.StagePrepare}, "broken"},
		{"operation", probing.Report{Err: broken, Failed: lane.StageOperation}, "broken"},
		{"protocol", probing.Report{Err: broken, Failed: lane.StageApply, Reason: lane.ProtocolViolation}, "broken"},
		{"the policy's fault", probing.Report{Err: broken, Failed: lane.StageApply}, ""},
		{"the host's fault", probing.Report{Err: broken, Failed: lane.StagePrepare, Reason: lane.FixtureUnavailable}, ""},
		{"cannot list", probing.Report{Err: fmt.Errorf("listing: %w", wire.ErrAbsent), Failed: lane.StagePrepare}, ""},
		{"leaves processes", probing.Report{Violations: []string{"x", "y"}}, "x, y"},
		{"both", probing.Report{Err: broken, Failed: lane.StageOperation, Violations: []string{"x"}}, "broken, x"},
	} {
		if got := strings.Join(misdeeds(&c.rep), ", "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestBlame: an orphan that still runs a plugin is that plugin's, any other may be
// every plugin's; sentences are in the order of the families.
func TestBlame(t *testing.T) {
	all := pluginSet{"b": {path: "/x/hrhost-probe-b"}, "a": {path: "/x/hrhost-probe-a"}, "none": {err: errors.New("no file")}}
	all["b"].observe(1, "b, profile p", &probing.Report{Violations: []string{"flooded its log"}})
	all.blame([]launch.Orphan{{Program: "hrhost-probe-b"}, {Program: "sleep"}})
	const unknown = `one of a, b, none: a plugin left a process behind that runs "sleep" and does not tell whose it is; it was ended`
	want := []string{
		unknown,
		"b, profile p: flooded its log", "b: the plugin left a process behind in a session of its own, which was ended", unknown,
		unknown,
	}
	if got := all.faults(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", got)
	}
}
