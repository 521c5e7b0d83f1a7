package sdk_test

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

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

// An API with numbers of its own: a row of the table, and the attempt that
// returns it.
func ExampleNative() {
	notFound := &sdk.Native{API: "bus", Code: 17, Name: "BUS_NO_SUCH_NAME"}
	row := sdk.Result{API: "bus", Native: notFound, Class: sdk.Missing, Source: "bus.h"}
	attempt := func() (string, error) { return "", notFound }
	_, err := attempt()
	fmt.Println(err, "is read as", row.Class)
	// Output: bus: BUS_NO_SUCH_NAME (17) is read as missing
}

// The open was the attempt, and it worked. That the read failed is told as the
// read's result, so that it is not taken for the open's.
func ExampleIn() {
	_ = func(rec *sdk.Recorder) error {
		rec.Attempt(sdk.Call{API: "open", Carrier: "open " + rec.Target()}, func() (string, error) {
			f, err := os.Open(rec.Target())
			if err != nil {
				return "", err
			}
			defer f.Close()
			b := make([]byte, 64)
			n, err := f.Read(b)
			return string(b[:n]), sdk.In("read", err)
		})
		return nil
	}
	fmt.Println(sdk.In("read", syscall.EIO))
	// Output: read: input/output error
}

// A call whose success proves nothing: only what it causes counts.
func ExampleRecorder_Effect() {
	seen := make(chan struct{})
	_ = &sdk.Probe{
		Operation: "signal", OneWay: true, ObservableEffect: true,
		Run: func(rec *sdk.Recorder) error {
			err := rec.Attempt(sdk.Call{API: "kill", Carrier: "kill self SIGUSR1"}, func() (string, error) {
				return "", syscall.Kill(os.Getpid(), syscall.SIGUSR1)
			})
			if err != nil {
				return nil // it was refused, and that is a result
			}
			select {
			case <-seen:
				rec.Effect(sdk.EffectSeen)
			case <-time.After(time.Second):
				rec.Effect(sdk.EffectAbsent)
			}
			return nil
		},
	}
}

// A child of the plugin's own binary that lives until its stdin ends, so that
// ending it never needs a signal.
func ExampleStartChild() {
	_ = &sdk.Spec{
		Children: map[string]func(){"wait": func() { io.Copy(io.Discard, os.Stdin) }},
		Probes: []*sdk.Probe{{
			Operation: "process-info-pidinfo",
			Run: func(rec *sdk.Recorder) error {
				child, err := sdk.StartChild("wait", true)
				if err != nil {
					return err // no attempt is made, and this says why
				}
				defer child.Close()
				path := fmt.Sprintf("/proc/%d/stat", child.PID)
				rec.Attempt(sdk.Call{API: "open", Carrier: "open " + path, TargetPID: child.PID}, func() (string, error) {
					b, err := os.ReadFile(path)
					return string(b), err
				})
				return nil
			},
		}},
	}
}
