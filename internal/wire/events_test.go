package wire

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hrhost/hrhost/internal/terms"
	pb "github.com/hrhost/hrhost/internal/wire/probev1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// MAINTAINER NOTE: when this fails, edit ProtocolVersion and ProtocolMajor in
// handshake.go, or the header of probe.proto, whichever is behind.
func TestProtoVersion(t *testing.T) {
	b, err := os.ReadFile("../../proto/hrhost/probe/v1/probe.proto")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^// The probe plugin protocol, version (\d+)\.(\d+)\.$`).FindSubmatch(b)
	if m == nil {
		t.Fatal("the header names no version")
	}
	if v := string(bytes.Join(m[1:], []byte("."))); v != ProtocolVersion {
		t.Errorf("the header says version %s, ProtocolVersion is %s", v, ProtocolVersion)
	}
	if !bytes.Contains(b, []byte("\npackage hrhost.probe.v"+string(m[1])+";\n")) || ProtocolMajor != int(m[1][0]-'0') {
		t.Errorf("major version %s, package or ProtocolMajor (%d) differ", m[1], ProtocolMajor)
	}
}

// Every enum starts with _UNSPECIFIED, which no table holds, and every other
// value is in its table.
func TestEnums(t *testing.T) {
	tables := map[protoreflect.Name]func(protoreflect.EnumNumber) error{
		"Arm":         func(n protoreflect.EnumNumber) error { _, err := arms.from(pb.Arm(n)); return err },
		"ResultClass": func(n protoreflect.EnumNumber) error { _, err := classes.from(pb.ResultClass(n)); return err },
		"Effect":      func(n protoreflect.EnumNumber) error { _, err := effects.from(pb.Effect(n)); return err },
		"Stage":       func(n protoreflect.EnumNumber) error { _, err := stages.from(pb.Stage(n)); return err },
		"Severity":    func(n protoreflect.EnumNumber) error { _, err := severities.from(pb.Severity(n)); return err },
		"Platform":    func(n protoreflect.EnumNumber) error { _, err := platforms.from(pb.Platform(n)); return err },
	}
	enums := pb.File_hrhost_probe_v1_probe_proto.Enums()
	for i := range enums.Len() {
		e := enums.Get(i)
		from := tables[e.Name()]
		if from == nil {
			t.Errorf("enum %s has no table", e.Name())
			continue
		}
		if first := string(e.Values().Get(0).Name()); !strings.HasSuffix(first, "_UNSPECIFIED") {
			t.Errorf("enum %s starts with %s", e.Name(), first)
		}
		for n := range protoreflect.EnumNumber(e.Values().Len() + 1) {
			known := n > 0 && e.Values().ByNumber(n) != nil
			if err := from(n); (err == nil) != known {
				t.Errorf("%s %d: %v", e.Name(), n, err)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	result := &pb.Result{Errno: new(int32)}
	for name, m := range map[string]*pb.Event{
		"no kind":         {},
		"unknown effect":  {Kind: &pb.Event_Outcome{Outcome: &pb.Outcome{Attempted: true, Result: result, Effect: 99}}},
		"no effect":       {Kind: &pb.Event_Outcome{Outcome: &pb.Outcome{Attempted: true, Result: result}}},
		"no result":       {Kind: &pb.Event_Outcome{Outcome: &pb.Outcome{Attempted: true, Effect: 1}}},
		"result of skip":  {Kind: &pb.Event_Outcome{Outcome: &pb.Outcome{Result: result, Effect: 1}}},
		"unknown stage":   {Kind: &pb.Event_Stage{Stage: &pb.StageEvent{Stage: 99}}},
		"stage forgotten": {Kind: &pb.Event_Stage{Stage: &pb.StageEvent{}}},
		"no severity":     {Kind: &pb.Event_Diagnostic{Diagnostic: &pb.Diagnostic{}}},
	} {
		b, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var bad *ProtocolError
		if e, err := DecodeEvent(b); !errors.As(err, &bad) {
			t.Errorf("%s: decoded as %+v, %v", name, e, err)
		}
	}
}

func TestLargeEventRefused(t *testing.T) {
	b, err := EncodeEvent(Observation{Name: "n", Value: strings.Repeat("v", MaxEvent)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeEvent(b); err == nil {
		t.Error("an event over the limit was decoded")
	}
}

func TestTextIsMendedAndValuesAreCut(t *testing.T) {
	raw := "\xff" + strings.Repeat("v", MaxValue)
	got, err := eventTrip(Outcome{
		Attempted: true, Carrier: "open \xff", Effect: terms.EffectSeen, Result: &Result{Value: raw},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Carrier != "open \uFFFD" || got.Result.Value != raw[:MaxValue] || !got.Result.Truncated {
		t.Errorf("got carrier %q, value of %d bytes, truncated %t", got.Carrier, len(got.Result.Value), got.Result.Truncated)
	}
}

func TestClassify(t *testing.T) {
	errno := func(n int) *int { return &n }
	gone := &Native{API: "bus", Name: "NoOwner"}
	p := Probe{Results: []ResultCode{
		{API: "open", Errno: errno(1), Class: terms.Denied},
		{API: "bus", Native: gone, Class: terms.Missing},
		{API: "post", Errno: errno(0), Class: terms.Other},
	}}
	for _, c := range []struct {
		r    Result
		want terms.Class
	}{
		{Result{API: "open", Errno: errno(1)}, terms.Denied},
		{Result{API: "read", Errno: errno(1)}, terms.Other},
		{Result{API: "open", Errno: errno(0)}, terms.OK},
		{Result{API: "open", Errno: errno(2)}, terms.Other},
		{Result{API: "post", Errno: errno(0)}, terms.Other},
		{Result{API: "bus", Native: &Native{API: "bus", Name: "NoOwner"}}, terms.Missing},
		{Result{API: "bus", Native: &Native{API: "bus", Name: "AccessDenied"}}, terms.Other},
		{Result{API: "open", Error: "no code"}, terms.Other},
	} {
		if got := p.Classify(c.r); got != c.want {
			t.Errorf("Classify(%+v) = %s, want %s", c.r, got, c.want)
		}
	}
}

// FuzzEvent decodes anything into an event. What decodes encodes again and then
// stays the same.
func FuzzEvent(f *testing.F) {
	n := 0
	for _, e := range []Event{
		Intent{Slot: 1, Carrier: "open"}, StageEvent{Stage: terms.StageEffect}, Completed{Planned: 1},
		Outcome{Attempted: true, Effect: terms.EffectSeen, Result: &Result{Errno: &n, Native: &Native{}}, Path: &PathObservation{}},
		Observation{Name: "a", Value: "b"}, Diagnostic{Severity: Error},
	} {
		b, err := EncodeEvent(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeEvent(b)
		if err != nil {
			var bad *ProtocolError
			if !errors.As(err, &bad) || !utf8.ValidString(bad.Error()) {
				t.Errorf("error %v", err)
			}
			return
		}
		first, err := EncodeEvent(e)
		if err != nil {
			t.Fatalf("%+v does not encode: %v", e, err)
		}
		again, err := DecodeEvent(first)
		if err != nil {
			t.Fatalf("%+v does not decode: %v", e, err)
		}
		second, err := EncodeEvent(again)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%+v became %+v (%v)", e, again, err)
		}
		newOrderCheck([]RunItem{{Slot: 1}}).admit(e)
	})
}
