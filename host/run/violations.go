package run

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/text"
	"github.com/hrhost/hrhost/internal/wire"
)

// maxFaults is how many sentences about one plugin are kept. One is enough to
// know it by.
const maxFaults = 16

// misdeeds are sentences about what a plugin's process did that none should. A
// policy that could not be applied and a fixture that is missing are not its
// doing, and no plugin need be able to list targets.
func misdeeds(rep *probing.Report) (all []string) {
	switch {
	case rep.Err == nil, rep.Reason == lane.FixtureUnavailable, rep.Failed == lane.StagePrepare && errors.Is(rep.Err, wire.ErrAbsent):
	case rep.Reason == lane.ProtocolViolation,
		rep.Failed == lane.StageHandshake, rep.Failed == lane.StagePrepare, rep.Failed == lane.StageOperation:
		all = append(all, text.OneLine(rep.Err.Error()))
	}
	return append(all, rep.Violations...)
}

// fault keeps a sentence about one of the plugin's processes. place is the
// profile's in the plan, 0 of a process that profiles share. The caller has the lock.
func (p *plugin) fault(place int, process, what string) {
	p.faults.Add(place, fmt.Sprintf("%s: %s", process, what), maxFaults)
}

// afterAll is the place of faults that are found when no plugin runs.
const afterAll = math.MaxInt - 1

// blame notes processes that plugins left behind in separate sessions. There they
// could hide whose they are until no plugin ran.
func (all pluginSet) blame(orphans []launch.Orphan) {
	for _, o := range orphans {
		owners, process, what := all.ownersOf(o)
		for _, family := range owners {
			p := all[family]
			p.mu.Lock()
			p.fault(afterAll, process, what)
			p.mu.Unlock()
		}
	}
}

// ownersOf returns the family whose program an orphan runs, or every family when it
// runs something else by now, and a sentence about it.
func (all pluginSet) ownersOf(o launch.Orphan) (families []string, process, what string) {
	families = all.families()
	for _, family := range families {
		if path := all[family].path; path != "" && o.Program == filepath.Base(path) {
			return []string{family}, family, "the plugin left a process behind in a session of its own, which was ended"
		}
	}
	return families, "one of " + strings.Join(families, ", "),
		fmt.Sprintf("a plugin left a process behind that runs %q and does not tell whose it is; it was ended", o.Program)
}

// faults are all plugins' together, in the order of the families.
func (all pluginSet) faults() (faults []string) {
	for _, family := range all.families() {
		p := all[family]
		p.mu.Lock()
		faults = append(faults, p.faults.Values...)
		p.mu.Unlock()
	}
	return faults
}
