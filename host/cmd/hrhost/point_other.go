//go:build !darwin

package main

import (
	"github.com/hrhost/hrhost/host/enforce/linux"
	"github.com/hrhost/hrhost/host/enforce/point"
)

// newPoint is how this system enforces policies.
func newPoint(c point.Config) point.Point { return linux.New(c) }
