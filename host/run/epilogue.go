package run

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/report"
	"github.com/hrhost/hrhost/host/verify"
)

// findings are what the processes of a run amount to.
type findings struct {
	tally   *evidence.Tally
	wrong   evidence.WrongTargets
	context mismatch.RunContext
	swept   []bundle.SweepResult
}

// epilogue writes what is known only at the end, and closes the bundle.
func (x *execution) epilogue(found *findings) (*Result, error) {
	w := x.out.bundle
	if err := errors.Join(x.out.close(), w.Join()); err != nil {
		return nil, err
	}
	var ending sync.WaitGroup
	defer ending.Wait()
	ending.Go(x.points.closeBuses) // nothing needs them any more
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
		Dir: dir, RunID: x.about.id, Summary: sum, Acquired: acquired(hypotheses), Exit: exitOf(found.tally), Sweeps: found.swept,
		Faults: x.plugins.faults(), Wrong: found.wrong.First, WrongMore: found.wrong.More,
	}
	if res.Verify, err = verify.Bundle(dir); err != nil {
		return nil, fmt.Errorf("verifying the bundle: %w", err)
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
	manifest.Plugins, manifest.Hardening, manifest.Containment = x.plugins.entries(), x.points.hardening(), x.points.containment()
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
