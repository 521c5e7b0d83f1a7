package run

import (
	"errors"
	"syscall"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
)

// preflightProfile is the trivial profile.
const preflightProfile = "(version 1)\n(allow default)\n"

// preflight tells how applying the trivial profile to a process of our own ended: the
// trampoline's program executed once more, which only exits. api is what applied it.
func (a *about) preflight(api string, err error) bundle.ApplyPreflight {
	doc := bundle.ApplyPreflight{
		RunID: a.id, WorldID: a.world.ID, Profile: preflightProfile,
		ApplyReport:  bundle.ApplyReport{API: api, ErrClass: "unknown"},
		OuterSandbox: bundle.OuterSandbox{Suspected: a.self.Sandboxed},
	}
	for _, f := range a.self.Facts {
		doc.OuterSandbox.Facts = append(doc.OuterSandbox.Facts, bundle.Fact{Name: f.Name, Value: f.Value, Source: f.Source})
	}
	for _, prof := range a.plan.Profiles {
		if prof.Gate != "" {
			doc.Gated = append(doc.Gated, bundle.GatedProfile{ProfileID: prof.ID, Reason: prof.Gate})
		}
	}
	ok := err == nil
	doc.ApplyOK = &ok
	if ok {
		zero := 0
		doc.Status, doc.ApplyReport.RC, doc.ApplyReport.ErrClass = "ok", &zero, "ok"
		return doc
	}
	stage, minus := lane.StageApply, -1
	doc.Status, doc.FailureStage, doc.BlockedReason = "blocked", &stage, sentence(err)
	doc.ApplyReport.RC, doc.ApplyReport.Errbuf = &minus, err.Error()
	var errno syscall.Errno
	var le *launch.Error
	switch {
	case asLaunch(err, &le) && le.Apply != nil:
		n := int(le.Apply.Errno)
		doc.ApplyReport.RC, doc.ApplyReport.Errno = &le.Apply.RC, &n
		doc.ApplyReport.Errbuf, doc.ApplyReport.ErrClass = le.Apply.Errbuf, string(le.Apply.Class)
	case errors.As(err, &errno):
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
