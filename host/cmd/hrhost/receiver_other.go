//go:build !darwin

package main

import "github.com/spf13/cobra"

// systemCommands are those of this system.
func systemCommands(*ui) []*cobra.Command { return nil }
