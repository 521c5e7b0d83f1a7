// Package sbpl compiles sandbox profiles and decides as the system does.
//
// A profile is a program: Compile evaluates it and keeps the table of rules
// that it built. Decide walks that table: a filtered rule of the operation
// itself is tried before its unfiltered one, the latest first; an operation
// without an unfiltered rule goes on with its parent's; and the table of the
// release has the last word. docs/sbpl.md says what each clause rests on.
//
// Every decision by a rule of the profile points at its file:line:col. A fact that a rule asks for
// and a query does not hold makes the answer Unknown, never a guess. A Policy
// never changes, so any number of goroutines may ask it.
package sbpl

import (
	"io"

	"github.com/hrhost/hrhost/sb/sbpl/syntax"
)

// Options are what a profile is compiled with.
type Options struct {
	Name            string            // file name used in positions
	Params          map[string]string // (param "KEY")
	Release         string            // "10.9" ... "10.15", "14", "15", "26"; "" is the newest
	Linux           bool              // the profile is enforced on Linux: socket families that macOS has not are known too
	ImportRoots     []string          // searched in order; imports must lie below one; none: imports are refused
	ReadFile        func(path string) ([]byte, error)
	NoImplicitRules bool
	Globals         map[string]any // predefined variables: string, bool, []string, nil for the empty list
	FoldCase        bool           // compare path literals, prefixes and subpaths without case
	StripSlash      bool           // take (subpath "/a/") for (subpath "/a") instead of refusing it
	MaxSteps        int            // of evaluation; 0 is 20 million
	MaxMemory       int64          // bytes made by evaluation; 0 is 256 MiB
	Took            *Effort        // set to what evaluation took, when not nil
	Output          io.Writer      // display, write and newline; nil discards
}

// Effort is what evaluation took of MaxSteps and MaxMemory.
type Effort struct {
	Steps  int
	Memory int64
}

// Query is one question.
type Query struct {
	Operation string
	Filters   []Filter // facts; several of one name are the set of values that hold
	Absent    []string // names of facts that the object or the process is known not to have
	Process   *Process // facts of the calling process; nil is unknown

	// Spend is told of work that does not come to one look-up, before it is done:
	// filters tried one by one, patterns that grow too many states. When it says
	// no, the answer is Unknown. Nil is for profiles that are trusted to be sane.
	Spend func(work int) bool
}

// Process is facts of the calling process. What is zero is unknown; an empty
// list or map that is not nil says that there are none.
type Process struct {
	Path         string
	SigningID    string
	UID          *int
	Attributes   []string       // is-plugin, ...
	Extensions   []string       // classes of the held extensions that cover the object
	Entitlements map[string]any // string, bool, []string
}

// Filter is one fact, by the language's name for it: {"sysctl-name",
// "kernel.ostype"}, {"target", "self"}. Numbers are written as C does, or by a
// constant's name; the ends of a connection as PROTO HOST:PORT. A name of which a
// query has any value is closed: the values it has are all that hold.
type Filter struct{ Name, Value string }

// Action is what a policy says.
type Action int

const (
	Unknown Action = iota
	Allow
	Deny
)

func (a Action) String() string { return [...]string{"unknown", "allow", "deny"}[a] }

// Modifier is a rule's (with NAME ARG...).
type Modifier struct {
	Name string   `json:"name"`
	Args []string `json:"args,omitempty"`
}

// Pos is a place in a profile.
type Pos = syntax.Pos

// Decision is an answer with the rule that gave it.
type Decision struct {
	Action     Action
	Modifiers  []Modifier // shared: not to be changed
	Rule       Pos        // zero for a default and for a rule of the system: they have no place in the profile
	Via        Pos        // the form of the top level that led to the rule
	RuleText   string     // the rule as written, on one line
	Operation  string     // the operation whose list held the deciding entry
	Walk       []string   // operations walked, the asked one first; shared
	Default    bool       // the release's table decided, no rule of the profile
	Implicit   bool       // a rule that the system adds decided
	Library    string     // whose rule that is: the library of a version and release
	Missing    []string   // for Unknown: the facts that would settle it
	Confidence string     // exact, measured, published, carried or inferred: the weakest entry of the table that it rests on
	Unverified bool       // rests on an entry of the table that nobody verified for the release
	Reason     string     // which one
	Err        error      // the operation is not known
}

// Provenance is whose the rule is that gave the decision.
func (d *Decision) Provenance() Provenance {
	return (&rule{implicit: d.Implicit, builtin: d.Default}).provenance()
}

// Import is one file of a profile's import closure: one that it imports, or opens
// to read.
type Import struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}
