package launch

import (
	"os"
	"strconv"
	"syscall"
)

// Launcher starts processes by a trampoline, which sets the limits and, under
// the seal mode exec, applies the profile.
type Launcher = macLauncher

// NewLauncher readies the trampoline. It is called once a process.
func NewLauncher(trampolinePath string) (*Launcher, error) {
	t, err := openTrampoline(trampolinePath)
	if err != nil {
		return nil, err
	}
	closeInherited()
	return newMacLauncher(t)
}

// closeInherited keeps what this process inherited itself out of the plugins.
func closeInherited() {
	open, _ := os.ReadDir("/dev/fd")
	for _, e := range open {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}

// View is everything: macOS has no namespaces.
func (p *Process) View() View { return View{Known: true} }

// maxRSS is in KiB; macOS counts bytes.
func maxRSS(ru *syscall.Rusage) int64 { return ru.Maxrss >> 10 }
