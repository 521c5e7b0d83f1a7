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
	"fmt"
	"io"
	"syscall"
)

// Spec declares a plugin. It is data: reading it tells what the plugin does.
type Spec struct {
	Family  string   // [a-z][a-z0-9-]*, as in hrhost-probe-<family>
	Version string   // the plugin's own: "1.0.0"
	Doc     string   // a few plain sentences
	Probes  []*Probe // one for each operation

	// Configure takes the plan's options, before any probe runs. Its error
	// refuses them. Nil when the plugin has none.
	Configure func(options json.RawMessage) error
	// OptionsSchema is a JSON Schema of the options.
	OptionsSchema json.RawMessage

	// BeforeSeal makes the process ready for every attempt. It runs once, before the
	// process puts a policy in force on itself. Its error says why there is no attempt
	// at all. Nil when there is nothing to do.
	BeforeSeal func() error

	// Children are modes in which the plugin's own binary is started by
	// [StartChild], by name. The process ends when the function returns.
	Children map[string]func()
}

// Probe is one operation that the plugin can attempt.
type Probe struct {
	Operation string   // the profile language's name: "sysctl-read"
	Filter    string   // what it is decided on: "sysctl-name", "target"; "" for nothing
	Purpose   string   // one full sentence
	Carrier   string   // the real call, in general form: "open /proc/sys/NAME"
	Results   []Result // the table of codes; one row at least is [Denied]

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
	Native *Native       // the code, where the API has numbers of its own
	Class  Class         // how the code is read
	Source string        // where this is written down, or how it was measured
}

// Native is a code in an API's own number space. In a table it is a row's code;
// an attempt returns it as its error where there is no errno.
type Native struct {
	API  string // whose numbers these are: "bootstrap_look_up", "dbus"
	Code int64  // 0 for an API that only names its errors
	Name string // the header's name for the code: "BOOTSTRAP_UNKNOWN_SERVICE"
}

// Error makes a Native an attempt's error.
func (n *Native) Error() string { return fmt.Sprintf("%s: %s (%d)", n.API, n.Name, n.Code) }

// Class is how a result is read.
type Class string

const (
	OK      Class = "ok"      // the call did what it is for
	Denied  Class = "denied"  // the API's own "sandbox said no"
	Missing Class = "missing" // no such object
	Other   Class = "other"   // anything else: proves nothing about the policy
)

// Platform is an operating system.
type Platform string

// The systems that hrhost runs on.
const (
	Linux Platform = "linux"
	MacOS Platform = "macos"
)

// Arm is when a probe's object is acquired, relative to sealing.
type Arm string

const (
	After  Arm = "after"  // after sealing, by Probe.Run
	Before Arm = "before" // before sealing; what is held is used after
	Again  Arm = "again"  // held from before, and acquired anew after
)

// Effect is whether what a call should have caused was seen.
type Effect string

const (
	EffectSeen         Effect = "seen"         // it happened
	EffectAbsent       Effect = "absent"       // it was looked for and did not happen
	EffectUnobservable Effect = "unobservable" // nobody can look: the default
)
