// Package clean starts the process that does a run's work: fresh, from a staged
// root of its own, with an environment of a few named variables, with no
// inherited descriptors but the standard streams, and checked by itself for an
// outer sandbox (package world). Whatever a shell, an editor or an agent put
// around hrhost does not reach the probes unseen.
//
// One supervisor stages, starts, watches, stops and tidies up. What starts the
// process is a back end:
//
//   - spawn_clean (Linux): a child. The request comes over a pipe, the kernel
//     tells the child when its parent is gone.
//   - launchd_clean (macOS): a job of launchd, so that not even a sandbox around
//     the caller reaches it. Request, output and result are files of the staged
//     root. It needs macOS by its programs only: its tests drive it on Linux
//     against a launchctl of their own.
//
// Contract: the process's own exit ends a run, never anything it printed; each
// way to fail is a *Failure with a sentence of its own; and whatever happened,
// no file below the staged root, no process and no loaded job is left, or the
// error says what is. docs/clean.md tells the states and the failures.
package clean

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Request is what the clean process is to do.
type Request struct {
	Verb    string   // a verb of our own program
	Payload any      // JSON
	Files   []string // absolute paths of what it reads, programs too: a launchd job gets copies
	Out     string   // absolute path of the directory for its results: a launchd job's are moved there
	Logs    string   // directory for what is kept of a failed launchd job, "" for none

	// Lost gets the first error in passing on a launchd job's stdout.
	// The job goes on. A child prints by itself, and reports by itself.
	Lost func(error)
}

// Grace is how long the clean process may take to tidy up after it was told to
// stop, by us or by our death.
const Grace = 3 * time.Second

const (
	startTime = 30 * time.Second // until the process runs: macOS may look at a new program for a while
	stopTime  = 30 * time.Second // from being told to stop to being ended
)

// Spawn runs the request in a clean process and returns its exit code. The error
// is a *Failure when there is no exit code. The calling thread must live as long
// as the process: on Linux the worker is told to stop when it ends.
func Spawn(ctx context.Context, req Request) (int, error) {
	b, err := newBackend()
	if err != nil {
		return 0, err
	}
	s := &supervisor{backend: b, parent: parentDir, start: startTime, stop: stopTime}
	return s.run(ctx, req)
}

// keep are the only variables that the clean process gets.
var keep = []string{"PATH", "HOME", "LANG", "TERM", "NO_COLOR", "TZ",
	"DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"} // for [run] bus = "user"; no plugin gets them

// Variables that tell the clean process where it is.
const (
	envStage   = "HRHOST_STAGE"      // the staged root
	envShown   = "HRHOST_SHOWN_FROM" // where the user stands
	envRequest = "HRHOST_REQUEST"    // the request's file; unset: descriptor 3
	envTemp    = "TMPDIR"
)

// environment is all that the clean process gets.
func environment(stage, wd string) map[string]string {
	env := map[string]string{envStage: stage, envShown: wd, envTemp: stage}
	for _, k := range keep {
		if v, ok := os.LookupEnv(k); ok {
			env[k] = v
		}
	}
	return env
}

// envelope is a request on its way.
type envelope struct {
	Dir     string            `json:"dir"`              // to work in
	Staged  map[string]string `json:"staged,omitempty"` // where the copies of files are, and of their directories
	Out     string            `json:"out,omitempty"`    // where Results will be in the end
	Payload json.RawMessage   `json:"payload"`
}

// maxRequest bounds a request: it is the flags of one command line, and names of
// files.
const maxRequest = 1 << 20

func (r *Request) encode(staged map[string]string) ([]byte, error) {
	wd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(r.Payload)
	if err != nil {
		return nil, fmt.Errorf("writing the request: %w", err)
	}
	b, err := json.Marshal(envelope{Dir: wd, Staged: staged, Out: r.Out, Payload: payload})
	if err == nil && len(b) > maxRequest {
		err = fmt.Errorf("%d bytes, more than %d", len(b), maxRequest)
	}
	if err != nil {
		return nil, fmt.Errorf("writing the request: %w", err)
	}
	return b, nil
}
