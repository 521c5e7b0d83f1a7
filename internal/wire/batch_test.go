package wire

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hrhost/hrhost/internal/terms"
	pb "github.com/hrhost/hrhost/internal/wire/probev1"
	"google.golang.org/grpc"
)

// talker attempts whatever it is asked to, with all that a Run may say of it.
type talker struct{ Server }

func (talker) Describe(context.Context, DescribeRequest) (Description, error) {
	return Description{Family: "talker", Capabilities: []string{CapRecorder}}, nil
}

func (talker) Run(_ context.Context, items []RunItem, send func(Event) error) error {
	for _, it := range items {
		for _, e := range []Event{
			Intent{Slot: it.Slot}, StageEvent{it.Slot, terms.StageAcquire}, Outcome{Slot: it.Slot, Effect: terms.EffectUnobservable},
		} {
			if err := send(e); err != nil {
				return err
			}
		}
		if it.Target == "observe" {
			if err := send(Observation{Slot: it.Slot, Name: "seen", Value: "x"}); err != nil {
				return err
			}
		}
	}
	return send(Completed{Planned: len(items)})
}

// TestBatch: in a batch every outcome arrives, once, in order and before what
// was said after it; what only announces an attempt does not.
func TestBatch(t *testing.T) {
	client := connect(t, func(s *grpc.Server) { Register(s, talker{}) })
	d, err := client.Describe(t.Context(), DescribeRequest{})
	if err != nil || !d.Has(CapBatch) {
		t.Fatalf("capabilities %q, %v", d.Capabilities, err)
	}
	items := make([]RunItem, 3*batchOutcomes+7)
	for i := range items {
		items[i] = RunItem{Slot: i, Arm: terms.After, Attempt: 1}
	}
	items[5].Target = "observe"
	for _, batch := range []bool{false, true} {
		var outcomes []int
		announced, observedAfter := 0, -1
		done, err := client.RunAs(t.Context(), RunRequest{Items: items, Batch: batch}, func(e Event) error {
			switch e := e.(type) {
			case Outcome:
				outcomes = append(outcomes, e.Slot)
			case Observation:
				observedAfter = len(outcomes)
			case Intent, StageEvent:
				announced++
			}
			return nil
		})
		if err != nil || done.Planned != len(items) {
			t.Fatalf("batch %t: %+v, %v", batch, done, err)
		}
		if len(outcomes) != len(items) || !slices.IsSorted(outcomes) || observedAfter != 6 {
			t.Errorf("batch %t: %d outcomes, the observation after %d", batch, len(outcomes), observedAfter)
		}
		if want := map[bool]int{false: 2 * len(items)}[batch]; announced != want {
			t.Errorf("batch %t: %d announcements, want %d", batch, announced, want)
		}
	}
}

// TestBatchBounds: a batch is sent when it is full, large or old.
func TestBatchBounds(t *testing.T) {
	var sent []int
	b := batch{send: func(e *pb.Event) error {
		sent = append(sent, len(e.GetOutcomes().GetOutcomes()))
		return nil
	}}
	add := func(o Outcome) {
		b.add(o)
		b.since = time.Now().Add(time.Hour) // never old, however long the test stands still
	}
	for range batchOutcomes {
		add(Outcome{Effect: terms.EffectSeen})
	}
	if !slices.Equal(sent, []int{batchOutcomes}) {
		t.Errorf("full: sent %v", sent)
	}
	large := &Result{Value: strings.Repeat("v", MaxValue)}
	for range batchOutcomes - 1 {
		add(Outcome{Attempted: true, Result: large, Effect: terms.EffectSeen})
	}
	if len(sent) != 2 || sent[1] != batchBytes/MaxValue-1 && sent[1] != batchBytes/MaxValue {
		t.Errorf("large: sent %v", sent)
	}
	b.since = time.Now().Add(-time.Second)
	b.add(Outcome{Effect: terms.EffectSeen})
	if len(sent) != 3 || len(b.held) != 0 {
		t.Errorf("old: sent %v, %d held", sent, len(b.held))
	}
}

// TestBatchUnasked: several outcomes in one event are no event to a host that did
// not ask for them, and each of a batch is held against what was asked.
func TestBatchUnasked(t *testing.T) {
	outcome := Outcome{Slot: 3, Effect: terms.EffectUnobservable}.message()
	client := hostile(t, func(stream grpc.ServerStreamingServer[pb.Event]) error {
		return stream.Send(&pb.Event{Kind: &pb.Event_Outcomes{Outcomes: &pb.Outcomes{Outcomes: []*pb.Outcome{outcome, outcome}}}})
	})
	if _, err := runOne(t, client); err == nil || !strings.Contains(err.Error(), "no known kind") {
		t.Errorf("unasked: %v", err)
	}
	_, err := client.RunAs(t.Context(), RunRequest{Items: []RunItem{{Slot: 3, Arm: terms.After}}, Batch: true}, func(Event) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "a second outcome of slot 3") {
		t.Errorf("twice in a batch: %v", err)
	}
}
