package probing

import (
	"errors"
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/seatbelt"
	"github.com/hrhost/hrhost/internal/wire"
)

func TestDeadlines(t *testing.T) {
	if got := (Deadlines{Call: time.Second}).orDefault(); got != (Deadlines{30 * time.Second, time.Second, 12 * time.Second}) {
		t.Errorf("got %+v", got)
	}
}

func TestTargets(t *testing.T) {
	item := func(op, target string, arm lane.Arm) wire.RunItem {
		return wire.RunItem{Operation: op, Target: target, Arm: arm}
	}
	got := targets([]wire.RunItem{
		item("a", "x", lane.After), item("a", "x", lane.After), item("a", "x", lane.Before), item("b", "x", lane.After),
	})
	if want := []wire.PrepareTarget{{Operation: "a", Target: "x", Arm: lane.After}, {Operation: "a", Target: "x", Arm: lane.Before}, {Operation: "b", Target: "x", Arm: lane.After}}; !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestRefused(t *testing.T) {
	warning, fault := wire.Diagnostic{Severity: wire.Warning, Summary: "hm"}, wire.Diagnostic{Severity: wire.Error, Summary: "no"}
	if err := refused([]wire.Diagnostic{warning}); err != nil {
		t.Errorf("a warning: %v", err)
	}
	if err := refused([]wire.Diagnostic{warning, fault}); err == nil || err.Error() != "the plugin refuses: no " {
		t.Errorf("an error: %v", err)
	}
}

// TestMarkStopped: the attempt a process stopped in is the first that neither the
// stream nor the recorder has finished, and only a failure in Run has one.
func TestMarkStopped(t *testing.T) {
	done := Attempt{Outcome: &wire.Outcome{}}
	recorded := Attempt{Slot: recorder.Slot{State: recorder.Done}}
	open := Attempt{Slot: recorder.Slot{State: recorder.Attempting}}
	for _, c := range []struct {
		failed   lane.Stage
		attempts []Attempt
		want     int
	}{
		{lane.StageOperation, []Attempt{done, recorded, open, {}}, 2},
		{lane.StageOperation, []Attempt{done, {}, {}}, 1},
		{lane.StageOperation, []Attempt{done, recorded}, -1},
		{lane.StagePrepare, []Attempt{{}}, -1},
		{"", []Attempt{done}, -1},
	} {
		markStopped(c.failed, c.attempts)
		if got := slices.IndexFunc(c.attempts, func(a Attempt) bool { return a.Stopped }); got != c.want {
			t.Errorf("%s: stopped in %d, want %d", c.failed, got, c.want)
		}
	}
}

// TestWitnessBound: rows beyond the bound are passed on and counted, not kept.
func TestWitnessBound(t *testing.T) {
	told := 0
	w := newWitness(&Job{Items: make([]wire.RunItem, 1), Witness: func(*lane.WitnessRow) { told++ }})
	w.stage.Store(lane.StagePrepare)
	most := maxWitness(1)
	for range most + 3 {
		w.emit(&lane.WitnessRow{Slot: -1})
	}
	flooded := w.flooded()
	rows, dropped := w.take()
	if len(rows) != most || dropped != 3 || told != most+3 || flooded != most {
		t.Errorf("%d kept, %d dropped, %d told", len(rows), dropped, told)
	}
	if last := rows[most-1]; last.Seq != int64(most) || last.Stage != lane.StagePrepare {
		t.Errorf("the last row: %+v", last)
	}
}

// TestApplyReason: why a policy is not in force, by how the trampoline failed.
func TestApplyReason(t *testing.T) {
	already := &seatbelt.ApplyReport{Class: seatbelt.ClassAlreadySandboxed}
	for _, c := range []struct {
		err  launch.Error
		want lane.Reason
	}{
		{launch.Error{Step: "apply", Apply: already}, lane.ApplyAlreadySandboxed},
		{launch.Error{Step: "apply", Apply: &seatbelt.ApplyReport{Class: seatbelt.ClassErrno}}, lane.ApplyFailed},
		{launch.Error{Step: "apply", Cause: syscall.EPERM}, lane.ApplyFailed},
		{launch.Error{Step: "seccomp", Cause: syscall.EBUSY}, lane.ApplyListenerBusy},
		{launch.Error{Step: "seccomp", Cause: syscall.EACCES}, lane.ApplyAlreadySandboxed},
		{launch.Error{Step: "seccomp", Cause: syscall.EINVAL}, lane.ApplyUnsupported},
		{launch.Error{Step: "seccomp", Cause: errors.New("?")}, lane.ApplyFailed},
		{launch.Error{Step: "exec", Cause: syscall.EPERM}, ""},
	} {
		if got := applyReason(&c.err); got != c.want {
			t.Errorf("%s, %v: %q, want %q", c.err.Step, c.err.Cause, got, c.want)
		}
	}
}

// TestFail: the reason follows from the error, and the stage from where it arose.
func TestFail(t *testing.T) {
	for _, c := range []struct {
		stage    lane.Stage
		err      error
		timedOut bool
		failed   lane.Stage
		reason   lane.Reason
	}{
		{lane.StagePrepare, errors.New("x"), false, lane.StagePrepare, ""},
		{lane.StageHandshake, fmt.Errorf("y: %w", &point.Refused{Reason: lane.ApplyListenerBusy, Err: errors.New("x")}), false, lane.StageApply, lane.ApplyListenerBusy},
		{lane.StageOperation, errors.New("x"), true, lane.StageOperation, lane.ProbeTimeout},
		{lane.StageOperation, &wire.ProtocolError{What: "x"}, false, lane.StageOperation, lane.ProtocolViolation},
		{lane.StageHandshake, &launch.Error{Step: "exec"}, false, lane.StageLaunch, ""},
		{lane.StageHandshake, &launch.Error{Step: "handshake"}, false, lane.StageHandshake, ""},
	} {
		s := &session{report: &Report{TimedOut: c.timedOut}}
		s.fail(c.stage, c.err)
		if s.report.Failed != c.failed || s.report.Reason != c.reason || s.report.Err != c.err {
			t.Errorf("%v: %q, %q", c.err, s.report.Failed, s.report.Reason)
		}
	}
}
