package world

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/internal/codesign"
)

// playedMac is a Mac of the release as package darwin's calls tell of it: this process
// is 501, started by a shell, started by launchd.
func playedMac(release xnu) macSystem {
	m := macSystem{
		parameters:  release.parameters(),
		sharedCache: func() ([16]byte, error) { return [16]byte{0x2c, 6, 2, 0xc5}, nil },
		sip:         func() (uint32, error) { return 0x77, nil },
		sandboxed:   func() (bool, error) { return false, nil },
		signature:   func(int) codesign.Signature { return codesign.Signature{Flags: 0x20003} },
		path: func(pid int) (string, error) {
			return map[int]string{1: "/sbin/launchd", 400: "/bin/zsh"}[pid], nil
		},
		parent: func(pid int) (int, error) { return map[int]int{400: 1, 1: 0}[pid], nil },
		pid:    501, ppid: 400,
	}
	text := m.text
	m.text = func(name string) (string, error) {
		if name == "hw.machine" {
			return "arm64", nil
		}
		return text(name)
	}
	return m
}

var sonoma = xnu{product: "14.4.1", build: "23E224"}

func TestReadMac(t *testing.T) {
	w, err := playedMac(sonoma).read()
	if err != nil || w.ID != "sonoma-14.4.1-23E224-arm64-dyldcache-2c0602c5" {
		t.Errorf("%s, %v", w.ID, err)
	}
	if got := w.Get("sip"); !strings.HasPrefix(got, "0x77, off: untrusted_kexts") {
		t.Errorf("sip: %s", got)
	}
}

// TestReadMacWithout: what cannot be read has its reason, and is not in the id.
func TestReadMacWithout(t *testing.T) {
	m := playedMac(sonoma)
	m.sharedCache = func() (none [16]byte, err error) { return none, errors.New("no shared cache") }
	m.sip = func() (uint32, error) { return 0, syscall.EPERM }
	w, err := m.read()
	if err != nil || w.ID != "sonoma-14.4.1-23E224-arm64-dyldcache-unknown" {
		t.Errorf("%s, %v", w.ID, err)
	}
	for _, f := range w.Facts {
		if unread := f.Name == "sip" || f.Name == "dyld.shared_cache_uuid"; unread && (f.Value != "" || f.Error == "") {
			t.Errorf("%s: %+v", f.Name, f)
		}
	}
	if _, err := playedMac(xnu{}).read(); err == nil {
		t.Error("a Mac without a version has a world")
	}
}

func TestCheckMac(t *testing.T) {
	facts := func(s SelfCheck) string {
		var b strings.Builder
		for _, f := range s.Facts {
			b.WriteString(f.Name + "=" + f.Value + f.Error + "; ")
		}
		return b.String()
	}
	m := playedMac(sonoma)
	got := m.checkSelf()
	if got.String() != "not sandboxed" {
		t.Error(got)
	}
	const chain = "parent.1=400 /bin/zsh; parent.2=1 /sbin/launchd; "
	if text := facts(got); !strings.HasPrefix(text, "code_signing=0x20003, ") || !strings.HasSuffix(text, chain) {
		t.Error(text)
	}
	m.sandboxed = func() (bool, error) { return false, errors.New("no sandbox_check") }
	m.signature = func(int) codesign.Signature { return codesign.Signature{} }
	m.parent = func(int) (int, error) { return 0, syscall.EPERM }
	got = m.checkSelf()
	if text := facts(got); got.Sandboxed != nil || text != "code_signing=unsigned; parent.1=400 /bin/zsh; " {
		t.Errorf("%v, %s", got.Sandboxed, text)
	}
	m.parent = func(pid int) (int, error) { return pid, nil } // never ends
	if n := len(m.checkSelf().Facts); n != 1+maxParents {
		t.Errorf("%d facts of a chain without an end", n)
	}
}
