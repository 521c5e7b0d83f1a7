package main

import (
	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/host/selftest/linux"
)

// here is this system's name.
const here = "linux"

func experiments() []*selftest.Experiment { return linux.Experiments() }
