package world

import (
	"strings"
	"syscall"
	"testing"
)

// xnu plays the parameters as XNU's bsd/kern/kern_sysctl.c answers them:
// sysctl_osproductversion gives the compatibility version to a process that has
// kern.system_version_compat set and where the system has such a version; each process
// may set its own; sysctl_osversion knows nothing of it.
type xnu struct {
	compat            uint32
	product, asCompat string
	build             string
	absent            bool  // no kern.system_version_compat: before macOS 11
	refused           error // an outer sandbox's answer to the write
}

func (x *xnu) parameters() parameters {
	return parameters{
		text: func(name string) (string, error) {
			switch {
			case name == "kern.osversion":
				return x.build, nil
			case name != "kern.osproductversion", x.product == "":
				return "", syscall.ENOENT
			case x.compat != 0 && x.asCompat != "":
				return x.asCompat, nil
			}
			return x.product, nil
		},
		number: func(name string) (uint32, error) {
			if name != compatName || x.absent {
				return 0, syscall.ENOENT
			}
			return x.compat, nil
		},
		set: func(name string, value uint32) error {
			if name != compatName || x.absent {
				return syscall.ENOENT
			}
			if x.refused == nil {
				x.compat = value
			}
			return x.refused
		},
	}
}

// TestMacRelease: the id never names a release that the Mac does not have.
func TestMacRelease(t *testing.T) {
	may, mayNot := error(nil), error(syscall.EPERM)
	const tahoe, sequoia = "tahoe-26.2-25C56-arm64", "sequoia-15-24B83-arm64"
	for _, c := range []struct {
		name     string
		mac      xnu
		release  string
		id       string // its first parts
		disagree bool
	}{
		{"told the compatibility version", xnu{1, "26.2", "16.2", "25C56", false, may}, "26.2", tahoe, false},
		{"told the real one", xnu{0, "26.2", "16.2", "25C56", false, may}, "26.2", tahoe, false},
		{"may not turn it off", xnu{1, "26.2", "16.2", "25C56", false, mayNot}, "26", "tahoe-26-25C56-arm64", true},
		{"an older one", xnu{1, "15.1", "10.16", "24B83", false, mayNot}, "15", sequoia, true},
		{"a build that disagrees", xnu{0, "16.2", "", "25C56", false, may}, "26", "tahoe-26-25C56-arm64", true},
		{"a build not known", xnu{1, "27.0", "16.9", "26A100", false, may}, "27.0", "macos-27.0-26A100-arm64", false},
		{"neither", xnu{1, "27.0", "16.9", "26A100", false, mayNot}, "unknown", "macos-unknown-26A100-arm64", true},
		{"before macOS 11", xnu{0, "10.15.7", "", "19H15", true, may}, "10.15.7", "macos-10.15.7-19H15-arm64", false},
		{"no product version", xnu{0, "", "", "25C56", false, may}, "26", "tahoe-26-25C56-arm64", false},
		{"nothing", xnu{}, "", "", false},
	} {
		w := &World{OS: "macos"}
		w.macRelease(c.mac.parameters())
		if w.Release != c.release || w.Build != c.mac.build {
			t.Errorf("%s: release %q, build %q, want %q", c.name, w.Release, w.Build, c.release)
		}
		if id := macID(w.Release, w.Build, "arm64", nil); c.id != "" && !strings.HasPrefix(id, c.id+"-") {
			t.Errorf("%s: %s, want %s", c.name, id, c.id)
		}
		told := w.Get("release.disagreement")
		if (told != "") != c.disagree || c.disagree && !strings.Contains(told, c.mac.build) {
			t.Errorf("%s: disagreement %q", c.name, told)
		}
		for _, f := range w.Facts {
			if f.Name == compatName && (f.Error != "") != (c.mac.refused != nil) {
				t.Errorf("%s: %+v", c.name, f)
			}
		}
	}
}
