//go:build !linux && !darwin

package mach

import "github.com/hrhost/hrhost/sdk"

// handle: a port that was looked up before sealing comes with Seatbelt.
func handle() *sdk.Handle { return nil }

func dependencies() []string { return nil }
