//go:build !linux

package signal

import "github.com/hrhost/hrhost/sdk"

// handle: there are no pidfds here.
func handle() *sdk.Handle { return nil }

func heldResults() []sdk.Result { return nil }

func dependencies() []string { return nil }
