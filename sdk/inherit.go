package sdk

import (
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
// happens, then opens what there is.
func inherit() (inheritance, error) {
	files := map[string]*os.File{}
	var first error
	for _, name := range []string{wire.EnvLife, wire.EnvRecorder, wire.EnvBusSession, wire.EnvBusSystem} {
		f, err := inheritedFile(name)
		if err != nil && first == nil {
			first = err
		}
		files[name] = f
	}
	got := inheritance{life: files[wire.EnvLife], scratch: os.Getenv(wire.EnvScratch)}
	if first != nil || files[wire.EnvRecorder] == nil {
		return got, first
	}
	defer files[wire.EnvRecorder].Close() // the mapping stays
	var err error
	got.region, err = recorder.Open(files[wire.EnvRecorder])
	return got, err
}

// inheritedFile is the descriptor that a variable names, nil without one.
func inheritedFile(name string) (*os.File, error) {
	text := os.Getenv(name)
	if text == "" {
		return nil, nil
	}
	fd, err := strconv.Atoi(text)
	if err != nil || fd < 3 {
		return nil, fmt.Errorf("reading %s: %q is not an inherited descriptor", name, text)
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), name), nil
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
