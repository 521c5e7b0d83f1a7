package sdk_test

import (
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/hrhost/hrhost/sdk"
)

// A plugin of one probe: can the sandbox keep the process from changing to a
// directory?
func ExampleMain() {
	sdk.Main(&sdk.Spec{
		Family:  "chdir",
		Version: "1.0.0",
		Doc:     "Changes the current directory.",
		Probes: []*sdk.Probe{{
			Operation: "file-chdir",
			Filter:    "path",
			Purpose:   "Changes to a directory and back.",
			Carrier:   "chdir PATH",
			Platforms: []sdk.Platform{sdk.Linux, sdk.MacOS},
			Results: []sdk.Result{
				{API: "chdir", Errno: syscall.EPERM, Class: sdk.Denied, Source: "measured"},
				{API: "chdir", Errno: syscall.ENOENT, Class: sdk.Missing, Source: "chdir(2)"},
			},
			Run: changeDirectory,
		}},
	})
}

func changeDirectory(rec *sdk.Recorder) error {
	back, err := os.Getwd()
	if err != nil {
		return err // no attempt is made, and this says why
	}
	target := rec.Target()
	err = rec.Attempt(sdk.Call{
		API: "chdir", Carrier: "chdir " + target, Filter: target, Path: &sdk.Path{Requested: target},
	}, func() (string, error) { return "", syscall.Chdir(target) })
	if err == nil {
		return os.Chdir(back)
	}
	return nil
}

// A device that is opened before sealing and read after: does the sandbox ask
// about the open alone, or about the use too?
func ExampleHandle() {
	_ = &sdk.Probe{
		Operation: "file-read-data",
		Handle: &sdk.Handle{
			Kind:    "descriptor of a device",
			Acquire: func(target string) (io.Closer, error) { return os.Open(target) },
			Use: func(rec *sdk.Recorder, held io.Closer) error {
				device := held.(*os.File)
				rec.Attempt(sdk.Call{API: "read", Carrier: "read held " + rec.Target(), Filter: rec.Target()},
					func() (string, error) {
						n, err := device.Read(make([]byte, 16))
						return fmt.Sprintf("%d bytes", n), err
					})
				return nil
			},
		},
	}
}
