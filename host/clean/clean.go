// Package clean starts the process that does a run's work: fresh, from a staged
// root of its own, with an environment of a few named variables, with no
// inherited descriptors but the standard streams, and checked by itself for an
// outer sandbox (package world).
//
// On Linux the channel is called spawn_clean, on macOS launchd_clean: there
// launchd starts the process, so that not even a sandbox around the caller
// reaches it. Whatever a shell, an editor or an agent put around hrhost does not
// reach the probes unseen.
package clean

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// keep are the only variables that the clean process gets.
var keep = []string{"PATH", "HOME", "LANG", "TERM", "NO_COLOR", "TZ",
	"DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"} // for [run] bus = "user"; no plugin gets them

// Request is what the clean process is to do.
type Request struct {
	Verb    string // a verb of our own program
	Payload any    // JSON, over a pipe
}

// Grace is how long the clean process may take to tidy up after it was told to
// stop, by us or by our death.
const Grace = 700 * time.Millisecond

// Ended is a clean process that did not exit by itself.
type Ended struct{ State *os.ProcessState }

func (e *Ended) Error() string { return "the process that did the run was ended: " + e.State.String() }

// environment is all that the clean process gets.
func environment(stage, wd string) []string {
	env := []string{envStage + "=" + stage, "HRHOST_SHOWN_FROM=" + wd, "TMPDIR=" + stage}
	for _, k := range keep {
		if v, ok := os.LookupEnv(k); ok {
			env = append(env, k+"="+v)
		}
	}
	return env
}

const envStage = "HRHOST_STAGE"

// receive reads the request and finds the staged root.
func receive(from io.Reader, payload any) (dir string, err error) {
	b, err := io.ReadAll(io.LimitReader(from, 1<<20))
	if err == nil {
		err = json.Unmarshal(b, payload)
	}
	if err != nil {
		return "", fmt.Errorf("reading the request: %w", err)
	}
	dir = filepath.Clean(os.Getenv(envStage))
	if !strings.HasPrefix(dir, filepath.Join(stageParent(), stagePrefix)) {
		return "", errors.New("not started by hrhost: there is no staged root")
	}
	return dir, nil
}
