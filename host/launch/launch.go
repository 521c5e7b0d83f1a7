// Package launch starts and ends plugin processes, and owns what surrounds
// them: the bytes that run, the directory they may write to, the descriptors
// they inherit, their limits, their logs and their end.
//
// Contract: what runs is what was hashed; a process that was started is always
// reaped; no process of ours outlives the host (life pipe, parent-death signal,
// child subreaper); every failure is an *Error that names the stage, so that a
// failed launch is never mistaken for a policy decision.
package launch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/hrhost/hrhost/internal/seatbelt"
)

// Spec is one process to start.
type Spec struct {
	Name     string   // for people: "sysctl, profile sysctl.strict"
	Binary   *Binary  // from Open
	Args     []string // after argv[0]
	Env      []string // added to the allow-listed environment
	Dir      *Dir
	Recorder *os.File    // flight recorder, inherited as FDRecorder; nil = none
	Bus      [2]*os.File // connected sockets: session-like, system-like; nil = none
	Log      io.Writer   // gets stderr, up to MaxLog bytes; nil = discard
	Sealed   bool        // what the monitor opens is out of reach, and scopes (Landlock)
	Signals  bool        // not sealed: it is there to send signals, and may send them to anybody
	Filter   Filter      // Linux; nil = the baseline, whose filter only keeps it from objects that outlive it
	Profile  *Profile    // macOS; applied before exec (seal mode exec), nil = not
}

// Profile is a policy in the words that the system compiles.
type Profile struct {
	SBPL   string
	Params map[string]string
}

// Filter is the enforcement point's side of a launch.
type Filter interface {
	// Program is the seccomp program for the process pid, as struct
	// sock_filter records in host byte order. handoff is the descriptor
	// number over which the listener is handed to the host.
	Program(pid, handoff int) ([]byte, error)
	// Listen takes the listener and must serve it when it returns.
	Listen(listener *os.File, pid int) error
}

// ErrUnsupported is what every launch answers on a platform whose seal is not
// built yet.
var ErrUnsupported = errors.New("there is no way to seal a process on this platform")

// MaxLog is how much of one process's stderr is kept.
const MaxLog = 8 << 20

// Exit is how a process ended.
type Exit struct {
	Code    int            // exit status, -1 when a signal ended it
	Signal  syscall.Signal // 0 when it exited
	UserUS  int64          // CPU time
	SysUS   int64
	MaxRSS  int64 // KiB
	At      time.Time
	Killed  bool // by us, on a deadline or at the end
	WaitErr error
}

// String is a sentence part: "exit status 2", "killed by SIGSEGV".
func (e Exit) String() string {
	if e.Signal != 0 {
		return "killed by " + signalName(e.Signal)
	}
	return fmt.Sprintf("exit status %d", e.Code)
}

// Error is a launch that did not come about.
type Error struct {
	Name  string
	Step  string // open, fork, setup, limits, landlock, seccomp, apply, handover, exec, handshake
	Cause error
	Hint  string
	Apply *seatbelt.ApplyReport // of the step apply
}

func (e *Error) Error() string {
	return fmt.Sprintf("launching %s: %s: %v", e.Name, e.Step, e.Cause)
}

func (e *Error) Unwrap() error { return e.Cause }

// Fenced are the reads of a process that cannot see others' directories.
const Fenced = "fenced"

// ScopeAbstract is Landlock's scope of abstract sockets in Containment.Scopes.
const ScopeAbstract = "abstract_unix_socket"

// Refused are the kernel objects that would outlive their process.
const Refused = "refused"

// Containment says what stands around a process apart from the profile under
// test, for the manifest.
type Containment struct {
	LandlockABI int      `json:"landlock_abi"` // 0 = not available
	Scopes      []string `json:"scopes"`       // Landlock scopes in sealed lanes; in the others signals may be left out
	Writes      string   `json:"writes"`       // "scratch only" or "not contained"
	Reads       string   `json:"reads"`        // Fenced, or "not contained" and perhaps why
	Lasting     string   `json:"lasting"`      // Refused, or "not refused" and why: System V IPC, message queues, keyrings
	Limits      []string `json:"limits"`
	NotSet      []string `json:"not_set,omitempty"` // names of limits that the system refused
	NotDumpable bool     `json:"host_not_dumpable"`
	Subreaper   bool     `json:"subreaper"`
}
