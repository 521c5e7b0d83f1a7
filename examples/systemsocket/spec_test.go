package main

import (
	"testing"

	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestSpec(t *testing.T) { sdktest.SpecTest(t, Spec()) }

// TestEnumerate: what is listed is what a plan may name.
func TestEnumerate(t *testing.T) {
	list := sdktest.Targets(t, Spec(), "system-socket")
	for _, target := range list {
		if s, err := parse(target); err != nil || s.String() != target {
			t.Errorf("%q is listed and read as %s, %v", target, s, err)
		}
	}
	if want := len(families) * len(kinds); len(list) != want {
		t.Errorf("%d targets, want %d", len(list), want)
	}
}

// TestConformance holds the real program to a plugin's duties.
func TestConformance(t *testing.T) { sdktest.Conformance(t, sdktest.Build(t, ".")) }

func TestParse(t *testing.T) {
	s, err := parse(exampleTarget)
	if err != nil || s.String() != exampleTarget {
		t.Errorf("%s is read as %s, %v", exampleTarget, s, err)
	}
	for _, target := range []string{
		"", "AF_DECnet", "AF_DECnet/SOCK_STREAM", "AF_NOTHING/SOCK_RAW/0", "AF_DECnet/SOCK_NOTHING/0",
		"AF_DECnet/SOCK_STREAM/-1", "AF_DECnet/SOCK_STREAM/tcp", "AF_DECnet/SOCK_STREAM/0/0", "AF_DECnet/SOCK_STREAM/4294967296",
	} {
		if _, err := parse(target); err == nil {
			t.Errorf("%q is taken for a socket", target)
		}
	}
}

// FuzzParse: a target that is taken is written the way it is read.
func FuzzParse(f *testing.F) {
	f.Add(exampleTarget)
	f.Add("AF_DECnet/SOCK_STREAM/007")
	f.Fuzz(func(t *testing.T, target string) {
		s, err := parse(target)
		if err != nil {
			return
		}
		if again, err := parse(s.String()); err != nil || again != s {
			t.Errorf("%q is %v, which is read as %v, %v", target, s, again, err)
		}
	})
}
