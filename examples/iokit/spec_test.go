package main

import (
	"slices"
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestSpec(t *testing.T) { sdktest.SpecTest(t, Spec()) }

// TestEnumerate: what is listed can be opened.
func TestEnumerate(t *testing.T) {
	list := sdktest.Targets(t, Spec(), "file-read-data")
	if !slices.Contains(list, "/dev/null") {
		t.Errorf("%v has no /dev/null", list)
	}
	for _, target := range list {
		sdktest.ProbeTest{Spec: Spec(), Operation: "file-read-data", Target: target, Want: sdktest.Want{Class: sdk.OK}}.Run(t)
	}
}

// TestConformance holds the real program to a plugin's duties.
func TestConformance(t *testing.T) { sdktest.Conformance(t, sdktest.Build(t, ".")) }

func TestOpen(t *testing.T) {
	for _, operation := range []string{"file-read-data", "file-write-data"} {
		for target, want := range map[string]sdk.Class{
			"/dev/null": sdk.OK, "/dev/zero": sdk.OK, "/dev/hrhost-no-such-device": sdk.Missing,
		} {
			sdktest.ProbeTest{
				Spec: Spec(), Operation: operation, Target: target,
				Want: sdktest.Want{Class: want, Filter: target},
			}.Run(t)
		}
	}
}

func TestHeld(t *testing.T) {
	for target, want := range map[string]string{"/dev/null": "0 bytes", "/dev/zero": "16 bytes"} {
		got := sdktest.ProbeTest{
			Spec: Spec(), Operation: "file-read-data", Target: target, Arm: sdk.Before,
			Want: sdktest.Want{Class: sdk.OK, Carrier: "read held " + target},
		}.Run(t)
		if got.Value != want {
			t.Errorf("%s gave %q, want %q", target, got.Value, want)
		}
	}
	sdktest.ProbeTest{
		Spec: Spec(), Operation: "file-read-data", Target: "/dev/zero", Arm: sdk.Again,
		Want: sdktest.Want{Class: sdk.OK, Carrier: "open /dev/zero"},
	}.Run(t)
}

func TestNoAttempt(t *testing.T) {
	for _, target := range []string{"", "null", "/etc/passwd", "/dev", "/dev/../etc/passwd", "/dev//null", "/dev/fd", "/dev/null\x00x"} {
		sdktest.ProbeTest{Spec: Spec(), Operation: "file-read-data", Target: target, Want: sdktest.Want{Skipped: true}}.Run(t)
	}
}
