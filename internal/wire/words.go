package wire

// Severity of a diagnostic.
type Severity string

const (
	Warning Severity = "warning"
	Error   Severity = "error"
)

// Platform that a probe exists on.
type Platform string

const (
	Linux Platform = "linux"
	MacOS Platform = "macos"
)
