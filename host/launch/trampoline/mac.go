//go:build linux || darwin

package trampoline

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/internal/seatbelt"
)

// System is the calls that the trampoline makes on macOS. Linux builds this file
// for the tests of package launch, which play them.
type System struct {
	Getrlimit func(resource int, limit *unix.Rlimit) error
	Setrlimit func(resource int, limit *unix.Rlimit) error
	Apply     func(sbpl string, params map[string]string) seatbelt.ApplyReport
	Exec      func(path string, argv, env []string) error
}

// Mac takes the macOS steps, from the host's Setup to the exec, and does not return.
func Mac(sys System) {
	if len(os.Args) == 2 && os.Args[1] == IdleArg { // executed as a plugin is
		os.Exit(0)
	}
	control := os.NewFile(FDControl, "host")
	syscall.CloseOnExec(FDControl)
	step, err := sys.run(control)
	say(control, Reply{Failure: &Failure{Step: step, Errno: asErrno(err)}})
	os.Exit(ExitFailed)
}

// say writes one Reply. fact:apply.connected-socket
func say(control *os.File, r Reply) {
	if b, err := json.Marshal(r); err == nil {
		control.Write(b)
	}
}

func asErrno(err error) syscall.Errno {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return syscall.EINVAL
	}
	return errno
}

func (sys System) run(control *os.File) (step string, err error) {
	var s Setup
	b, err := io.ReadAll(control)
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return "setup", err
	}
	if not := sys.setLimits(s.Limits); len(not) > 0 {
		say(control, Reply{NotSet: not})
	}
	if s.Apply {
		r := sys.Apply(s.SBPL, s.Params)
		say(control, Reply{Apply: &r})
		if r.Class != seatbelt.ClassOK {
			return "apply", r.Errno
		}
	}
	if s.Hold {
		hold(control)
	}
	return "exec", sys.Exec(s.Path, s.Argv, s.Env)
}

// setLimits sets every limit that can be set and returns the others. On macOS a
// limit is not a condition of the start: XNU refuses a data limit below the size of
// the process's map, and there every map is larger than a useful limit.
// fact:limits.data
func (sys System) setLimits(limits []Limit) (not []NotSet) {
	for _, l := range limits {
		if err := sys.setLimit(l); err != nil {
			not = append(not, NotSet{Resource: l.Resource, Errno: asErrno(err)})
		}
	}
	return not
}

// setLimit lowers a limit; one that already stands lower is left alone.
func (sys System) setLimit(l Limit) error {
	var cur unix.Rlimit
	if err := sys.Getrlimit(l.Resource, &cur); err != nil {
		return err
	}
	v := min(l.Value, cur.Max)
	return sys.Setrlimit(l.Resource, &unix.Rlimit{Cur: v, Max: v})
}

// hold stays in place of a plugin until the life pipe ends. It is this program
// itself, so that the profile need not allow an exec. fact:apply.exec-minimum
func hold(control *os.File) {
	control.Close()
	unix.Read(FDLife, make([]byte, 1))
	os.Exit(0)
}
