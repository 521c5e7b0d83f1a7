package sdk

import (
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/internal/wire"
)

func TestValidate(t *testing.T) {
	if err := validate(testSpec()); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*Spec){
		"family":                   func(s *Spec) { s.Family = "Test" },
		"no version":               func(s *Spec) { s.Version = "" },
		"no doc":                   func(s *Spec) { s.Doc = "" },
		"no probes":                func(s *Spec) { s.Probes = nil },
		"is nil":                   func(s *Spec) { s.Probes[0] = nil },
		"appears twice":            func(s *Spec) { s.Probes[1] = s.Probes[0] },
		"no operation":             func(s *Spec) { s.Probes[0].Operation = "" },
		"full sentence":            func(s *Spec) { s.Probes[0].Purpose = "serves" },
		"no carrier":               func(s *Spec) { s.Probes[0].Carrier = "" },
		"no Run":                   func(s *Spec) { s.Probes[0].Run = nil },
		"no platforms":             func(s *Spec) { s.Probes[0].Platforms = nil },
		`platform "plan9"`:         func(s *Spec) { s.Probes[0].Platforms = []Platform{"plan9"} },
		"must have an observable":  func(s *Spec) { s.Probes[0].OneWay = true },
		"read as denied":           func(s *Spec) { s.Probes[0].Results[0].Class = Missing },
		"no source":                func(s *Spec) { s.Probes[0].Results[0].Source = "" },
		"no api":                   func(s *Spec) { s.Probes[0].Results[0].API = "" },
		`class "no"`:               func(s *Spec) { s.Probes[0].Results[0].Class = "no" },
		"errno 0 is ok":            func(s *Spec) { s.Probes[0].Results[0].Errno = 0 },
		"test errno 1 appears twi": func(s *Spec) { s.Probes[0].Results = append(s.Probes[0].Results, s.Probes[0].Results[0]) },
	} {
		spec := testSpec()
		spoil(spec)
		if err := validate(spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q in it", err, want)
		}
	}
	if validate(nil) == nil {
		t.Error("a nil spec is valid")
	}
}

func TestResultOf(t *testing.T) {
	exit := exec.Command("sh", "-c", "exit 3").Run()
	killed := exec.Command("sh", "-c", "kill -9 $$").Run()
	for _, c := range []struct {
		err error
		ok  func(wire.Result) bool
	}{
		{nil, func(r wire.Result) bool { return r.Errno != nil && *r.Errno == 0 }},
		{syscall.ENOENT, func(r wire.Result) bool { return r.API == "open" && *r.Errno == int(syscall.ENOENT) }},
		{In("read", syscall.EIO), func(r wire.Result) bool { return r.API == "read" && *r.Errno == int(syscall.EIO) }},
		{In("read", nil), func(r wire.Result) bool { return r.API == "open" && *r.Errno == 0 }},
		{&Native{API: "bus", Name: "Gone"}, func(r wire.Result) bool { return r.Errno == nil && r.Native.Name == "Gone" }},
		{exit, func(r wire.Result) bool { return *r.ExitCode == 3 && r.Signal == nil && r.Errno == nil }},
		{killed, func(r wire.Result) bool { return *r.Signal == 9 && r.ExitCode == nil && r.Errno == nil }},
		{errors.New("no code"), func(r wire.Result) bool { return r.Errno == nil && r.Error == "no code" }},
	} {
		if r := resultOf("open", "", c.err); !c.ok(r) {
			t.Errorf("%v became %+v", c.err, r)
		}
	}
}

func TestSecondAttemptPanics(t *testing.T) {
	rec := newRecorder(wire.RunItem{}, "", newServer(testSpec(), "", nil).region, func(wire.Event) error { return nil })
	try := func() { rec.Attempt(Call{}, func() (string, error) { return "", nil }) }
	try()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	try()
}
