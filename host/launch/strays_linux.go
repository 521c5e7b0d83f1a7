package launch

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Stray is a process that a plugin put into a session of its own, where the end
// of the plugin does not reach it.
type Stray struct {
	PID     int
	Program string // its file's name, a plugin's or another's; "" when not known
}

// endStrays ends and reaps the strays that still have the environment of the
// process whose scratch directory that is. A stray that changed its environment
// is left to [Launcher.EndStrays].
func endStrays(scratch string) int {
	mark := []byte(scratchVariable + scratch + "\x00")
	return len(endChildren(func(pid int) bool {
		env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
		return err == nil && bytes.Contains(env, mark)
	}))
}

// scratchVariable begins what every plugin's environment has once.
const scratchVariable = "TMPDIR="

// EndStrays ends and reaps what is left once no plugin runs: everything that
// became this process's child and was not started by it.
func (l *Launcher) EndStrays() []Stray {
	return endChildren(func(pid int) bool {
		_, known := l.started.Load(pid)
		return !known
	})
}

// endChildren ends and reaps the children in foreign sessions that are meant.
func endChildren(meant func(pid int) bool) (ended []Stray) {
	self := os.Getpid()
	own, _ := unix.Getsid(0)
	for _, pid := range candidates() {
		if ppid, session := parentAndSession(pid); ppid != self || session == own || !meant(pid) {
			continue
		}
		s := Stray{PID: pid, Program: programOf(pid)}
		unix.Kill(pid, unix.SIGKILL)
		if _, err := unix.Wait4(pid, nil, 0, nil); err == nil {
			ended = append(ended, s)
		}
	}
	return ended
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
