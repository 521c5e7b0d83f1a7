package run

import (
	"encoding/json"
	"errors"
	"syscall"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce/monitor"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// rawDocument is JSON that is already encoded.
func rawDocument(text []byte) any { return json.RawMessage(text) }

// preflightProfile is the trivial profile.
const preflightProfile = "(version 1)\n(allow default)\n"

// preflight applies the trivial profile to a process of our own, the
// trampoline's program executed once more, which only exits.
func (r *runner) preflight() bundle.ApplyPreflight {
	doc := bundle.ApplyPreflight{
		RunID: r.id, WorldID: r.world.ID, Profile: preflightProfile,
		ApplyReport:  bundle.ApplyReport{API: "seccomp", ErrClass: "unknown"},
		OuterSandbox: bundle.OuterSandbox{Suspected: r.self.Sandboxed},
	}
	for _, f := range r.self.Facts {
		doc.OuterSandbox.Facts = append(doc.OuterSandbox.Facts, bundle.Fact{Name: f.Name, Value: f.Value, Source: f.Source})
	}
	err := r.applyTrivial()
	ok := err == nil
	doc.ApplyOK = &ok
	if ok {
		zero := 0
		doc.Status, doc.ApplyReport.RC, doc.ApplyReport.ErrClass = "ok", &zero, "ok"
		return doc
	}
	stage, minus := lane.StageApply, -1
	doc.Status, doc.FailureStage, doc.BlockedReason = "blocked", &stage, err.Error()+hint(err)
	doc.ApplyReport.RC, doc.ApplyReport.Errbuf = &minus, err.Error()
	var errno syscall.Errno
	if errors.As(err, &errno) {
		n := int(errno)
		doc.ApplyReport.Errno, doc.ApplyReport.ErrClass = &n, errClass(errno)
	}
	return doc
}

func errClass(e syscall.Errno) string {
	switch e {
	case syscall.EBUSY:
		return "listener_busy"
	case syscall.EPERM:
		return "errno_eperm"
	case syscall.EACCES:
		return "errno_eacces"
	}
	return "errno_other"
}

func (r *runner) applyTrivial() error {
	policy, err := sbpl.Compile([]byte(preflightProfile), sbpl.Options{Name: "<preflight>"})
	if err != nil {
		return err
	}
	mon, err := monitor.New(monitor.Config{Name: "preflight", Emit: func(*lane.WitnessRow) {}})
	if err != nil {
		return err
	}
	defer mon.Close()
	dir, err := launch.NewDir(r.opts.TempDir)
	if err != nil {
		return err
	}
	defer dir.Remove()
	p, err := r.launcher.StartIdle(launch.Spec{Name: "preflight", Dir: dir, Sealed: true, Filter: mon})
	if err != nil {
		return err
	}
	if _, err := mon.Seal(policy); err != nil {
		p.WaitFor(0)
		return err
	}
	if e := p.WaitFor(5 * time.Second); e.Code != 0 {
		return &launch.Error{Name: "preflight", Step: "exec", Cause: errors.New("the idle process ended with " + e.String())}
	}
	return nil
}
