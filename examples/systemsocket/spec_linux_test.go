package main

import (
	"testing"

	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestSocket(t *testing.T) {
	for target, want := range map[string]sdk.Class{
		"AF_NETLINK/SOCK_RAW/0":   sdk.OK,
		"AF_NETLINK/SOCK_RAW/99":  sdk.Missing, // the family is there, the protocol is not
		"AF_DECnet/SOCK_STREAM/0": sdk.Missing, // gone since Linux 6.1
	} {
		sdktest.ProbeTest{
			Spec: Spec(), Operation: "system-socket", Target: target,
			Want: sdktest.Want{Class: want, Carrier: "socket " + target},
		}.Run(t)
	}
}

func TestHeldSocket(t *testing.T) {
	const target = "AF_NETLINK/SOCK_RAW/0"
	got := sdktest.ProbeTest{
		Spec: Spec(), Operation: "system-socket", Target: target, Arm: sdk.Before,
		Want: sdktest.Want{Class: sdk.OK, Carrier: "getsockname held " + target, Filter: "AF_NETLINK"},
	}.Run(t)
	if got.Value != "family 16" {
		t.Errorf("the held socket says %q", got.Value)
	}
	sdktest.ProbeTest{
		Spec: Spec(), Operation: "system-socket", Target: target, Arm: sdk.Again,
		Want: sdktest.Want{Class: sdk.OK, Carrier: "socket " + target},
	}.Run(t)
}

func TestControl(t *testing.T) {
	sdktest.ProbeTest{
		Spec: Spec(), Operation: "socket-ioctl", Target: "FIONREAD",
		Want: sdktest.Want{Class: sdk.OK, Carrier: "ioctl FIONREAD"},
	}.Run(t)
}

func TestNoAttempt(t *testing.T) {
	for operation, target := range map[string]string{"system-socket": "AF_INET/SOCK_STREAM/0", "socket-ioctl": "TIOCSTI"} {
		sdktest.ProbeTest{Spec: Spec(), Operation: operation, Target: target, Want: sdktest.Want{Skipped: true}}.Run(t)
	}
}
