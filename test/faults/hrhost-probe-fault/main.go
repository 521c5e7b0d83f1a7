//go:build linux

// Command hrhost-probe-fault is a plugin that misbehaves, for tests. Under the
// name hrhost-probe-NAME it is of the family NAME and has the fault NAME; as
// hrhost-probe-slow it has none and takes its time. A wrapper, which gives its
// copy another name, says the fault in HRHOST_FAULT. It builds and runs on Linux
// only.
package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/hrhost/hrhost/sdk"
)

// fault is one way to misbehave. What is nil is done well.
type fault struct {
	start   func()                                  // before the handshake
	family  string                                  // said instead of the own one
	options func() error                            // at Configure
	attempt func(*sdk.Recorder, func() error) error // around an attempt's call
	serve   func(family string)                     // instead of the SDK
	files   bool                                    // reads files too
	sockets bool                                    // makes sockets too
	kin     bool                                    // signals a child in the place of every target
	lasting bool                                    // makes shared memory too
	targets int                                     // so many can be listed
}

func main() {
	family := strings.TrimPrefix(filepath.Base(os.Args[0]), "hrhost-probe-")
	if name := os.Getenv("HRHOST_FAULT"); name != "" {
		family = name
	}
	f := faults[family]
	if f.start != nil {
		f.start()
	}
	if f.serve != nil {
		f.serve(family)
		return
	}
	if f.family != "" {
		family = f.family
	}
	sdk.Main(spec(family, f))
}
