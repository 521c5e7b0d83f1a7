package run

import (
	"context"
	"fmt"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/codesign"
	"github.com/hrhost/hrhost/internal/guard"
)

// start runs one process of a plugin and notes how it was signed. A fault of ours
// fails the run: the report is not about the plugin then.
func (r *runner) start(ctx context.Context, pl *plugin, job probing.Job) *probing.Report {
	rep := r.host.Run(ctx, job)
	if guard.Stack(rep.Err) != nil {
		r.fail(rep.Err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	pl.misbehaved(job.Name, rep)
	if rep.Signature != nil {
		pl.note(*rep.Signature)
	}
	return rep
}

// note counts the processes by what the kernel said of them, which should be the
// same for all: they run the same bytes.
func (pl *plugin) note(s codesign.Signature) {
	one := signing(s)
	for i := range pl.signed {
		if pl.signed[i].Same(one) {
			pl.signed[i].Processes++
			return
		}
	}
	one.Processes = 1
	pl.signed = append(pl.signed, one)
}

func signing(s codesign.Signature) bundle.CodeSigning {
	out := bundle.CodeSigning{
		Flags: fmt.Sprintf("%#x", uint32(s.Flags)), Meaning: s.Flags.String(), Entitlements: []bundle.Entitlement{},
		Source: "csops", Detail: s.Detail,
	}
	for _, e := range s.Entitlements {
		out.Entitlements = append(out.Entitlements, bundle.Entitlement{Name: e.Name, Value: e.Value})
	}
	return out
}
