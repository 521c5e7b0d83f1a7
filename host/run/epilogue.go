package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/report"
	"github.com/hrhost/hrhost/host/verify"
	"github.com/hrhost/hrhost/internal/guard"
)

// findings are what the processes of a run amount to.
type findings struct {
	tally   *evidence.Tally
	wrong   evidence.WrongTargets
	context mismatch.RunContext
	swept   []bundle.SweepResult
	facts   point.Facts // of the system, once the processes are gone
}

// Unverified is the error of a run that was interrupted while its bundle, which is
// whole, was verified.
type Unverified struct {
	Dir   string // the bundle
	Cause error
}

func (u *Unverified) Error() string {
	return fmt.Sprintf("verifying the bundle %s: interrupted: %v", u.Dir, u.Cause)
}

func (u *Unverified) Unwrap() error { return u.Cause }

// verified verifies a bundle that nothing writes to any more, or gives up when the
// context ends. The verification, which only reads, is then left to itself.
func verified(ctx context.Context, dir string, check func(string) (verify.Report, error)) (rep verify.Report, err error) {
	done := make(chan error, 1)
	var got verify.Report
	go func() {
		done <- guard.Do(func() (err error) {
			got, err = check(dir)
			return err
		})
	}()
	select {
	case err := <-done:
		if err != nil {
			return rep, fmt.Errorf("verifying the bundle: %w", err)
		}
		return got, nil
	case <-ctx.Done():
		return rep, &Unverified{Dir: dir, Cause: context.Cause(ctx)}
	}
}

// check is the verification of a bundle.
func (x *execution) check() func(string) (verify.Report, error) {
	if x.opts.check != nil {
		return x.opts.check
	}
	return verify.Bundle
}

// epilogue writes what is known only at the end, and closes the bundle.
func (x *execution) epilogue(ctx context.Context, found *findings) (*Result, error) {
	w := x.out.bundle
	if err := errors.Join(x.out.close(), w.Join()); err != nil {
		return nil, err
	}
	var ending sync.WaitGroup
	defer ending.Wait()
	found.facts = x.points.point.Facts()
	ending.Go(x.points.closePoint) // nothing needs it any more
	hypotheses := mismatch.Hypotheses(found.context, true, found.tally.Facts.Values, found.tally.Timings.Values)
	sum, err := x.finalDocuments(found, hypotheses)
	if err != nil {
		return nil, err
	}
	if err := report.Write(w); err != nil {
		return nil, fmt.Errorf("rendering the reports: %w", err)
	}
	if err := w.Status(bundle.Complete, ""); err != nil {
		return nil, err
	}
	dir, err := w.Commit()
	if err != nil {
		return nil, err
	}
	res := &Result{
		Dir: dir, RunID: x.about.id, Summary: sum, Notes: found.tally.NotesAsPlanned(), Acquired: acquired(hypotheses), Exit: exitOf(found.tally), Sweeps: found.swept,
		Faults: x.plugins.faults(), Wrong: found.wrong.First, WrongMore: found.wrong.More,
	}
	if res.Verify, err = verified(ctx, dir, x.check()); err != nil {
		return nil, err
	}
	if !res.Verify.Valid {
		res.Exit = ExitInternal
	}
	entries, err := os.ReadDir(dir)
	res.Documents, res.Took = len(entries), time.Since(x.about.started)
	return res, err
}

// finalDocuments writes the manifest and the summaries.
func (x *execution) finalDocuments(found *findings, hypotheses mismatch.HypothesesDocument) (sum bundle.Summary, err error) {
	if err := x.errs.get(); err != nil {
		return sum, err
	}
	w, a := x.out.bundle, &x.about
	manifest := a.manifest()
	manifest.Plugins = x.plugins.entries()
	x.points.describe(&manifest, a.plan, found.facts)
	if err := w.Document(bundle.RunManifest, manifest); err != nil {
		return sum, err
	}
	reasons := found.tally.Reasons
	packets := map[string]any{"world_id": a.world.ID, "by_reason": reasons, "packets": total(reasons)}
	if err := w.Document(bundle.MismatchSummary, packets); err != nil {
		return sum, err
	}
	if err := w.Document(bundle.Hypotheses, hypotheses); err != nil {
		return sum, err
	}
	if len(found.swept) > 0 {
		if err := w.Document(bundle.SweepJSON, bundle.SweepDocument{RunID: a.id, WorldID: a.world.ID, Sweeps: found.swept}); err != nil {
			return sum, err
		}
	}
	sum = a.summary(found.tally)
	sum.Headline = append(sum.Headline, hypothesisLines(hypotheses)...)
	for _, fault := range x.plugins.faults() {
		sum.Headline = append(sum.Headline, "plugin "+fault)
	}
	return sum, w.Document(bundle.SummaryJSON, sum)
}

func total(reasons map[string]int) (n int) {
	for _, c := range reasons {
		n += c
	}
	return n
}
