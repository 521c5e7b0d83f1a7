package world

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/hrhost/hrhost/internal/codesign"
)

// macSystem is what macOS is asked about itself and its processes. The tests play it.
type macSystem struct {
	parameters
	sharedCache func() ([16]byte, error)      // _dyld_get_shared_cache_uuid
	sip         func() (uint32, error)        // csr_get_active_config
	sandboxed   func() (bool, error)          // sandbox_check about this process
	signature   func(int) codesign.Signature  // csops
	path        func(pid int) (string, error) // proc_pidpath
	parent      func(pid int) (int, error)    // proc_pidinfo
	pid, ppid   int
}

// read collects the facts of a Mac. fact:world.sysctls
func (m macSystem) read() (*World, error) {
	w := &World{OS: "macos"}
	w.macRelease(m.parameters)
	for _, name := range []string{"hw.machine", "hw.model", "kern.uuid", "kern.version"} {
		v, err := m.text(name)
		w.add(name, v, "sysctlbyname "+name, err)
	}
	cache, err := m.sharedCache()
	w.add("dyld.shared_cache_uuid", hex.EncodeToString(cache[:]), "_dyld_get_shared_cache_uuid", err)
	known := &cache
	if err != nil {
		known = nil
	}
	bits, err := m.sip()
	w.add("sip", fmt.Sprintf("%#x, %s", bits, sipText(bits)), "csr_get_active_config", err)
	w.Machine = w.Get("hw.machine")
	if w.Release == "" {
		return w, errors.New("reading kern.osproductversion: no value")
	}
	w.ID = macID(w.Release, w.Build, w.Machine, known)
	return w, nil
}

// checkSelf asks sandbox_check about this process. A question that fails is
// unknown, which is not a pass.
func (m macSystem) checkSelf() SelfCheck {
	s := fromSandboxCheck(m.sandboxed())
	s.signing(m.signature(m.pid))
	s.parents(m)
	return s
}

func (s *SelfCheck) add(name, value, source string, err error) {
	f := Fact{Name: name, Value: value, Source: source}
	if err != nil {
		f.Value, f.Error = "", err.Error()
	}
	s.Facts = append(s.Facts, f)
}

func (s *SelfCheck) signing(sig codesign.Signature) {
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
func (s *SelfCheck) parents(m macSystem) {
	for pid, n := m.ppid, 0; pid > 0 && n < maxParents; n++ {
		name := fmt.Sprintf("parent.%d", n+1)
		path, err := m.path(pid)
		s.add(name, fmt.Sprintf("%d %s", pid, path), "proc_pidpath", err)
		parent, err := m.parent(pid)
		if err != nil || pid == 1 {
			return
		}
		pid = parent
	}
}
