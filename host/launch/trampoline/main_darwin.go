package trampoline

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/internal/darwin"
)

// ExitFailed is the exit status after a Failure was sent (or could not be).
const ExitFailed = 125

// Main runs the trampoline and does not return.
func Main() {
	Mac(System{Getrlimit: unix.Getrlimit, Setrlimit: unix.Setrlimit, Apply: darwin.Apply, Exec: syscall.Exec})
}
