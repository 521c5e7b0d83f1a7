package world

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/internal/darwin/signature"
)

// Read collects the facts of this Mac. fact:world.sysctls
func Read() (*World, error) {
	w := &World{OS: "macos"}
	w.macRelease(sysctls)
	for _, name := range []string{"hw.machine", "hw.model", "kern.uuid", "kern.version"} {
		v, err := unix.Sysctl(name)
		w.add(name, v, "sysctlbyname "+name, err)
	}
	cache, err := darwin.SharedCacheUUID()
	w.add("dyld.shared_cache_uuid", hex.EncodeToString(cache[:]), "_dyld_get_shared_cache_uuid", err)
	known := &cache
	if err != nil {
		known = nil
	}
	w.add("sip", "", "csr_get_active_config", nil)
	if bits, err := darwin.SIP(); err == nil {
		w.Facts[len(w.Facts)-1].Value = fmt.Sprintf("%#x, %s", bits, sipText(bits))
	} else {
		w.Facts[len(w.Facts)-1].Error = err.Error()
	}
	w.Machine = w.Get("hw.machine")
	if w.Release == "" {
		return w, errors.New("reading kern.osproductversion: no value")
	}
	w.ID = macID(w.Release, w.Build, w.Machine, known)
	return w, nil
}

// sysctls are this host's own parameters.
var sysctls = parameters{
	text:   unix.Sysctl,
	number: unix.SysctlUint32,
	set: func(name string, value uint32) error {
		return darwin.SetSysctl(name, binary.LittleEndian.AppendUint32(nil, value))
	},
}

// CheckSelf asks sandbox_check about this process. A question that fails is
// unknown, which is not a pass.
func CheckSelf() SelfCheck {
	s := fromSandboxCheck(darwin.SelfSandboxed())
	s.signing()
	s.parents()
	return s
}

func (s *SelfCheck) add(name, value, source string, err error) {
	f := Fact{Name: name, Value: value, Source: source}
	if err != nil {
		f.Value, f.Error = "", err.Error()
	}
	s.Facts = append(s.Facts, f)
}

func (s *SelfCheck) signing() {
	sig := signature.Of(os.Getpid())
	var err error
	if sig.Detail != "" {
		err = errors.New(sig.Detail)
	}
	if sig.Flags == 0 {
		s.add("code_signing", "", "csops CS_OPS_STATUS", cmp.Or(err, errors.New("unsigned")))
		return
	}
	s.add("code_signing", fmt.Sprintf("%#x, %s", uint32(sig.Flags), sig.Flags), "csops CS_OPS_STATUS", nil)
	s.add("entitlements", sig.String(), "csops CS_OPS_DER_ENTITLEMENTS_BLOB, CS_OPS_ENTITLEMENTS_BLOB", err)
}

// maxParents is more than any chain of parents has.
const maxParents = 32

// parents is who started us, up to launchd.
func (s *SelfCheck) parents() {
	for pid, n := os.Getppid(), 0; pid > 0 && n < maxParents; n++ {
		name := fmt.Sprintf("parent.%d", n+1)
		path, err := darwin.ProcessPath(pid)
		s.add(name, fmt.Sprintf("%d %s", pid, path), "proc_pidpath", err)
		info, err := darwin.ShortProcessInfo(pid)
		if err != nil || pid == 1 {
			return
		}
		pid = int(info.PPID)
	}
}
