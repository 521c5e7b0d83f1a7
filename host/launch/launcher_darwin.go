package launch

import "syscall"

// Launcher starts processes by a trampoline, which sets the limits and, under
// the seal mode exec, applies the profile.
type Launcher = macLauncher

// NewLauncher readies the trampoline. It is called once a process.
func NewLauncher(trampolinePath string) (*Launcher, error) {
	return openMacLauncher(trampolinePath)
}

// View is everything: macOS has no namespaces.
func (p *Process) View() View { return View{Known: true} }

// maxRSS is in KiB; macOS counts bytes.
func maxRSS(ru *syscall.Rusage) int64 { return ru.Maxrss >> 10 }
