//go:build !linux && !darwin

package main

import (
	"runtime"

	"github.com/hrhost/hrhost/host/selftest"
)

// here is this system's name.
const here = runtime.GOOS

// experiments: there is nothing to rest on here.
func experiments() []*selftest.Experiment { return nil }
