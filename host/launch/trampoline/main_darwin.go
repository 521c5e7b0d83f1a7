package trampoline

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/internal/seatbelt"
)

// ExitFailed is the exit status after a Failure was sent (or could not be).
const ExitFailed = 125

// Main runs the trampoline and does not return.
func Main() {
	control := os.NewFile(FDControl, "host")
	syscall.CloseOnExec(FDControl)
	step, err := run(control)
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		errno = syscall.EINVAL
	}
	say(control, Reply{Failure: &Failure{Step: step, Errno: errno}})
	os.Exit(ExitFailed)
}

// say writes one Reply. fact:apply.connected-socket
func say(control *os.File, r Reply) {
	if b, err := json.Marshal(r); err == nil {
		control.Write(b)
	}
}

func run(control *os.File) (step string, err error) {
	var s Setup
	b, err := io.ReadAll(control)
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return "setup", err
	}
	for _, l := range s.Limits {
		if err := setLimit(l); err != nil {
			return "limits", err
		}
	}
	if s.Apply {
		r := darwin.Apply(s.SBPL, s.Params)
		say(control, Reply{Apply: &r})
		if r.Class != seatbelt.ClassOK {
			return "apply", r.Errno
		}
	}
	return "exec", execute(control, &s)
}

// execute runs the program. A stand-in is this program itself, so that the
// profile need not allow an exec. fact:apply.exec-minimum
func execute(control *os.File, s *Setup) error {
	switch s.StandIn {
	case IdleArg:
		os.Exit(0)
	case HoldArg:
		control.Close()
		unix.Read(FDLife, make([]byte, 1))
		os.Exit(0)
	}
	return syscall.Exec(s.Path, s.Argv, s.Env)
}

// setLimit lowers a limit; one that already stands lower is left alone.
func setLimit(l Limit) error {
	var cur unix.Rlimit
	if err := unix.Getrlimit(l.Resource, &cur); err != nil {
		return err
	}
	v := min(l.Value, cur.Max)
	return unix.Setrlimit(l.Resource, &unix.Rlimit{Cur: v, Max: v})
}
