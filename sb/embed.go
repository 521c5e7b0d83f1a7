// Package sb holds the profiles of the default plan. They are written as
// examples that people copy: one idea each, every line explained.
package sb

import "embed"

// Profiles are the *.sb files, by name.
//
//go:embed *.sb
var Profiles embed.FS
