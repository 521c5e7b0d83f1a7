package launch

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Stray is a process that a plugin put into a session of its own, where the end
// of the plugin does not reach it.
type Stray struct {
	PID     int
	Program string // its file's name, a plugin's or another's; "" when not known
}

// EndStrays ends and reaps what is left once no plugin runs: everything that
// became this process's child and was not started by it.
func (l *Launcher) EndStrays() []Stray {
	return end(foreign(l.owns), func(child) bool { return true })
}

// owns reports whether a child is the launcher's own doing.
func (l *Launcher) owns(pid int) bool {
	_, known := l.started.Load(pid)
	return known
}

// programOf is the name of the file that a process executes. A plugin runs from
// a memfd that has its file's name.
func programOf(pid int) string {
	to, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.TrimSuffix(filepath.Base(to), " (deleted)"), "memfd:")
}
