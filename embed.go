// Package hrhost holds the default plan in the program itself, so that hrhost
// can run without a checkout. The files are those that `hrhost run config.toml`
// reads here: there is no second copy.
package hrhost

import "embed"

// DefaultPlan is config.toml and every profile that it names, by the same paths.
//
//go:embed config.toml sb/*.sb
var DefaultPlan embed.FS
