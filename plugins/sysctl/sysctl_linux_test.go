package sysctl

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestSpec(t *testing.T) { sdktest.SpecTest(t, Spec()) }

func TestRead(t *testing.T) {
	got := sdktest.ProbeTest{
		Spec: Spec(), Operation: "sysctl-read", Target: "kernel.ostype",
		Want: sdktest.Want{
			Class: sdk.OK, Effect: sdk.EffectUnobservable,
			Carrier: "open /proc/sys/kernel/ostype", Filter: "kernel.ostype",
		},
	}.Run(t)
	if got.Value != "Linux" {
		t.Errorf("value is %q", got.Value)
	}
}

func TestReadWithSlashes(t *testing.T) {
	sdktest.ProbeTest{
		Spec: Spec(), Operation: "sysctl-read", Target: "kernel/ostype",
		Want: sdktest.Want{Class: sdk.OK, Filter: "kernel.ostype"},
	}.Run(t)
}

func TestMissing(t *testing.T) {
	for _, operation := range []string{"sysctl-read", "sysctl-write"} {
		sdktest.ProbeTest{
			Spec: Spec(), Operation: operation, Target: "kernel.no_such_name",
			Want: sdktest.Want{Class: sdk.Missing, Filter: "kernel.no_such_name"},
		}.Run(t)
	}
}

func TestNoAttemptOutsideParameters(t *testing.T) {
	for _, target := range []string{"", ".", "kernel..ostype", "kernel/../../etc/passwd", "/etc/passwd", "a\x00b"} {
		sdktest.ProbeTest{
			Spec: Spec(), Operation: "sysctl-read", Target: target,
			Want: sdktest.Want{Skipped: true},
		}.Run(t)
	}
}

func TestNames(t *testing.T) {
	for name, path := range map[string]string{
		"kernel.ostype":                     "/proc/sys/kernel/ostype",
		"net.ipv4.conf.eth0/100.forwarding": "/proc/sys/net/ipv4/conf/eth0.100/forwarding",
		"net/ipv4/conf/eth0.100/forwarding": "/proc/sys/net/ipv4/conf/eth0.100/forwarding",
	} {
		got, err := pathOf(name)
		if err != nil || got != path {
			t.Errorf("pathOf(%q) = %q, %v, want %q", name, got, err, path)
		}
		if back, err := pathOf(nameOf(path)); err != nil || back != path {
			t.Errorf("pathOf(nameOf(%q)) = %q, %v", path, back, err)
		}
	}
}

func TestEnumerate(t *testing.T) {
	if list := sdktest.Targets(t, Spec(), "sysctl-read"); !slices.Contains(list, "kernel.ostype") {
		t.Errorf("%d targets, none is kernel.ostype", len(list))
	}
	if list := sdktest.Targets(t, Spec(), "sysctl-write"); slices.Contains(list, "kernel.ostype") {
		t.Error("kernel.ostype is listed as writable")
	}
}

// FuzzName checks that no name leads outside /proc/sys, and that the dotted
// name of what it leads to leads there again.
func FuzzName(f *testing.F) {
	f.Add("kernel.ostype")
	f.Add("net/ipv4/conf/eth0.100/forwarding")
	f.Add("kernel/../../etc/passwd")
	f.Fuzz(func(t *testing.T, name string) {
		path, err := pathOf(name)
		if err != nil {
			return
		}
		if filepath.Clean(path) != path || !strings.HasPrefix(path, root) {
			t.Errorf("pathOf(%q) = %q", name, path)
		}
		if !strings.ContainsAny(path[len(root):], "/") {
			return // one component: which separator it would have is open
		}
		if back, err := pathOf(nameOf(path)); err != nil || back != path {
			t.Errorf("pathOf(nameOf(%q)) = %q, %v", path, back, err)
		}
	})
}
