package wire

import "github.com/hrhost/hrhost/internal/terms"

// Diagnostic is a sentence about the options or the fixtures.
type Diagnostic struct {
	Severity Severity
	Summary  string
	Detail   string
	Path     string // where in the options, "" when nowhere
}

// PrepareTarget is a target that the plan will use.
type PrepareTarget struct {
	Operation string
	Target    string
	Arm       terms.Arm
}

// PrepareRequest lists the targets of a plan, each once.
type PrepareRequest struct{ Targets []PrepareTarget }

// PreparedTarget answers one PrepareTarget.
type PreparedTarget struct {
	PrepareTarget
	Ready       bool
	FilterValue string // "" when only known at the attempt
	Detail      string // why not ready
}

// PrepareResponse has the targets in the order of the request.
type PrepareResponse struct {
	Targets     []PreparedTarget
	Diagnostics []Diagnostic
}

// SealRequest puts the policy in force, or tells that the host has.
type SealRequest struct {
	Epoch         int
	AppliedByHost bool
	SBPL          string // macOS
	Params        map[string]string
}

// Descriptor is one that was open at the moment of sealing.
type Descriptor struct {
	FD   int
	Kind string // file, directory, socket, pipe, character, block, other
}

// SealReport is the plugin's view of its sandbox: its word, no proof.
type SealReport struct {
	InForce     bool
	Mechanism   string // seccomp, none, sandbox_init_with_parameters
	Detail      string
	Descriptors []Descriptor
	NoNewPrivs  bool
	PID         int // as the plugin sees itself
	Apply       *ApplyReport
}

// ApplyReport is what the call that applies a profile answered; nil where the
// plugin made none.
type ApplyReport struct {
	API    string // sandbox_init_with_parameters
	RC     int
	Errno  int    // 0 on success
	Errbuf string // the call's own words
}

// RunRequest is one Run.
type RunRequest struct {
	Items []RunItem
	// Batch lets the plugin send its outcomes several at a time and leave out
	// what only tells of an attempt before its outcome. It is for a plugin that
	// claims CapBatch: one that writes a flight recorder, which then has what the
	// stream lacks.
	Batch bool
}

// RunItem is one planned attempt.
type RunItem struct {
	Slot       int // of the flight recorder
	ID         string
	Operation  string
	FilterName string
	Target     string
	Arm        terms.Arm
	Attempt    int // 1 unless the plan repeats
}

// Target is one that Enumerate found.
type Target struct {
	Operation string
	Value     string
}
