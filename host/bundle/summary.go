package bundle

// Summary is summary.json: the run in a few numbers. Whether the run may be
// promoted is not in it; host/verify computes that from the whole bundle.
type Summary struct {
	SchemaVersion string            `json:"schema_version"`
	RunID         string            `json:"run_id"`
	WorldID       string            `json:"world_id"`
	PlanID        string            `json:"plan_id"`
	Channel       string            `json:"channel"`
	Status        SummaryStatus     `json:"status"`
	Counts        Counts            `json:"counts"`
	Families      map[string]Counts `json:"families"`
	Notes         []Note            `json:"notes,omitzero"` // from version 2, there always
	Headline      []string          `json:"headline"`       // plain sentences, most important first
}

// SummaryStatus is a run in one word.
type SummaryStatus string

const (
	StatusOK      SummaryStatus = "ok"      // no mismatch
	StatusPartial SummaryStatus = "partial" // mismatches
	StatusBlocked SummaryStatus = "blocked" // nothing reached its operation
)

// Counts counts expectations and the runtime rows behind them. AsExpected,
// Mismatches, Undecided and Skipped add up to Probes; Allow, Deny and None add
// up to Attempts.
type Counts struct {
	Profiles   int `json:"profiles"`
	Probes     int `json:"probes"` // expectations
	AsExpected int `json:"as_expected"`
	Mismatches int `json:"mismatches"` // expectations with a packet that has a decision
	Undecided  int `json:"undecided"`  // expectations with a packet without one
	Skipped    int `json:"skipped"`

	Attempts int `json:"attempts"` // runtime rows
	Allow    int `json:"allow"`    // of these, decided allow
	Deny     int `json:"deny"`
	None     int `json:"none"` // no decision
}

// Add adds other to c.
func (c *Counts) Add(other Counts) {
	c.Profiles += other.Profiles
	c.Probes += other.Probes
	c.AsExpected += other.AsExpected
	c.Mismatches += other.Mismatches
	c.Undecided += other.Undecided
	c.Skipped += other.Skipped
	c.Attempts += other.Attempts
	c.Allow += other.Allow
	c.Deny += other.Deny
	c.None += other.None
}
