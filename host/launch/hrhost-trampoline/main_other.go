//go:build !linux

// Command hrhost-trampoline exists on Linux only.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "hrhost-trampoline: only Linux needs a trampoline for the seal mode self")
	os.Exit(4)
}
