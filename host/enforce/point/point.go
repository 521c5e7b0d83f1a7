// Package point is the seam between the code that runs plugins and the code that
// enforces a policy over them. Two packages implement it: linux, where the host judges
// system calls and messages itself, and seatbelt, where the kernel of macOS does.
//
// A [Point] lasts for a run, a [Session] for one process. Package probing takes a
// process through the protocol and tells its session what happens; it knows neither
// implementation, and a [Mode] says how the policy is put in force.
package point

import (
	"context"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Mode is how a policy is put in force over a process.
type Mode string

const (
	None Mode = ""     // not at all: the baseline, contained but with no policy
	Self Mode = "self" // once the process is up and has prepared
	Exec Mode = "exec" // before its first instruction
	Wrap Mode = "wrap" // by a command that runs it: the policy is only the stated intent
)

// Config is what a point needs of the run. The methods that describe the system
// (Mechanism, Covers, Uncovered, Compiled) work with the zero Config.
type Config struct {
	Launcher *launch.Launcher
	TempDir  string // parent of private directories
	Bin      string // directory of hrhost's own programs
}

// New makes the point of an operating system. It starts nothing.
type New func(Config) Point

// Point enforces policies in one run.
type Point interface {
	Mechanism() Mechanism
	// Covers lists the operations that the point decides.
	Covers() []enforce.Mediation
	// Uncovered says why the point decides nothing about a question that a plugin of
	// the family asks by its calls, "" when it decides.
	Uncovered(family string, q sbpl.Query) string
	// Compiled returns a profile as the system compiles it, nil when it can't be had.
	Compiled(text string, params map[string]string) []byte

	// Start starts what the processes of a run need. A failure is not an error of the
	// run: Blocked returns it.
	Start(context.Context, Needs)
	// Blocked says why a process with these operations can't run, nil when it can.
	Blocked(operations ...string) error
	// Preflight applies a profile to a process of the host that only exits.
	Preflight(profile string) error
	// Calibrate asks the live oracles about a process of the host, for each a denied
	// name and an allowed one. It comes after Start.
	Calibrate()
	// Calibrated returns the result for the oracle that answers q: calibrated,
	// uncalibrated, or not_needed. It comes after Calibrate.
	Calibrated(q sbpl.Query) string
	// Facts describes the host and the fence around the processes. It comes before
	// Close.
	Facts() Facts

	// Open readies the enforcement of one process. It leaves nothing behind when it
	// fails.
	Open(Request) (Session, error)
	// Close ends what Start started. It may be called twice.
	Close()
}

// Mechanism is how a system puts a policy in force.
type Mechanism struct {
	API          string // that applies a policy: seccomp, sandbox_init_with_parameters
	SharedEngine bool   // the witness asks the evaluator that makes the predictions
}

// Needs says what the probes of a run are about.
type Needs struct {
	UserBus bool // the user's own buses, not private ones
	Uses    []Use
}

// Use is one operation that is probed, with its target where the plan has it.
type Use struct{ Operation, Target string }
