package linux

import (
	"os"
	"slices"

	"github.com/hrhost/hrhost/host/selftest"
)

// Experiments lists one experiment for each fact.
func Experiments() []*selftest.Experiment {
	return slices.Concat(memfdExperiments, clockExperiments, processExperiments, signalExperiments, seccompExperiments,
		treeExperiments, foreignExperiments, memoryExperiments, procExperiments, resolveExperiments, landlockExperiments, socketExperiments, busExperiments)
}

// hold is a role that says its number and lives until it is told to end.
func hold(p *selftest.Part) {
	p.Say("%d", os.Getpid())
	p.Await()
}
