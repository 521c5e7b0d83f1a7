package selftest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// Verb is the hidden command of a program that runs experiments: it has the
// process be one experiment, or a role in one. See [Serve].
const Verb = "selftest-part"

// Exit codes of such a process.
const (
	exitUndone    = 90 // a role that could not do its part
	exitAbandoned = 91 // the one who wanted the verdict is gone
	exitUsage     = 92
)

// fdVerdict is where an experiment writes its verdict.
const fdVerdict = 3

// program is the file of this program, for processes of its own. On Linux it is
// the file that runs, whatever has become of its name.
func program() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe"
	}
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// Program is a command of this program, as [Runner] starts it.
func Program(args ...string) *exec.Cmd { return exec.Command(program(), args...) }

// Serve is the whole of a process that was started with [Verb]: FACT DIR and,
// for a helper, ROLE ARG... It must be called on the process's first thread. It
// returns the exit code. The verdict goes to
// descriptor 3, as JSON.
func Serve(all []*Experiment, args []string) int {
	if len(args) < 2 {
		return exitUsage
	}
	e := Find(all, args[0])
	if e == nil {
		fmt.Fprintf(os.Stderr, "no experiment about %q\n", args[0])
		return exitUsage
	}
	if len(args) > 2 {
		role := e.Roles[args[2]]
		if role == nil {
			fmt.Fprintf(os.Stderr, "no role %q about %s\n", args[2], e.Fact)
			return exitUsage
		}
		role(&Part{Dir: args[1], Args: args[3:], fact: e.Fact, in: bufio.NewReader(os.Stdin)})
		return 0
	}
	syscall.CloseOnExec(fdVerdict)
	go abandon()
	return deliver(try(e, &Trial{Dir: args[1], fact: e.Fact}))
}

// abandon ends the process when its stdin ends: nobody waits any more.
func abandon() {
	io.Copy(io.Discard, os.Stdin)
	os.Exit(exitAbandoned)
}

// try runs an experiment. A panic other than [Trial.Must]'s is left to crash the
// process, which the runner sees.
func try(e *Experiment, t *Trial) (v Verdict) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case undone:
			v = Undone("%s", p.why)
		default:
			panic(p)
		}
	}()
	if e.Run == nil {
		return NotHere("can only be read: %s", e.OnlyRead)
	}
	return e.Run(t)
}

func deliver(v Verdict) int {
	text, err := json.Marshal(v)
	if err == nil {
		f := os.NewFile(fdVerdict, "verdict")
		_, err = f.Write(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "delivering the verdict: %v\n", err)
		return exitUndone
	}
	return 0
}

// ended is a process's exit code, or minus the signal that ended it.
func ended(st *os.ProcessState) int {
	if ws, ok := st.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return -int(ws.Signal())
	}
	return st.ExitCode()
}
