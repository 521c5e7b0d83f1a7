package sdk

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
)

// inheritance is what the host gave to the process.
type inheritance struct {
	life    *os.File // nil when there is none
	region  *recorder.Region
	scratch string
}

// inherit marks every inherited descriptor close-on-exec before anything else
// happens, then opens what there is. The buses stay numbers: a probe that needs
// one takes it from the environment.
func inherit() (inheritance, error) {
	got := inheritance{scratch: os.Getenv(wire.EnvScratch)}
	fds := map[string]int{}
	var problems []error
	for _, name := range []string{wire.EnvLife, wire.EnvRecorder, wire.EnvBusSession, wire.EnvBusSystem} {
		fd, err := inheritedFD(name)
		problems = append(problems, err)
		fds[name] = fd
	}
	if err := errors.Join(problems...); err != nil {
		return got, err
	}
	if fd := fds[wire.EnvLife]; fd > 0 {
		got.life = os.NewFile(uintptr(fd), "life pipe")
	}
	if fd := fds[wire.EnvRecorder]; fd > 0 {
		f := os.NewFile(uintptr(fd), "flight recorder")
		defer f.Close() // the mapping stays
		var err error
		got.region, err = recorder.Open(f)
		return got, err
	}
	return got, nil
}

// inheritedFD is the descriptor that a variable names, 0 without one.
func inheritedFD(name string) (int, error) {
	text := os.Getenv(name)
	if text == "" {
		return 0, nil
	}
	fd, err := strconv.Atoi(text)
	if err != nil || fd < 3 {
		return 0, fmt.Errorf("reading %s: %q is not an inherited descriptor", name, text)
	}
	syscall.CloseOnExec(fd)
	return fd, nil
}

// exitWith ends the process when the life pipe does: the host is gone or done.
func exitWith(life *os.File) {
	if life == nil {
		return
	}
	var b [1]byte
	for {
		if _, err := life.Read(b[:]); err != nil {
			os.Exit(0)
		}
	}
}
