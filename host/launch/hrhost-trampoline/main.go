//go:build linux || darwin

// Command hrhost-trampoline is started by hrhost, never by hand: see package
// trampoline.
package main

import "github.com/hrhost/hrhost/host/launch/trampoline"

func main() { trampoline.Main() }
