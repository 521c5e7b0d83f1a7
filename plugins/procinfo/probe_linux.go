package procinfo

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/hrhost/hrhost/plugins/internal/processes"
	"github.com/hrhost/hrhost/sdk"
)

const (
	api          = "open"
	infoAPI      = api
	fdAPI        = api
	usageAPI     = api
	listAPI      = api
	infoCarrier  = "open /proc/PID/stat"
	fdCarrier    = "open /proc/PID/fd"
	usageCarrier = "open /proc/PID/schedstat"
	listCarrier  = "open /proc"
)

func info(rec *sdk.Recorder) error { return attempt(rec, "stat", readFile) }

func usage(rec *sdk.Recorder) error { return attempt(rec, "schedstat", readFile) }

func descriptors(rec *sdk.Recorder) error {
	return attempt(rec, "fd", func(path string) (string, error) { return countNumbers(path, "descriptors") })
}

// attempt opens one file of the target's directory.
func attempt(rec *sdk.Recorder, file string, open func(path string) (string, error)) error {
	target, err := processes.Acquire(rec.Target())
	if err != nil {
		return err
	}
	attemptOn(rec, target, file, open)
	return target.Close()
}

func attemptOn(rec *sdk.Recorder, target *processes.Target, file string, open func(path string) (string, error)) {
	path := pathOf(target, file)
	rec.Attempt(sdk.Call{
		API: api, Carrier: "open " + path, Filter: target.Filter(),
		Path: &sdk.Path{Requested: path}, TargetPID: target.PID,
	}, func() (string, error) { return open(path) })
}

func pathOf(target *processes.Target, file string) string {
	return fmt.Sprintf("/proc/%d/%s", target.PID, file)
}

func listProcesses(rec *sdk.Recorder) error {
	const path = "/proc"
	rec.Attempt(sdk.Call{API: api, Carrier: listCarrier, Path: &sdk.Path{Requested: path}},
		func() (string, error) { return countNumbers(path, "processes") })
	return nil
}

// maxFile is more than any file read here has.
const maxFile = 4 << 10

// readFile makes one open call. A failing read is not the open's result.
func readFile(path string) (string, error) {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile))
	return strings.TrimSpace(string(b)), sdk.In("read", err)
}

// countNumbers counts the entries of a directory that are numbers. Which ones
// is not told: only that they could be read counts.
func countNumbers(path, what string) (string, error) {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	names, err := f.Readdirnames(-1)
	n := 0
	for _, name := range names {
		if _, notNumber := strconv.Atoi(name); notNumber == nil {
			n++
		}
	}
	return fmt.Sprintf("%d %s", n, what), sdk.In("getdents64", err)
}

// results is the table of the open call. EACCES is other: it is how the kernel
// keeps one user's processes from another.
func results(api string) []sdk.Result {
	return []sdk.Result{
		{API: api, Errno: 0, Class: sdk.OK, Source: "open(2)"},
		{API: api, Errno: syscall.EPERM, Class: sdk.Denied,
			Source: "measured: the monitor answers a denied open under /proc/PID with EPERM"},
		{API: api, Errno: syscall.ENOENT, Class: sdk.Missing,
			Source: "proc(5): a directory for each running process; open(2): it does not exist"},
		{API: api, Errno: syscall.EACCES, Class: sdk.Other,
			Source: "proc(5): ptrace access mode check; landlock(7): no rule for the path"},
	}
}
