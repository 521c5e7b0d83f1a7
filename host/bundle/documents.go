package bundle

import "github.com/hrhost/hrhost/host/lane"

// Matrix is expected_matrix.json: every expectation of the plan.
type Matrix struct {
	SchemaVersion string                   `json:"schema_version"`
	RunID         string                   `json:"run_id"`
	WorldID       string                   `json:"world_id"`
	PlanDigest    string                   `json:"plan_digest"`
	Profiles      map[string]MatrixProfile `json:"profiles"` // by profile id
}

// MatrixProfile is what is expected under one profile.
type MatrixProfile struct {
	Mode          string        `json:"mode"` // sbpl
	Family        string        `json:"family"`
	Source        string        `json:"source"`
	ProfileDigest string        `json:"profile_digest"`
	SealMode      string        `json:"seal_mode"`
	Probes        []Expectation `json:"probes"`
	Sweep         *MatrixSweep  `json:"sweep,omitempty"`
}

// Expectation is one planned probe on one arm. The bundle holds exactly
// Attempts runtime rows and one baseline row for it; a skipped one may have
// none.
type Expectation struct {
	ExpectationID string      `json:"expectation_id"` // <profile>:<probe>@<arm>
	Name          string      `json:"name"`
	Arm           lane.Arm    `json:"arm"`
	Operation     string      `json:"operation"`
	Filter        lane.Filter `json:"filter"`
	Target        string      `json:"target"`
	Expected      string      `json:"expected"` // allow, deny, absent, any; @before: held, refused, lost, any
	Attempts      int         `json:"attempts"`
	Skipped       bool        `json:"skipped"` // unsupported on this world
}

// ApplyPreflight is apply_preflight.json: whether a trivial profile can be
// applied here, and what outer sandbox may be in the way.
type ApplyPreflight struct {
	SchemaVersion string       `json:"schema_version"`
	RunID         string       `json:"run_id"`
	WorldID       string       `json:"world_id"`
	Profile       string       `json:"profile"` // the trivial profile's text
	Status        string       `json:"status"`  // ok, blocked, failed, unsupported, not_attempted
	ApplyOK       *bool        `json:"apply_ok"`
	ApplyReport   ApplyReport  `json:"apply_report"`
	FailureStage  *lane.Stage  `json:"failure_stage"`
	OuterSandbox  OuterSandbox `json:"outer_sandbox"`
	BlockedReason string       `json:"blocked_reason,omitempty"`

	// Gated are the plan's profiles that were not tried: it is known that the
	// system lets no ordinary process apply them.
	Gated []GatedProfile `json:"gated,omitempty"`
}

// GatedProfile is a profile for which no process was started.
type GatedProfile struct {
	ProfileID string `json:"profile_id"`
	Reason    string `json:"reason"`
}

// ApplyReport is what the call that applies a policy answered.
type ApplyReport struct {
	API      string `json:"api"` // seccomp, sandbox_init_with_parameters
	RC       *int   `json:"rc"`
	Errno    *int   `json:"errno"`
	Errbuf   string `json:"errbuf"`
	ErrClass string `json:"err_class"` // ok, already_sandboxed, listener_busy, errno_eperm, errno_eacces, errno_other, unknown
}

// OuterSandbox is what already confines the host. Suspected is null when it
// could not be found out.
type OuterSandbox struct {
	Suspected *bool  `json:"suspected"`
	Facts     []Fact `json:"facts"` // seccomp, no_new_privs, capabilities, namespaces, container, lsm
}

// RunState is how far a run got.
type RunState string

const (
	InProgress  RunState = "in_progress"
	Complete    RunState = "complete"
	Failed      RunState = "failed"
	Interrupted RunState = "interrupted"
)

// RunStatus is run_status.json.
type RunStatus struct {
	SchemaVersion string   `json:"schema_version"`
	RunID         string   `json:"run_id"`
	State         RunState `json:"state"`
	Reason        string   `json:"reason"`
	UpdatedAt     string   `json:"updated_at"`
}

// Index is artifact_index.json. A directory that has one is complete.
type Index struct {
	SchemaVersion string       `json:"schema_version"`
	RunID         string       `json:"run_id"`
	WorldID       string       `json:"world_id"`
	Artifacts     []IndexEntry `json:"artifacts"` // by bytes of the path
}

// IndexEntry is one file of the bundle.
type IndexEntry struct {
	Path          string  `json:"path"`
	Size          int64   `json:"file_size"`
	SHA256        string  `json:"sha256"` // hex
	MediaType     string  `json:"media_type"`
	SchemaVersion *string `json:"schema_version"` // null for what is not a JSON document
}
