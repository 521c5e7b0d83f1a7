package selftest

import (
	"slices"

	"github.com/hrhost/hrhost/host/world"
)

// Ended is how an experiment's process ended.
type Ended string

const (
	Returned    Ended = "returned" // with a verdict
	Crashed     Ended = "crashed"
	Hung        Ended = "hung"
	Flooded     Ended = "flooded"
	Interrupted Ended = "interrupted"
	NotRun      Ended = "not_run"
)

// Result is what came of one fact. It carries the claim, so that it can be read
// without the program that made it.
type Result struct {
	Fact   string `json:"fact"`
	Claim  string `json:"claim"`
	Source string `json:"source"`
	Status string `json:"status"` // how well it was known before
	Breaks string `json:"breaks"`
	Verdict
	Ended  Ended  `json:"ended"`
	Output string `json:"output"` // the end of what the process printed, unless it passed
	Micros int64  `json:"duration_us"`
}

// Counts are results by outcome.
type Counts struct {
	Pass          int `json:"pass"`
	Fail          int `json:"fail"`
	NotApplicable int `json:"not_applicable"`
	Incomplete    int `json:"incomplete"`
}

// Document is selftest.json.
type Document struct {
	SchemaVersion string   `json:"schema_version"`
	RunID         string   `json:"run_id"`
	WorldID       string   `json:"world_id"`
	System        string   `json:"system"`  // linux, macos
	Program       string   `json:"program"` // the version of hrhost
	User          string   `json:"user"`    // root or ordinary
	StartedAt     string   `json:"started_at"`
	EndedAt       string   `json:"ended_at"`
	Counts        Counts   `json:"counts"`
	Results       []Result `json:"results"`

	World *world.World `json:"-"`
}

// Count tallies results.
func Count(results []Result) (c Counts) {
	for _, r := range results {
		switch r.Outcome {
		case Pass:
			c.Pass++
		case Fail:
			c.Fail++
		case NotApplicable:
			c.NotApplicable++
		default:
			c.Incomplete++
		}
	}
	return c
}

// interrupted says whether somebody stopped the self test before its end.
func (d *Document) interrupted() bool {
	return slices.ContainsFunc(d.Results, func(r Result) bool { return r.Ended == Interrupted })
}
