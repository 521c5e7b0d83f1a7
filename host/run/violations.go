package run

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/wire"
)

// maxFaults is how many sentences about one plugin are kept. One is enough to
// know it by.
const maxFaults = 16

// misbehaved keeps what one of the plugin's processes did that none should. A
// policy that could not be applied and a fixture that is missing are not its
// doing, and no plugin need be able to list targets. place is the profile's, 0 of a
// process that profiles share.
func (pl *plugin) misbehaved(place int, process string, rep *probing.Report) {
	switch {
	case rep.Err == nil, rep.Reason == lane.FixtureUnavailable, rep.Failed == lane.StagePrepare && errors.Is(rep.Err, wire.ErrAbsent):
	case rep.Reason == lane.ProtocolViolation,
		rep.Failed == lane.StageHandshake, rep.Failed == lane.StagePrepare, rep.Failed == lane.StageOperation:
		pl.fault(place, process, rep.Err.Error())
	}
	for _, what := range rep.Violations {
		pl.fault(place, process, what)
	}
}

func (pl *plugin) fault(place int, process, what string) {
	pl.faults.Add(place, fmt.Sprintf("%s: %s", process, what), maxFaults)
}

// afterAll is the place of faults that are found when no plugin runs.
const afterAll = math.MaxInt - 1

// orphans ends the processes that plugins of a phase left behind in separate sessions.
// There they could hide whose they are until now: no plugin runs. A wrapper's
// processes are ended too and are not a fault.
func (r *runner) endOrphans() {
	ended, err := r.launcher.EndOrphans()
	r.orphaned = err
	for _, s := range ended {
		if slices.Contains(r.sealModes(), string(probing.SealWrap)) {
			continue
		}
		r.blame(s)
	}
}

// blame notes an orphan under the plugin that it runs, or under every plugin when
// it runs something else by now.
func (r *runner) blame(s launch.Orphan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	families := slices.Sorted(maps.Keys(r.plugins))
	for _, family := range families {
		if pl := r.plugins[family]; pl.path != "" && s.Program == filepath.Base(pl.path) {
			pl.fault(afterAll, family, "the plugin left a process behind in a session of its own, which was ended")
			return
		}
	}
	for _, family := range families {
		r.plugins[family].fault(afterAll, "one of "+strings.Join(families, ", "),
			fmt.Sprintf("a plugin left a process behind that runs %q and does not tell whose it is; it was ended", s.Program))
	}
}

// faults are all plugins' together, in the order of the families.
func (r *runner) faults() (all []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, family := range slices.Sorted(maps.Keys(r.plugins)) {
		all = append(all, r.plugins[family].faults.Values...)
	}
	return all
}
