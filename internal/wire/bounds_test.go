package wire

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/text"
	pb "github.com/hrhost/hrhost/internal/wire/probev1"
)

// TestImplausible: what no call returns ends the Run, since no row could hold it.
func TestImplausible(t *testing.T) {
	errno := func(n int) Outcome { return Outcome{Attempted: true, Result: &Result{Errno: &n}} }
	native := func(n int64) Outcome { return Outcome{Attempted: true, Result: &Result{Native: &Native{Code: n}}} }
	for _, c := range []struct {
		name string
		o    Outcome
		ok   bool
	}{
		{"nothing", Outcome{}, true},
		{"success", errno(0), true},
		{"the last errno", errno(4095), true},
		{"no errno", errno(4096), false},
		{"a crash as errno", errno(-6), false},
		{"IOReturn", native(0xE00002E2), true},
		{"kern_return", native(-1), true},
		{"more than a double holds", native(1 << 53), false},
		{"less than a double holds", native(math.MinInt64), false},
		{"times", Outcome{StartNS: 1, EndNS: 2}, true},
		{"backwards", Outcome{StartNS: 2, EndNS: 1}, false},
		{"negative", Outcome{StartNS: -1, EndNS: math.MaxInt64}, false},
	} {
		err := newOrderCheck([]RunItem{{}}).admit(c.o)
		var pe *ProtocolError
		if (err == nil) != c.ok || err != nil && !errors.As(err, &pe) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestUnlisted: a list is of names, and ends.
func TestUnlisted(t *testing.T) {
	for _, c := range []struct {
		name, value string
		n           int
		ok          bool
	}{
		{"a name", "kern.ostype", 1, true},
		{"the last", "a", MaxTargets, true},
		{"the longest", strings.Repeat("a", MaxTarget), 1, true},
		{"one too many", "a", MaxTargets + 1, false},
		{"too long", strings.Repeat("a", MaxTarget+1), 1, false},
		{"nothing", "", 1, false},
	} {
		var pe *ProtocolError
		if err := unlisted(c.n, c.value); (err == nil) != c.ok || err != nil && !errors.As(err, &pe) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// lister is a plugin that lists what it likes.
type lister struct {
	pb.UnimplementedProbePluginServer
	names []string
}

func (l *lister) Enumerate(_ *pb.EnumerateRequest, stream grpc.ServerStreamingServer[pb.Target]) error {
	for _, name := range l.names {
		if err := stream.Send(&pb.Target{Value: name}); err != nil {
			return err
		}
	}
	return nil
}

// TestEnumerateBounded: the client ends a list that breaks them.
func TestEnumerateBounded(t *testing.T) {
	listed := 0
	client := connect(t, func(s *grpc.Server) { pb.RegisterProbePluginServer(s, &lister{names: []string{"a", "b", "", "c"}}) })
	err := client.Enumerate(t.Context(), "op", func(Target) error { listed++; return nil })
	var pe *ProtocolError
	if !errors.As(err, &pe) || listed != 2 {
		t.Errorf("%d listed: %v", listed, err)
	}
}

// TestLongTexts: of what a peer says in words no more is kept than is worth reading.
func TestLongTexts(t *testing.T) {
	long := strings.Repeat("x", MaxEvent/8)
	event := func(e Event) Event {
		got, err := eventFrom(eventMessage(e))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	o := event(Outcome{
		Attempted: true, Effect: terms.EffectUnobservable, Carrier: long, FilterValue: long, SkipReason: long,
		Path: &PathObservation{Requested: long, Observed: long, Normalized: long}, Result: &Result{API: long, Error: long, Native: &Native{API: long, Name: long}}}).(Outcome)
	i := event(Intent{API: long, Carrier: long, FilterValue: long}).(Intent)
	d := event(Diagnostic{Severity: Error, Summary: long, Detail: long, Path: long}).(Diagnostic)
	prepared, err := preparedTargetFrom(PreparedTarget{PrepareTarget: PrepareTarget{Arm: terms.After}, Detail: long, FilterValue: long}.message())
	if err != nil {
		t.Fatal(err)
	}
	described, err := descriptionFrom(Description{Family: long, Version: long, Doc: long, Probes: []Probe{{Operation: long, Filter: long, Purpose: long, Carrier: long, Handle: long,
		Results: []ResultCode{{API: long, Errno: new(int), Class: terms.OK, Source: long}}}}}.message())
	if err != nil {
		t.Fatal(err)
	}
	seal := sealReportFrom(SealReport{Mechanism: long, Detail: long, Apply: &ApplyReport{Errbuf: long}}.message())
	p := described.Probes[0]
	for n, s := range []string{o.Carrier, o.FilterValue, o.SkipReason, o.Path.Requested, o.Path.Observed, o.Path.Normalized, o.Result.API, o.Result.Error,
		o.Result.Native.API, o.Result.Native.Name, i.API, i.Carrier, i.FilterValue, d.Summary, d.Detail, d.Path, prepared.Detail, prepared.FilterValue,
		described.Family, described.Version, described.Doc, p.Operation, p.Filter, p.Purpose, p.Carrier, p.Handle, p.Results[0].API, p.Results[0].Source,
		seal.Mechanism, seal.Detail, seal.Apply.Errbuf} {
		if len(s) < MaxText || len(s) > MaxText+3 {
			t.Errorf("text %d has %d bytes", n, len(s))
		}
	}
	if s := text.Clip("aä", 2); s != "a..." {
		t.Errorf("a letter was cut in two: %q", s)
	}
}

// TestLongErrors: an error keeps its meaning, and no more of its text than fits a row.
func TestLongErrors(t *testing.T) {
	for code, want := range map[codes.Code]error{codes.Internal: nil, codes.FailedPrecondition: ErrSealed, codes.Unimplemented: ErrAbsent} {
		err := explain("Run", status.Error(code, strings.Repeat("x", MaxMessage)))
		if len(err.Error()) > 2*maxSaid || status.Code(err) != code || want != nil && !errors.Is(err, want) {
			t.Errorf("%v: %d bytes, %v", code, len(err.Error()), status.Code(err))
		}
	}
	if err := explain("Run", nil); err != nil {
		t.Errorf("no error is %v", err)
	}
}

// TestExcessive: a description is gone through for every attempt.
func TestExcessive(t *testing.T) {
	codes := func(n int) Description {
		return Description{Probes: []Probe{{Results: slices.Repeat([]ResultCode{{Errno: new(int), Class: terms.OK}}, n)}}}
	}
	for _, c := range []struct {
		name string
		d    Description
		ok   bool
	}{
		{"codes", codes(maxCodes), true},
		{"too many codes", codes(maxCodes + 1), false},
		{"probes", Description{Probes: make([]Probe, maxProbes)}, true},
		{"too many probes", Description{Probes: make([]Probe, maxProbes+1)}, false},
	} {
		_, err := descriptionFrom(c.d.message())
		var pe *ProtocolError
		if (err == nil) != c.ok || err != nil && !errors.As(err, &pe) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
