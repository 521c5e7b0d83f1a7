// Package trampoline is the small program that stands between the host's fork
// and the plugin's exec on Linux: it puts the containment (limits, Landlock)
// and the monitor's filter on itself, hands the filter's listener to the host,
// waits until the host answers notifications, and execs the plugin. Before the
// command of somebody's own sandbox it sets the limits and nothing else.
//
// It is a process of its own because a filter must not stand on a thread of the
// host: a forked child's first notified call would wait for a supervisor that
// the fork has stopped.
//
// Talk goes over one inherited SOCK_SEQPACKET socket, one packet a message:
//
//	host -> trampoline   Setup, as [Setup.Packet] writes it
//	trampoline -> host   one byte 'L' with the listener as SCM_RIGHTS, or 'N' when no listener was asked for,
//	                     or 'E' and a Failure
//	host -> trampoline   one byte 'A': the listener is served, exec now
//	trampoline -> host   nothing more: the socket closes on exec; 'E' and a Failure if exec fails
//
// To start Go's runtime would be most of its work, and it needs none of it. So the
// program is linked with an entry of its own (go build -ldflags=-E=hrhost_trampoline),
// from which it comes to the same code without a runtime; without the flag it is an
// ordinary Go program that does the same. Therefore what Linux's program does
// allocates nothing, starts nothing and makes system calls only.
//
// On macOS it stands there too, without a filter: it sets the limits and, under
// the seal mode exec, applies the profile. The host writes one Setup and ends its
// direction of a stream; the trampoline answers with Replies and execs.
package trampoline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"syscall"

	"github.com/hrhost/hrhost/internal/seatbelt"
)

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
// once (the preflight), HoldArg at the end of its life pipe (calibration on Linux;
// on macOS that is Setup.Hold).
const (
	IdleArg = "idle"
	HoldArg = "hold"
)

// Setup is what the host asks for.
type Setup struct {
	Argv   []string `json:"argv"`
	Env    []string `json:"env"`
	Limits []Limit  `json:"limits"`
	// Path is what to execute: on macOS the program's private copy; on Linux
	// somebody else's command, whose exec may give it rights (no no_new_privs),
	// and "" for what FDBinary holds.
	Path string `json:"path,omitempty"`

	// Linux.
	Program  []byte `json:"-"` // struct sock_filter array in host byte order; empty = no filter
	Listener bool   `json:"-"` // Program has a listener, which is handed to the host
	Landlock bool   `json:"-"` // FDLandlock is a ruleset

	// macOS.
	Hold   bool              `json:"hold,omitempty"`  // execute nothing: end with the life pipe
	Apply  bool              `json:"apply,omitempty"` // SBPL is to be applied first
	SBPL   string            `json:"sbpl,omitempty"`
	Params map[string]string `json:"params,omitempty"`
}

// Reply is what the trampoline says on macOS after a step: which limits could not
// be set, the apply report, or the step that failed.
type Reply struct {
	NotSet  []NotSet              `json:"not_set,omitempty"`
	Apply   *seatbelt.ApplyReport `json:"apply,omitempty"`
	Failure *Failure              `json:"failure,omitempty"`
}

// ParseReply merges the Replies that came until the socket closed: none when every
// limit was set, there was no profile and the program was executed.
func ParseReply(b []byte) (Reply, error) {
	var r Reply
	d := json.NewDecoder(bytes.NewReader(b))
	for {
		err := d.Decode(&r)
		if err == io.EOF {
			return r, nil
		}
		if err != nil {
			return r, fmt.Errorf("reading the trampoline's reply: %w", err)
		}
	}
}

// Limit is one setrlimit call.
type Limit struct {
	Resource int    `json:"resource"`
	Value    uint64 `json:"value"`
}

// NotSet is a limit that the system refused.
type NotSet struct {
	Resource int           `json:"resource"`
	Errno    syscall.Errno `json:"errno"`
}

// Failure says which step the trampoline could not take.
type Failure struct {
	Step  string        `json:"step"` // setup, limits, landlock, seccomp, apply, handover, exec
	Errno syscall.Errno `json:"errno"`
}

// Messages of one byte.
const (
	MsgListener = 'L'
	MsgSilent   = 'N' // no listener
	MsgError    = 'E'
	MsgAck      = 'A'
)
