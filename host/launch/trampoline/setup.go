// Package trampoline is the small program that stands between the host's fork
// and the plugin's exec on Linux: it puts the containment (limits, Landlock)
// and the monitor's filter on itself, hands the filter's listener to the host,
// waits until the host answers notifications, and execs the plugin.
//
// It is a process of its own because a filter must not stand on a thread of the
// host: a forked child's first notified call would wait for a supervisor that
// the fork has stopped.
//
// Talk goes over one inherited SOCK_SEQPACKET socket, one packet a message:
//
//	host -> trampoline   Setup, as JSON
//	trampoline -> host   one byte 'L' with the listener as SCM_RIGHTS, or 'N' when no filter was asked for,
//	                     or 'E' and a Failure as JSON
//	host -> trampoline   one byte 'A': the listener is served, exec now
//	trampoline -> host   nothing more: the socket closes on exec; 'E' and a Failure if exec fails
package trampoline

import "syscall"

// Descriptor numbers in the trampoline. Those from FDLife on are the plugin's
// too; the others are closed by its exec.
const (
	FDControl   = 3
	FDBinary    = 4 // sealed memfd with the plugin's bytes
	FDLandlock  = 5 // ruleset, or a placeholder
	FDLife      = 6
	FDRecorder  = 7
	FDBusFirst  = 8 // session-like bus, then system-like bus
	FDBusSecond = 9
)

// Arguments by which the program stands in for a plugin: IdleArg has it exit at
// once (the preflight), HoldArg at the end of its life pipe (calibration).
const (
	IdleArg = "idle"
	HoldArg = "hold"
)

// Setup is what the host asks for.
type Setup struct {
	Argv     []string `json:"argv"`
	Env      []string `json:"env"`
	Program  []byte   `json:"program,omitempty"` // struct sock_filter array in host byte order; empty = no filter
	Landlock bool     `json:"landlock"`          // FDLandlock is a ruleset
	Limits   []Limit  `json:"limits"`
}

// Limit is one setrlimit call.
type Limit struct {
	Resource int    `json:"resource"`
	Value    uint64 `json:"value"`
}

// Failure says which step the trampoline could not take.
type Failure struct {
	Step  string        `json:"step"` // setup, limits, landlock, seccomp, handover, exec
	Errno syscall.Errno `json:"errno"`
}

// Messages of one byte.
const (
	MsgListener = 'L'
	MsgNoFilter = 'N'
	MsgError    = 'E'
	MsgAck      = 'A'
)
