package world

import (
	"encoding/binary"
	"os"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/internal/darwin/signature"
)

// Read collects the facts of this Mac.
func Read() (*World, error) { return thisMac().read() }

// CheckSelf asks what confines this process.
func CheckSelf() SelfCheck { return thisMac().checkSelf() }

func thisMac() macSystem {
	return macSystem{
		parameters: parameters{
			text:   unix.Sysctl,
			number: unix.SysctlUint32,
			set: func(name string, value uint32) error {
				return darwin.SetSysctl(name, binary.LittleEndian.AppendUint32(nil, value))
			},
		},
		sharedCache: darwin.SharedCacheUUID, sip: darwin.SIP, sandboxed: darwin.SelfSandboxed,
		signature: signature.Of, path: darwin.ProcessPath, parent: parentOf,
		pid: os.Getpid(), ppid: os.Getppid(),
	}
}

func parentOf(pid int) (int, error) {
	info, err := darwin.ShortProcessInfo(pid)
	if err != nil {
		return 0, err
	}
	return int(info.PPID), nil
}
