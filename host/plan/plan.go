// Package plan reads config.toml into a Plan: strict, positions in every error,
// refused whole. New makes a Plan of values instead, and Print writes one as TOML.
// A Plan that Load, Parse or New returns is complete: targets are chosen for
// this OS, paths are absolute, profiles are read, hashed and compiled, and every
// default is filled in. Nothing else in the tree reads the file again.
package plan

import (
	"encoding/json"
	"time"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// Plan is one resolved config.toml.
type Plan struct {
	ID            string    `json:"id"`
	Schema        int       `json:"schema"`
	World         string    `json:"world,omitempty"` // the pin, "" for none
	WorldManifest *Manifest `json:"world_manifest,omitempty"`
	Path          string    `json:"path"`              // absolute; "" for the embedded default plan and one of New
	Source        []byte    `json:"-"`                 // config.toml as read; of New what Print returns
	Digest        string    `json:"digest"`            // sha256:<hex> of Source
	OS            string    `json:"os"`                // macos or linux: the targets chosen
	Release       string    `json:"release,omitempty"` // of the operation tables; "" in bundles that did not write it down: the newest
	Run           Run       `json:"run"`
	Plugins       []Plugin  `json:"plugins"`
	Profiles      []Profile `json:"profiles"`
}

// Run is the [run] table.
type Run struct {
	Out       string `json:"out"`     // default "out" beside the plan
	Channel   string `json:"channel"` // clean (default) or direct
	Bus       string `json:"bus"`     // private (default) or user
	PluginDir string `json:"plugin_dir,omitempty"`
}

// Manifest is the file that a pin of the predecessor's form was made from: the pin
// ends in the first digits of its digest.
type Manifest struct {
	Path   string `json:"path"`   // absolute
	Digest string `json:"digest"` // sha256:<hex>
}

// Plugin is one [plugin.NAME] table; a family without one gets the default
// plugin hrhost-probe-<family>.
type Plugin struct {
	Family  string          `json:"family"`
	Path    string          `json:"path,omitempty"`   // absolute; "" = beside the hrhost binary, then plugin_dir
	SHA256  string          `json:"sha256,omitempty"` // expected digest, hex
	Options json.RawMessage `json:"options,omitempty"`
}

// Profile is one [[profile]]: a policy and the probes to run under it.
type Profile struct {
	ID        string            `json:"id"`
	Family    string            `json:"family"`
	Source    string            `json:"source"` // as written
	File      string            `json:"file"`   // absolute; in the embedded default plan as written
	Text      []byte            `json:"-"`
	Digest    string            `json:"digest"` // sha256:<hex> of Text
	Imports   []Import          `json:"imports,omitempty"`
	Params    map[string]string `json:"params,omitempty"`
	Seal      string            `json:"seal"`      // self, exec, wrap
	Acquire   string            `json:"acquire"`   // after, before, both
	Isolation string            `json:"isolation"` // profile, probe
	Repeat    int               `json:"repeat"`
	Timeout   time.Duration     `json:"timeout_ns"`
	Wrap      []string          `json:"wrap,omitempty"`
	Probes    []Probe           `json:"probes"`
	Sweep     *Sweep            `json:"sweep,omitempty"` // in place of probes
	Line      int               `json:"line"`
	Policy    *sbpl.Policy      `json:"-"` // nil only under Gate

	// Gate is why the system lets no ordinary process apply the profile, ""
	// when nothing is known against it. Such a profile is planned like any
	// other, and no process is started for it.
	Gate string `json:"gate,omitempty"`

	params map[string]byOS // Params before the system was chosen, but for the empty ones
	took   sbpl.Effort     // to compile it
}

// Sweep is an operation on every target that the plugin can list on this host.
// The targets are found when the plan is run; nothing is expected of any.
type Sweep struct {
	Operation string `json:"op"`
	Filter    string `json:"filter,omitempty"`
	Match     string `json:"match,omitempty"` // a glob over the whole target, "" for all
	Limit     int    `json:"limit,omitempty"` // at most so many that match, 0 for all
}

// Import is one file of a profile's import closure.
type Import struct {
	Path   string `json:"path"`
	Digest string `json:"digest"` // sha256:<hex> of Text
	Text   []byte `json:"-"`
}

// Probe is one planned operation on one target.
type Probe struct {
	ID           string   `json:"id"`
	Operation    string   `json:"op"`
	Target       string   `json:"target"`           // for this OS
	Filter       string   `json:"filter,omitempty"` // needed when the operation has several
	Expect       string   `json:"expect"`           // allow, deny, absent, any
	ExpectBefore string   `json:"expect_before"`    // held, refused, lost, any
	Absent       bool     `json:"absent,omitempty"` // the target does not exist, on purpose
	Platforms    []string `json:"platforms,omitempty"`
	Skip         bool     `json:"skip"` // not for this OS: unsupported_on_world
	Line         int      `json:"line"`

	targets byOS // Target before the system was chosen
}
