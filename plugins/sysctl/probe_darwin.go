package sysctl

import (
	"io/fs"
	"syscall"

	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/sdk"
)

const (
	api          = "sysctlbyname"
	readCarrier  = "sysctlbyname NAME"
	writeCarrier = "sysctlbyname NAME with its own value as the new one"
	writePurpose = "Writes one kernel parameter's own value back to it."
)

func read(rec *sdk.Recorder) error {
	name := rec.Target()
	rec.Attempt(sdk.Call{API: api, Carrier: "sysctlbyname " + name, Filter: name}, func() (string, error) {
		buffer := make([]byte, maxValue)
		n, err := darwin.Sysctl(name, buffer)
		return shown(buffer[:n]), err
	})
	return nil
}

// write changes nothing. It needs the value, so it also needs to be allowed to
// read it; anybody but root is refused before the policy is asked, also without
// a sandbox. fact:sysctl.name-first
func write(rec *sdk.Recorder) error {
	name := rec.Target()
	value := make([]byte, maxValue)
	n, err := darwin.Sysctl(name, value)
	if err != nil {
		return err
	}
	rec.Attempt(sdk.Call{API: api, Carrier: "sysctlbyname " + name + " with a new value", Filter: name},
		func() (string, error) { return "", darwin.SetSysctl(name, value[:n]) })
	return nil
}

// maxValue is enough for every parameter worth quoting.
const maxValue = 64 << 10

// enumerate lists every parameter as sysctl(8) -a does. Which may be written is
// not told, so that the mode means nothing here.
func enumerate(fs.FileMode) func(yield func(string) error) error { return darwin.EachSysctl }

func results() []sdk.Result {
	return append(table(api), table(heldAPI)...)
}

func table(api string) []sdk.Result {
	return []sdk.Result{
		{API: api, Errno: 0, Class: sdk.OK, Source: "sysctl(3)"},
		{API: api, Errno: syscall.EPERM, Class: sdk.Denied, // fact:sysctl.denied
			Source: "XNU bsd/kern/kern_newsysctl.c: mac_system_check_sysctlbyname; a write by anybody but root answers it too"},
		{API: api, Errno: syscall.ENOENT, Class: sdk.Missing,
			Source: "sysctl(3): the name is unknown; XNU looks it up before the policy is asked"},
	}
}
