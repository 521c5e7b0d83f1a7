package main

import (
	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/host/selftest/darwin"
)

// here is this system's name.
const here = "macos"

func experiments() []*selftest.Experiment { return darwin.All() }
