//go:build !linux

package launch

// Orphan is a process that a plugin left behind.
type Orphan struct {
	PID     int
	Program string
}

// EndOrphans finds none: a dead process's children are given to pid 1.
func (l *Launcher) EndOrphans() ([]Orphan, error) { return nil, nil }

// freeKilled does nothing: no tracer here keeps a dead process from its parent.
func freeKilled(int, <-chan struct{}) {}
