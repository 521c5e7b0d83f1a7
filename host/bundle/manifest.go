package bundle

import "slices"

// Manifest is run_manifest.json: what was run, where, by which binaries and
// under which safeguards.
type Manifest struct {
	SchemaVersion string `json:"schema_version"`
	RunID         string `json:"run_id"`
	WorldID       string `json:"world_id"`
	WorldPin      string `json:"world_pin"` // the plan's pin, "" for none
	OS            string `json:"os"`        // macos or linux
	HrhostVersion string `json:"hrhost_version"`
	StartedAt     string `json:"started_at"`
	FinishedAt    string `json:"finished_at"`

	Channel          string    `json:"channel"` // spawn_clean, launchd_clean, direct
	SealModes        []string  `json:"seal_modes"`
	Staging          Staging   `json:"staging"`
	SandboxCheckSelf SelfCheck `json:"sandbox_check_self"`

	PlanID     string         `json:"plan_id"`
	PlanDigest string         `json:"plan_digest"` // of plan.toml as read
	Profiles   []ProfileEntry `json:"profiles"`
	Plugins    []PluginEntry  `json:"plugins"`

	MediatedOperations []string    `json:"mediated_operations"`
	SharedPolicyEngine bool        `json:"shared_policy_engine"` // witness and sbpl-model share one evaluator: one vote
	Hardening          []Fact      `json:"hardening"`
	Containment        Containment `json:"containment"`
}

// Staging says from where the probes ran.
type Staging struct {
	StageRoot string `json:"stage_root"`
	StageUsed bool   `json:"stage_used"`
}

// SelfCheck is whether the host itself is in a sandbox. Sandboxed is null when
// that could not be found out, which never passes a gate.
type SelfCheck struct {
	Source    string `json:"source"`
	Sandboxed *bool  `json:"sandboxed"`
	Detail    string `json:"detail"`
}

// ProfileEntry is one profile of the run. The files that it was compiled from
// are in the bundle.
type ProfileEntry struct {
	ID             string        `json:"id"`
	Family         string        `json:"family"`
	Path           string        `json:"path"`   // in the bundle: profiles/...
	Digest         string        `json:"digest"` // of that file
	SealMode       string        `json:"seal_mode"`
	Imports        []ProfileFile `json:"imports"`
	CompiledDigest *string       `json:"compiled_digest"` // macOS: of the compiled form
}

// ProfileFile is one file of a profile's import closure. Path is empty when the
// file is not in the bundle.
type ProfileFile struct {
	Source string `json:"source"` // as the profile names it
	Path   string `json:"path"`
	Digest string `json:"digest"`
}

// PluginEntry is one plugin binary.
type PluginEntry struct {
	Family     string `json:"family"`
	Path       string `json:"path"`
	Digest     string `json:"digest"`
	Version    string `json:"version"`
	Protocol   int    `json:"protocol"`
	Reattached bool   `json:"reattached"` // not started by the host: never promotable

	// Faults is what its processes did that no plugin should, in sentences: broke
	// the protocol, died or hung, did not leave, left processes behind, filled
	// the disk. Whatever is here is never promotable.
	Faults []string `json:"faults,omitempty"`

	// CodeSigning is what the kernel said of the signature of the plugin's
	// processes, each different answer once (macOS).
	CodeSigning []CodeSigning `json:"code_signing,omitempty"`
}

// CodeSigning is a signature as the kernel tells it of a running process.
type CodeSigning struct {
	Processes    int           `json:"processes"`    // how many had it
	Flags        string        `json:"flags"`        // hexadecimal
	Meaning      string        `json:"meaning"`      // those that bear on a sandbox, by name
	Entitlements []Entitlement `json:"entitlements"` // by name
	Source       string        `json:"source"`
	Detail       string        `json:"detail"` // what could not be read, "" when all was
}

// Entitlement is one of a signature's. Value is JSON.
type Entitlement struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Same reports whether two are the same but for the number of processes.
func (c CodeSigning) Same(o CodeSigning) bool {
	return c.Flags == o.Flags && c.Source == o.Source && c.Detail == o.Detail && slices.Equal(c.Entitlements, o.Entitlements)
}

// Fact is one observation with the place it comes from.
type Fact struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

// Containment is the host's own fence around plugins, apart from any profile.
type Containment struct {
	Landlock Landlock `json:"landlock"`
	Layers   []Fact   `json:"layers"` // memfd exec, limits, pdeathsig, ...
	Missing  []string `json:"missing"`
}

// Landlock is the second layer on Linux.
type Landlock struct {
	Present bool   `json:"present"`
	ABI     int    `json:"abi"`             // 0 when absent
	Reads   string `json:"reads,omitempty"` // ReadsFenced, or "not contained" and why; "" in bundles from before there was a fence
	Detail  string `json:"detail"`
}

// ReadsFenced: a plugin reads no other's directory, and no bundle.
const ReadsFenced = "fenced"
