package run

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/codesign"
	"github.com/hrhost/hrhost/internal/guard"
)

// start runs one process of a plugin, for one profile or, with nil, for several, and
// notes how it was signed. It starts no sealed one while an orphan of another phase
// is alive. A fault of ours fails the run: the report is not about the plugin then.
func (r *runner) start(ctx context.Context, pl *plugin, prof *plan.Profile, job probing.Job) *probing.Report {
	if job.Policy != nil && r.orphaned != nil {
		return notLaunched(job.Items, r.orphaned)
	}
	if r.opts.lives != nil {
		defer r.opts.lives(job)()
	}
	rep := r.host.Run(ctx, job)
	if guard.Stack(rep.Err) != nil {
		r.fail(rep.Err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	place := 0
	if prof != nil {
		place = r.tally.Place(prof.ID)
	}
	pl.misbehaved(place, job.Name, rep)
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

// signatures are in an order that no process's end decides.
func (pl *plugin) signatures() []bundle.CodeSigning {
	return slices.SortedFunc(slices.Values(pl.signed), func(a, b bundle.CodeSigning) int {
		return cmp.Or(strings.Compare(a.Flags, b.Flags), strings.Compare(a.Detail, b.Detail),
			strings.Compare(fmt.Sprint(a.Entitlements), fmt.Sprint(b.Entitlements)))
	})
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
