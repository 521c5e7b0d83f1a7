// Package facts is the shape of what the project holds to be true of a system.
// The facts themselves are with those who know the system: package seatbelt has
// macOS's, host/selftest/linux has Linux's.
package facts

// Fact is one thing about a system that the code rests on.
type Fact struct {
	ID     string `json:"id"` // apply.sbpl-text
	Claim  string `json:"claim"`
	Source string `json:"source"` // where it is written down, or who measured it
	Status Status `json:"status"`
	On     string `json:"verified_on,omitempty"` // the releases it was verified or measured on
	Breaks string `json:"breaks"`                // what goes wrong if the claim is
	// RestedOn are places that rest on it, as "file: words that stand in it".
	// Facts of macOS have none here: the code names them in comments.
	RestedOn []string `json:"rested_on,omitempty"`
}

// Status is how well a fact is known.
type Status string

const (
	Verified Status = "verified on a Mac"      // by the source, on the releases of On; never by this project
	Checked  Status = "checked against source" // Apple's own source, headers or exports, or two decompilations that agree
	Assumed  Status = "assumed"                // one report, an old release, or a conflict
	Measured Status = "measured on Linux"      // by this project, on the kernels of On
)
