package wire

import "github.com/hrhost/hrhost/internal/terms"

// Event is one of Intent, StageEvent, Outcome, Observation, Diagnostic and
// Completed, as values.
type Event interface{ isEvent() }

// Intent is on the stream before the attempt is made.
type Intent struct {
	Slot        int
	API         string
	Carrier     string
	FilterValue string // as used: "kernel.ostype", "pid:123"
}

// StageEvent says that an item reached a stage.
type StageEvent struct {
	Slot  int
	Stage terms.Stage
}

// Result is what one call said.
type Result struct {
	API       string
	Errno     *int // 0 is success; nil when the call has no errno
	Native    *Native
	ExitCode  *int
	Signal    *int
	Value     string // any bytes, at most MaxValue
	Truncated bool
	Error     string // the error's text when it has no code
}

// PathObservation is how a path was spelled and what it resolved to.
type PathObservation struct {
	Requested  string
	Observed   string // "" when not known
	Normalized string
}

// Outcome ends an item; each has exactly one.
type Outcome struct {
	Slot        int
	Attempted   bool
	SkipReason  string  // why not attempted
	Result      *Result // nil when not attempted
	Effect      terms.Effect
	Path        *PathObservation
	Carrier     string
	FilterValue string
	StartNS     int64 // CLOCK_MONOTONIC, on macOS CLOCK_UPTIME_RAW; 0 when not attempted
	EndNS       int64
}

// Observation is a fact beside the outcome.
type Observation struct {
	Slot  int
	Name  string
	Value string
}

// Completed is the last event of a Run. The host compares the counts with the
// flight recorder.
type Completed struct {
	Planned   int
	Attempted int
	Recorded  int
}

func (Intent) isEvent()      {}
func (StageEvent) isEvent()  {}
func (Outcome) isEvent()     {}
func (Observation) isEvent() {}
func (Diagnostic) isEvent()  {}
func (Completed) isEvent()   {}
