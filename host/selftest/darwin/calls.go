//go:build darwin || linux

package darwin

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/internal/darwin"
)

// calls are what a process can be asked to do. Each answers in a word: ok, the
// name of an errno, a number of the call's own.
var calls = map[string]func(args []string) string{
	"sysctl":      func(a []string) string { return word(second(darwin.Sysctl(a[0], make([]byte, 256)))) },
	"set-sysctl":  setSysctl,
	"look-up":     lookUp,
	"filter":      func([]string) string { return word(darwin.FilterNotifications()) },
	"post":        func(a []string) string { return status(darwin.PostNotification(a[0])) },
	"distributed": func(a []string) string { return word(darwin.PostDistributed(a[0])) },
	"info":        func(a []string) string { return word(second(darwin.ProcessInfo(number(a[0])))) },
	"short":       func(a []string) string { return word(second(darwin.ShortProcessInfo(number(a[0])))) },
	"unique":      func(a []string) string { return word(second(darwin.UniqueProcessInfo(number(a[0])))) },
	"path":        func(a []string) string { return word(second(darwin.ProcessPath(number(a[0])))) },
	"pipe":        func(a []string) string { return word(second(darwin.PipeInfo(number(a[0]), number(a[1])))) },
	"rusage":      rusage,
	"list":        func([]string) string { return word(second(darwin.CountProcesses())) },
	"kill":        func(a []string) string { return word(kill(number(a[0]), 0)) },
	"getfd":       func(a []string) string { return word(getFD(number(a[0]))) },
	"open":        func(a []string) string { return word(open(a[0])) },
	"sip":         sip,
	"check":       check,
	"sandboxed": func([]string) string {
		yes, err := darwin.SelfSandboxed()
		return answer(yes, err)
	},
}

// call makes one of the calls in this process.
func call(name string, args ...string) string { return calls[name](args) }

// word is ok, the name of an errno, or an error's own words.
func word(err error) string {
	var e syscall.Errno
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &e):
		return unix.ErrnoName(e)
	}
	return err.Error()
}

// raw is what a failed call returned, and its errno.
func raw(err error) string {
	var f *darwin.Failure
	if errors.As(err, &f) {
		return fmt.Sprintf("%d %s", f.RC, unix.ErrnoName(f.Errno))
	}
	return word(err)
}

func answer(denied bool, err error) string {
	if err != nil {
		return word(err)
	}
	return map[bool]string{true: "1", false: "0"}[denied]
}

func status(s darwin.NotifyStatus, err error) string {
	if err != nil {
		return word(err)
	}
	return strconv.Itoa(int(s))
}

func lookUp(a []string) string {
	port, kr, err := darwin.LookUp(a[0])
	if err != nil {
		return word(err)
	}
	if kr == 0 {
		port.Release()
	}
	return strconv.Itoa(int(kr))
}

// setSysctl writes the value that the parameter has.
func setSysctl(a []string) string {
	value := make([]byte, 256)
	n, err := darwin.Sysctl(a[0], value)
	if err != nil {
		return word(err)
	}
	return word(darwin.SetSysctl(a[0], value[:n]))
}

func rusage(a []string) string {
	_, _, err := darwin.Rusage(number(a[0]))
	return word(err)
}

func sip([]string) string {
	bits, err := darwin.SIP()
	if err != nil {
		return word(err)
	}
	return fmt.Sprintf("%#x", bits)
}

// check asks sandbox_check about this process: OPERATION FILTER VALUE, with two
// values for the filter that has a flag, and a number where the filter wants one.
func check(a []string) string {
	filter := uint32(number(a[1]))
	var values []darwin.Value
	switch filter {
	case 0:
	case 9:
		values = []darwin.Value{darwin.Text(a[2]), darwin.Number(0)}
	case 10, 14, 16, 18:
		values = []darwin.Value{darwin.Number(number(a[2]))}
	default:
		values = []darwin.Value{darwin.Text(a[2])}
	}
	return answer(darwin.Check(os.Getpid(), a[0], filter, values...))
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func second[A any](_ A, err error) error { return err }
