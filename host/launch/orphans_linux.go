package launch

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Orphan is a process that a plugin put into a session of its own, where the end
// of the plugin does not reach it.
type Orphan struct {
	PID     int
	Program string // its file's name, a plugin's or another's; "" when not known
}

const (
	// maxOrphans is how many orphans EndOrphans names. It ends all of them.
	maxOrphans = 64
	// orphanTime bounds EndOrphans: processes that start others while they are
	// killed could go on for ever.
	orphanTime = 10 * time.Second
)

// EndOrphans ends and reaps every orphan while no plugin runs: each process that
// became this process's child and was not started by it. The children of an orphan
// become ours when it is dead, so EndOrphans looks again until it finds none. An
// error means that some are still there. It works on the thread that forks, so
// that it meets no process which is just being started.
func (l *Launcher) EndOrphans() (ended []Orphan, err error) {
	done := make(chan struct{})
	l.jobs <- func() {
		ended, err = endOrphans(l.owns, time.Now().Add(orphanTime))
		close(done)
	}
	<-done
	return ended, err
}

func endOrphans(owns func(pid int) bool, deadline time.Time) (ended []Orphan, err error) {
	for {
		left := foreign(owns)
		if len(left) == 0 {
			return ended, nil
		}
		if time.Now().After(deadline) {
			return ended, fmt.Errorf("ending the processes that plugins left behind: %d are still there after %s; one runs %q",
				len(left), orphanTime, programOf(left[0].pid))
		}
		for _, s := range end(left, func(child) bool { return true }) {
			if len(ended) < maxOrphans {
				ended = append(ended, s)
			}
		}
	}
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
