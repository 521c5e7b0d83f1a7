// Package hook lets sdktest serve a Spec in the test process. It keeps the wire
// types out of sdk's own interface.
package hook

import "github.com/hrhost/hrhost/internal/wire"

var (
	// NewServer serves a *sdk.Spec; scratch is its writable directory.
	NewServer func(spec any, scratch string) wire.Server
	// Validate says everything that is wrong with a *sdk.Spec.
	Validate func(spec any) error
	// RunChild runs the child mode that the environment names, if any.
	RunChild func(spec any) bool
)
