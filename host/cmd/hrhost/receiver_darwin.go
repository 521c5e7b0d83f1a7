package main

import (
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/enforce/seatbelt"
)

// The receiver's run loop must be the main thread's, which is only to be had
// before main starts.
func init() {
	if len(os.Args) > 1 && os.Args[1] == seatbelt.ReceiverVerb {
		runtime.LockOSThread()
	}
}

// systemCommands are those of this system. They are not for people.
func systemCommands(u *ui) []*cobra.Command {
	return []*cobra.Command{{
		Use: seatbelt.ReceiverVerb + " NAME...", Hidden: true, Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, names []string) error {
			u.heed(c) // the host ends it
			return seatbelt.Receive(names)
		},
	}}
}
