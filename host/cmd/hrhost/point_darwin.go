package main

import (
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/enforce/seatbelt"
)

// newPoint is how this system enforces policies.
func newPoint(c point.Config) point.Point { return seatbelt.NewPoint(c, seatbelt.New()) }
