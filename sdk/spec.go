// Package sdk is all that the author of a probe plugin needs.
//
// A plugin is one [Spec]: a family of probes, each an operation that the plugin
// can attempt and the codes by which its result is read. Its main function is
// one call:
//
//	func main() { sdk.Main(sysctl.Spec()) }
//
// Main speaks the protocol, keeps the flight recorder and ends the process with
// its host. A probe's Run does one thing: it makes one attempt, through the
// [Recorder] that it is given.
package sdk

import (
	"encoding/json"
	"io"
	"syscall"
)

// Spec declares a plugin. It is data: reading it tells what the plugin does.
type Spec struct {
	Family  string // [a-z][a-z0-9-]*, as in hrhost-probe-<family>
	Version string
	Doc     string // a few plain sentences
	Probes  []*Probe

	// Configure takes the plan's options, before any probe runs. Its error
	// refuses them. Nil when the plugin has none.
	Configure func(options json.RawMessage) error
	// OptionsSchema is a JSON Schema of the options.
	OptionsSchema json.RawMessage

	// Children are modes in which the plugin's own binary is started by
	// [StartChild], by name. The process ends when the function returns.
	Children map[string]func()
}

// Probe is one operation that the plugin can attempt.
type Probe struct {
	Operation string // the profile language's name: "sysctl-read"
	Filter    string // what it is decided on: "sysctl-name", "target"; "" for nothing
	Purpose   string // one full sentence
	Carrier   string // the real call, in general form: "open /proc/sys/NAME"
	Results   []Result

	// PolicyBeforeExistence: Missing means that the policy was asked and
	// allowed. Leave it false when not sure.
	PolicyBeforeExistence bool
	// OneWay: success proves nothing, only the effect counts.
	OneWay bool
	// ObservableEffect: Run reports an effect with [Recorder.Effect].
	ObservableEffect bool
	// Dependencies are other operations that may be denied before this one.
	Dependencies []string
	// Controls are targets that show, when allowed, that the probe works.
	Controls []string
	// Platforms on which the probe exists.
	Platforms []Platform
	// Targets are the symbolic targets, empty when any name will do.
	Targets []string

	// Handle is what can be held from before sealing, for the arms before and
	// again. Nil when there is nothing of the kind; those arms are then not
	// attempted.
	Handle *Handle

	// Run makes one attempt. Its error says why there was none, or what went
	// wrong beside it; the result of the call itself is no error of Run. A
	// panic ends the process, and the host names the probe.
	Run func(*Recorder) error
	// Enumerate passes every target known on this host to yield, and returns
	// yield's error. Nil when targets can't be listed.
	Enumerate func(yield func(target string) error) error
}

// Handle is an object that a probe acquires before sealing and uses after, to
// see whether a policy is asked at the acquisition, at the use or at both.
type Handle struct {
	Kind string // for people: "descriptor of /proc/sys/NAME", "pidfd"

	// Acquire gets hold of the object that a target means. It runs in Prepare,
	// before sealing. What it returns is closed when the host is done.
	Acquire func(target string) (io.Closer, error)
	// Use makes one attempt through the held object (the arm before).
	Use func(rec *Recorder, held io.Closer) error
	// Again makes one attempt in which the same object is acquired anew, while
	// it is still held (the arm again). Nil: Run does so, since the target alone
	// says which object it is.
	Again func(rec *Recorder, held io.Closer) error
}

// Result is one row of a probe's table of codes. A result not in the table is
// ok for errno 0 and [Other] for anything else.
type Result struct {
	API    string        // as in Call.API
	Errno  syscall.Errno // ignored when Native is set
	Native *Native
	Class  Class
	Source string // where this is written down, or how it was measured
}

// Native is a code in an API's own number space. An API that names its errors
// has Code 0.
type Native struct {
	API  string
	Code int64
	Name string
}

// Class is how a result is read.
type Class string

const (
	OK      Class = "ok"
	Denied  Class = "denied"  // the API's own "sandbox said no"
	Missing Class = "missing" // no such object
	Other   Class = "other"
)

// Platform is an operating system.
type Platform string

const (
	Linux Platform = "linux"
	MacOS Platform = "macos"
)

// Arm is when a probe's object is acquired, relative to sealing.
type Arm string

const (
	After  Arm = "after"
	Before Arm = "before"
	Again  Arm = "again"
)

// Effect is whether what a call should have caused was seen.
type Effect string

const (
	EffectSeen         Effect = "seen"
	EffectAbsent       Effect = "absent"
	EffectUnobservable Effect = "unobservable"
)
