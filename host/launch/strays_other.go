//go:build !linux

package launch

// Stray is a process that a plugin left behind.
type Stray struct {
	PID     int
	Program string
}

// EndStrays finds none: a dead process's children are given to pid 1.
func (l *Launcher) EndStrays() ([]Stray, error) { return nil, nil }

// freeKilled does nothing: no tracer here keeps a dead process from its parent.
func freeKilled(int, <-chan struct{}) {}
