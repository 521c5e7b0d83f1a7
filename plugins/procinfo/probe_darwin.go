package procinfo

import (
	"fmt"
	"syscall"

	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/plugins/internal/processes"
	"github.com/hrhost/hrhost/sdk"
)

// Which operation each call is. fact:proc.call-to-operation
const (
	infoAPI  = "proc_pidinfo"
	fdAPI    = "proc_pidfdinfo"
	usageAPI = "proc_pid_rusage"
	listAPI  = "proc_listpids"

	infoCarrier  = "proc_pidinfo PROC_PIDT_SHORTBSDINFO"
	fdCarrier    = "proc_pidfdinfo PROC_PIDFDPIPEINFO"
	usageCarrier = "proc_pid_rusage RUSAGE_INFO_V0"
	listCarrier  = "proc_listpids PROC_ALL_PIDS"
)

// info asks for the flavour that is told about other users' processes too: pid 1
// is then refused by a profile or not at all. fact:proc.other-user
func info(rec *sdk.Recorder) error {
	return attempt(rec, infoAPI, infoCarrier, func(pid int) (string, error) {
		p, err := darwin.ShortProcessInfo(pid)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("pid %d, parent %d, user %d", p.PID, p.PPID, p.UID), nil
	})
}

// descriptors asks about stderr, which is a pipe in the plugin and in its
// children. A stranger's may be anything, which the call finds out only once
// the permission was given.
func descriptors(rec *sdk.Recorder) error {
	const stderr = 2
	return attempt(rec, fdAPI, fdCarrier, func(pid int) (string, error) {
		n, err := darwin.PipeInfo(pid, stderr)
		return fmt.Sprintf("%d bytes about descriptor %d", n, stderr), err
	})
}

func usage(rec *sdk.Recorder) error {
	return attempt(rec, usageAPI, usageCarrier, func(pid int) (string, error) {
		user, system, err := darwin.Rusage(pid)
		return fmt.Sprintf("user %d, system %d", user, system), err
	})
}

// attempt makes one call about the target.
func attempt(rec *sdk.Recorder, api, carrier string, ask func(pid int) (string, error)) error {
	target, err := processes.Acquire(rec.Target())
	if err != nil {
		return err
	}
	rec.Attempt(sdk.Call{
		API: api, Carrier: fmt.Sprintf("%s %d", carrier, target.PID), Filter: target.Filter(), TargetPID: target.PID,
	}, func() (string, error) { return ask(target.PID) })
	return target.Close()
}

func listProcesses(rec *sdk.Recorder) error {
	rec.Attempt(sdk.Call{API: listAPI, Carrier: listCarrier}, func() (string, error) {
		n, err := darwin.CountProcesses()
		return fmt.Sprintf("%d processes", n), err
	})
	return nil
}

// results is the table of libproc's calls. EPERM is also how one user's
// processes are kept from another's: the baseline shows it. fact:proc.denied
func results(api string) []sdk.Result {
	return []sdk.Result{
		{API: api, Errno: 0, Class: sdk.OK, Source: "libproc.h"},
		{API: api, Errno: syscall.EPERM, Class: sdk.Denied, Source: "XNU bsd/kern/proc_info.c: proc_security_policy"},
		{API: api, Errno: syscall.ESRCH, Class: sdk.Missing, Source: "XNU bsd/kern/proc_info.c: no such process"},
	}
}
