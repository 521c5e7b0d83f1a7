package conformance

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sdk"
)

// The test binary is a plugin when this names what is wrong with it.
const actAs = "CONFORMANCE_TEST_PLUGIN"

func TestMain(m *testing.M) {
	switch fault := os.Getenv(actAs); fault {
	case "":
		patience = 12 * time.Second // what hangs here hangs for ever; the others have a busy machine
		os.Exit(m.Run())
	case "none":
		sdk.Main(good())
	default:
		serveRogue(rogues[fault])
	}
}

// good is served by the SDK.
func good() *sdk.Spec {
	return &sdk.Spec{
		Family: "good", Version: "1", Doc: "A plugin for tests.",
		Probes: []*sdk.Probe{{
			Operation: "value", Purpose: "Serves a test.", Carrier: "none", Platforms: []sdk.Platform{sdk.Linux, sdk.MacOS},
			Results: []sdk.Result{{API: "test", Errno: syscall.EPERM, Class: sdk.Denied, Source: "this test"}},
			Run: func(rec *sdk.Recorder) error {
				rec.Attempt(sdk.Call{API: "test"}, func() (string, error) { return rec.Target(), nil })
				return nil
			},
			Enumerate: func(yield func(string) error) error { return yield("one") },
		}},
	}
}

// as makes a program that is the test binary in a role: its host clears the
// environment.
func as(t *testing.T, role string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hrhost-probe-test")
	script := fmt.Sprintf("#!/bin/sh\n%s=%s exec %q \"$@\"\n", actAs, role, os.Args[0])
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheSDKConforms(t *testing.T) {
	path := as(t, "none")
	for _, c := range Checks() {
		if err := c.Run(t.Context(), path); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

// TestEveryCheckCanFail: for each check there is a plugin that it finds, and a
// plugin without a fault that is made the same way passes.
func TestEveryCheckCanFail(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a plugin for each fault, which the race detector makes slow")
	}
	byName := map[string]Check{}
	for _, c := range Checks() {
		byName[c.Name] = c
		if err := c.Run(t.Context(), as(t, "rogue")); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	found := map[string]bool{}
	for _, fault := range slices.Sorted(maps.Keys(rogues)) {
		r := rogues[fault]
		if r.check == "" {
			continue
		}
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			err := byName[r.check].Run(t.Context(), as(t, fault))
			if err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("%s: %v, want %q", r.check, err, r.want)
			}
		})
		found[r.check] = true
	}
	for name := range byName {
		if !found[name] {
			t.Errorf("no plugin fails %s", name)
		}
	}
}

// TestNothingToList: why there are no targets here is an answer.
func TestNothingToList(t *testing.T) {
	for _, c := range Checks() {
		if c.Name == "lists-targets" {
			if err := c.Run(t.Context(), as(t, "no-bus")); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestNoProgram(t *testing.T) {
	for _, c := range Checks() {
		if err := c.Run(t.Context(), filepath.Join(t.TempDir(), "none")); err == nil {
			t.Errorf("%s passes without a program", c.Name)
		}
	}
}

func TestChecksAreNamed(t *testing.T) {
	for _, c := range Checks() {
		if c.Name == "" || c.Demand == "" || reflect.ValueOf(c.run).IsNil() {
			t.Errorf("%+v", c)
		}
	}
	if err := Checks()[1].Run(cancelled(), as(t, "none")); err == nil {
		t.Error("a check passes though it was cancelled")
	}
}

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

var _ wire.Server = (*rogue)(nil)
