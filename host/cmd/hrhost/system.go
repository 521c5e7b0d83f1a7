package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/selftest/linux"
	"github.com/hrhost/hrhost/internal/facts"
	"github.com/hrhost/hrhost/internal/seatbelt"
)

// system is what hrhost holds to be true of one system.
type system struct {
	name  string
	facts []facts.Fact // all of them
	open  []facts.Fact // those that a self test is there for
	known string       // about how many, for people: "%d of %d ..."
}

// systems are those that hrhost knows facts of. Nothing about a Mac was verified
// by this project; what others verified there is not tried again. What was
// measured on one Linux may be otherwise on another.
func systems() []system {
	return []system{
		{"linux", linux.Facts(), linux.Facts(), "%d of %d facts of Linux may be otherwise on another kernel than the one they were measured on"},
		{"macos", seatbelt.Facts(), seatbelt.Unverified(), "%d of %d facts are not verified on a Mac"},
	}
}

// chosen are the systems that --system names: one, all, or the one that this is.
func chosen(name string) ([]system, error) {
	all := systems()
	if name == "all" {
		return all, nil
	}
	i := slices.IndexFunc(all, func(s system) bool { return s.name == name })
	if i < 0 {
		var names []string
		for _, s := range all {
			names = append(names, s.name)
		}
		return nil, refuse(fmt.Errorf("system %q: want %s or all", name, strings.Join(names, ", ")))
	}
	return all[i : i+1], nil
}
