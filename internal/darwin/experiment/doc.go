//go:build darwin || linux

// Package experiment tries the facts of macOS that nobody is known to have seen
// on a Mac, for `hrhost selftest`.
//
// It is below internal/darwin, and not with host/selftest's other experiments,
// because nothing that is built for Linux may import internal/darwin. There it
// is built for its own tests only, which drive it against a C library that plays
// macOS as the facts say, and, for one fact at a time, otherwise.
//
// Experiments that need a sandbox put it on a process of their own: the role
// "sealed" applies a profile and makes the calls that it is asked for.
package experiment

import (
	"slices"

	"github.com/hrhost/hrhost/host/selftest"
)

// All lists the experiments.
func All() []*selftest.Experiment {
	return slices.Concat(applyExperiments, compileExperiments, checkExperiments, probeExperiments,
		processExperiments, logExperiments, kernelExperiments, worldExperiments, launchExperiments)
}
