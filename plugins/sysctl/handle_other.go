//go:build !linux && !darwin

package sysctl

import "github.com/hrhost/hrhost/sdk"

// handle: a parameter has no descriptor here that could be held.
func handle() *sdk.Handle { return nil }
