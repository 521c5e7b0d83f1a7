package point

// Facts describe how the host protected itself and the fence around every plugin apart
// from the profile, for the manifest.
type Facts struct {
	Hardening   []Fact
	Containment Containment
}

// Fact is one statement with its source.
type Fact struct{ Name, Value, Source string }

// Containment is the fence around every plugin.
type Containment struct {
	Landlock Landlock
	Layers   []Fact
	Missing  []string
}

// Landlock is the second layer on Linux.
type Landlock struct {
	Present bool
	ABI     int    // 0 when absent
	Reads   string // "fenced", or "not contained" and why
	Detail  string
}
