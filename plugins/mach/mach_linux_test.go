package mach

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/plugins/internal/buses/busestest"
	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

func TestMain(m *testing.M) {
	if err := busestest.Serve(bus); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// bus answers by the last word of the name that it is asked about.
func bus(_ string, m *dbuswire.Message) ([]any, string) {
	switch m.Member {
	case "ListNames":
		return []any{[]string{":1.9", "org.test.Owned", dbuswire.Bus}}, ""
	case "ListActivatableNames":
		return []any{[]string{"org.test.Lazy", dbuswire.Bus}}, ""
	}
	name := m.Destination
	if args, err := m.Args(); name == dbuswire.Bus && err == nil {
		name = args[0].(string)
	}
	word := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case word == "Denied":
		return nil, dbuswire.ErrorAccessDenied
	case m.Member == "RequestName":
		return []any{map[string]uint32{"Free": 1, "Taken": 3}[word]}, ""
	case m.Member == "NameHasOwner":
		return []any{word == "Owned"}, ""
	case word == "Owned", m.Member == "ReleaseName":
		return []any{":1.9"}, ""
	case m.Member == "GetNameOwner":
		return nil, dbuswire.ErrorNameHasNoOwner
	}
	return nil, dbuswire.ErrorServiceUnknown
}

func TestSpec(t *testing.T) { sdktest.SpecTest(t, Spec()) }

// TestLookup: every form tells the three answers apart.
func TestLookup(t *testing.T) {
	for _, form := range forms {
		for name, class := range map[string]sdk.Class{"org.test.Owned": sdk.OK, "org.test.Nobody": sdk.Missing, "org.test.Denied": sdk.Denied} {
			sdktest.ProbeTest{
				Spec: Spec(), Operation: "mach-lookup", Target: name,
				Options: json.RawMessage(`{"lookup":"` + form + `"}`),
				Want:    sdktest.Want{Class: class, Effect: sdk.EffectUnobservable, Carrier: "dbus " + form + " " + name, Filter: name},
			}.Run(t)
		}
	}
}

// TestEnumerate: names owned and names that can be started, each once, and no
// connection's own.
func TestEnumerate(t *testing.T) {
	got := sdktest.Targets(t, Spec(), "mach-lookup")
	if want := []string{dbuswire.Bus, "org.test.Lazy", "org.test.Owned"}; !slices.Equal(got, want) {
		t.Errorf("listed %q, want %q", got, want)
	}
}

func TestRegister(t *testing.T) {
	for name, class := range map[string]sdk.Class{"org.test.Free": sdk.OK, "org.test.Taken": sdk.Other, "org.test.Denied": sdk.Denied} {
		sdktest.ProbeTest{
			Spec: Spec(), Operation: "mach-register", Target: name,
			Want: sdktest.Want{Class: class, Carrier: "dbus RequestName " + name, Filter: name},
		}.Run(t)
	}
}

func TestNoAttemptWithoutAName(t *testing.T) {
	for _, name := range []string{"", "org", "org..a", "a.b\x00"} {
		sdktest.ProbeTest{Spec: Spec(), Operation: "mach-lookup", Target: name, Want: sdktest.Want{Skipped: true}}.Run(t)
	}
}

func TestOptions(t *testing.T) {
	for _, bad := range []string{`{"lookup":"x"}`, `{"x":1}`, `[]`} {
		if configure(json.RawMessage(bad)) == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
