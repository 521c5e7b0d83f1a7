//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/hrhost/hrhost/sdk"
)

const waiting = "waiting"

// kinProbe sends signal 0 to a child for every target and every signal that the target
// stands for, and claims that this was the target.
func kinProbe() *sdk.Probe {
	return &sdk.Probe{
		Operation: "signal", Filter: "target", Purpose: "Sends signal 0 to a child.", Carrier: "kill",
		Results: []sdk.Result{
			{API: "kill", Errno: 0, Class: sdk.OK, Source: "kill(2)"},
			{API: "kill", Errno: syscall.EPERM, Class: sdk.Denied, Source: "the monitor's answer"},
			{API: "kill", Errno: syscall.ESRCH, Class: sdk.Missing, Source: "kill(2)"},
		},
		Platforms: []sdk.Platform{sdk.Linux},
		Run: func(rec *sdk.Recorder) error {
			child, err := sdk.StartChild(waiting, false)
			if err != nil {
				return err
			}
			defer child.Close()
			call := sdk.Call{
				API: "kill", Carrier: "kill " + rec.Target(),
				Filter: fmt.Sprintf("pid:%d", child.PID), TargetPID: child.PID,
			}
			rec.Attempt(call, func() (string, error) { return "", syscall.Kill(child.PID, 0) })
			return nil
		},
	}
}

// kinChildren is the child that waits for the end of its stdin.
func kinChildren() map[string]func() {
	return map[string]func(){waiting: func() { io.Copy(io.Discard, os.Stdin) }}
}
