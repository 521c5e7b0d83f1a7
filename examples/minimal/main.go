// Command minimal is a whole plugin: one operation, one call.
package main

import (
	"os"
	"strings"
	"syscall"

	"github.com/hrhost/hrhost/sdk"
)

func main() { sdk.Main(spec()) }

func spec() *sdk.Spec {
	return &sdk.Spec{
		Family: "minimal", Version: "1.0.0", Doc: "Kernel parameters of Linux.",
		Probes: []*sdk.Probe{{
			Operation: "sysctl-read", Filter: "sysctl-name",
			Purpose:   "Reads one kernel parameter.",
			Carrier:   "open /proc/sys/NAME",
			Platforms: []sdk.Platform{sdk.Linux},
			Results: []sdk.Result{
				{API: "open", Errno: syscall.EPERM, Class: sdk.Denied, Source: "measured: hrhost's monitor"},
				{API: "open", Errno: syscall.ENOENT, Class: sdk.Missing, Source: "open(2)"},
			},
			Run: read,
		}},
	}
}

func read(rec *sdk.Recorder) error {
	path := "/proc/sys/" + strings.ReplaceAll(rec.Target(), ".", "/")
	rec.Attempt(sdk.Call{API: "open", Carrier: "open " + path, Filter: rec.Target()}, func() (string, error) {
		b, err := os.ReadFile(path)
		return string(b), err
	})
	return nil
}
