package wire

import (
	"errors"
	"math"
	"strings"
	"testing"

	"google.golang.org/grpc"

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
		err := newReferee([]RunItem{{}}).admit(c.o)
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
