package sdk

import (
	"errors"
	"os/exec"
	"syscall"

	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
)

// Call describes the call that an attempt is about to make.
type Call struct {
	API       string // by which Probe.Results are looked up: "open", "kill"
	Carrier   string // the real call: "open /proc/sys/kernel/ostype"
	Filter    string // the value in fact used: "kernel.ostype", "pid:123"
	Path      *Path  // when the call names a path
	TargetPID int    // the process that the call is about, 0 for none
}

// Path is how a path was spelled, and what it resolved to if that is known.
type Path struct {
	Requested  string // as the call got it
	Observed   string // what the system said that it is, "" when not known
	Normalized string // "" for Requested, cleaned
}

// In says that another call than Call.API failed: a read of what was opened.
// The result then has that API's name, and the table is asked about it.
func In(api string, err error) error {
	if err == nil {
		return nil
	}
	return &inError{api: api, err: err}
}

type inError struct {
	api string
	err error
}

func (e *inError) Error() string { return e.api + ": " + e.err.Error() }
func (e *inError) Unwrap() error { return e.err }

// resultOf reads what an attempt returned.
func resultOf(api, value string, err error) wire.Result {
	r := wire.Result{API: api}
	r.Value, r.Truncated = wire.Cut(value)
	var in *inError
	if errors.As(err, &in) {
		r.API = in.api
	}
	var errno syscall.Errno
	var native *Native
	var exit *exec.ExitError
	switch {
	case err == nil:
		r.Errno = new(int)
	case errors.As(err, &native):
		r.Native = &wire.Native{API: native.API, Code: native.Code, Name: native.Name}
	case errors.As(err, &errno):
		code := int(errno)
		r.Errno = &code
	case errors.As(err, &exit):
		r.ExitCode, r.Signal = exitOf(exit)
	default:
		r.Error = err.Error()
	}
	return r
}

func exitOf(err *exec.ExitError) (code, signal *int) {
	status, ok := err.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		n := int(status.Signal())
		return nil, &n
	}
	n := err.ExitCode()
	return &n, nil
}

// recorded is the part of a result that fits in the flight recorder.
func recorded(r wire.Result) recorder.Result {
	res := recorder.Result{Kind: recorder.KindUncoded, Value: r.Value}
	switch {
	case r.Errno != nil:
		res.Kind, res.Errno = recorder.KindErrno, *r.Errno
	case r.Native != nil:
		res.Kind, res.Native = recorder.KindNative, r.Native.Code
	}
	return res
}
