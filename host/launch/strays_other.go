//go:build !linux

package launch

// Stray is a process that a plugin left behind.
type Stray struct {
	PID     int
	Program string
}

// EndStrays finds nobody: a dead process's children are given to pid 1.
func (l *Launcher) EndStrays() []Stray { return nil }
