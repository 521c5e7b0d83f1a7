//go:build !linux && !darwin

// Command hrhost-trampoline exists on Linux and macOS only.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "hrhost-trampoline: this system has no sandbox to apply")
	os.Exit(4)
}
