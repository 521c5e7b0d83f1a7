//go:build darwin || linux

// Package darwin tries the facts of macOS that no one is known to have seen on a Mac,
// for `hrhost selftest`.
//
// On Linux it is built for its own tests only, which drive it against a C library that
// plays macOS as the facts say and, for one fact at a time, otherwise. No program for
// Linux links it.
//
// An experiment that needs a sandbox puts it on a separate process: the role "sealed"
// applies a profile and makes the calls that it is asked for.
package darwin

import (
	"slices"

	"github.com/hrhost/hrhost/host/selftest"
)

// All lists the experiments.
func All() []*selftest.Experiment {
	return slices.Concat(applyExperiments, compileExperiments, checkExperiments, probeExperiments,
		processExperiments, logExperiments, kernelExperiments, worldExperiments, launchExperiments)
}
