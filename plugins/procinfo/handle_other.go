//go:build !linux

package procinfo

import "github.com/hrhost/hrhost/sdk"

// There are no descriptors of processes here.
func handle() *sdk.Handle { return nil }

func listHandle() *sdk.Handle { return nil }

func usageHandle() *sdk.Handle { return nil }
