package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/internal/english"
	"github.com/hrhost/hrhost/internal/text"
)

var _ run.SweepWatcher = (*ui)(nil)

// progressEvery is how often a sweep says how far it is. Lines are never
// rewritten.
const progressEvery = 2 * time.Second

// Sweeping says on stderr how far a sweep is.
func (u *ui) Sweeping(p run.SweepProgress) {
	if u.quiet || u.json || time.Since(u.progress) < progressEvery {
		return
	}
	u.progress = time.Now()
	if !p.Sealed {
		fmt.Fprintf(u.err, "hrhost: %s: %d of %d targets without a policy\n", p.ID, p.Done, p.Targets)
		return
	}
	fmt.Fprintf(u.err, "hrhost: %s: %d of %d targets, %d a second\n", p.ID, p.Done, p.Targets, p.PerSecond)
}

// finishSweep prints what a sweep found.
func (u *ui) finishSweep(res *run.Result, all, discard bool) error {
	if u.json {
		return errors.Join(u.sweepObject(res, all, discard), exit(res.Exit))
	}
	if all {
		err := u.eachTarget(res.Dir, func(row lane.RuntimeRow) error {
			u.printf("%-5s  %s  %s\n", word(row.Decision.Verdict), text.Terminal(row.Filter.Value), text.Terminal(ruleOf(row)))
			return nil
		})
		if err != nil {
			return err
		}
	}
	u.sweeps(res)
	u.wrong(res)
	u.sweepClosing(res, short(res.Dir), discard)
	return exit(res.Exit)
}

// sweeps prints each sweep: its rules, then the summary line with targets, rate
// and memory.
func (u *ui) sweeps(res *run.Result) {
	for _, s := range res.Sweeps {
		u.sweepTable(s)
		u.printf("%s of %s: %d allowed, %d denied, %d other\n", english.Count(s.Targets, "target", "targets"), text.Terminal(s.Operation), s.Allowed, s.Denied, s.Other)
		if s.Processes == 0 {
			continue
		}
		u.printf("%d targets a second sealed, in %s (launch %.0f ms apart); memory at most: host %s, plugin %s\n",
			s.PerSecond, english.Count(s.Processes, "process", "processes"), float64(s.LaunchUS)/1e3, megabytes(launch.PeakOf(os.Getpid())), megabytes(s.PluginPeak))
	}
}

// wrong names the targets that a packet is about, as explain takes them.
func (u *ui) wrong(res *run.Result) {
	for _, l := range res.Wrong {
		u.warn("%s  %s  %s\n", mark(&l), text.Terminal(l.ID), strings.Join(l.Reasons, ", "))
	}
	if res.WrongMore > 0 {
		u.warn("    and %d more targets, in %s\n", res.WrongMore, bundle.MismatchPackets)
	}
}

// sweepTable is one line a rule.
func (u *ui) sweepTable(s bundle.SweepResult) {
	if len(s.Groups) == 0 {
		return
	}
	u.printf("%-5s  %8s  %-28s  %s\n", "", "targets", "rule", "such as")
	for _, g := range s.Groups {
		place, rule := "no decision: "+g.Reason, ""
		if g.Verdict != nil {
			place = "-"
		}
		if g.Rule != nil {
			place, rule = placeOf(g.Rule), g.Rule.Text
		}
		say := u.printf
		if g.Verdict == nil {
			say = u.warn
		}
		say("%-5s  %8d  %-28s  %s\n", word(g.Verdict), g.Targets, text.Terminal(place), text.Terminal(strings.Join(g.Examples, ", ")))
		if rule != "" {
			u.printf("       %8s  %s\n", "", text.Terminal(oneLine(rule)))
		}
	}
}

// oneLine is a rule's text without its own line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// word is a verdict, or the lack of one.
func word(v *lane.Verdict) string {
	if v == nil {
		return "-"
	}
	return string(*v)
}

// placeOf is a rule's file:line:col, the file as the user sees it from here.
func placeOf(r *lane.RuleRef) string {
	seen := *r
	seen.File = short(r.File)
	return seen.Place()
}

func ruleOf(row lane.RuntimeRow) string {
	switch {
	case row.Decision.Verdict == nil:
		return "no decision: " + string(row.Decision.Reason)
	case row.Decision.PolicyRule != nil:
		return placeOf(row.Decision.PolicyRule)
	}
	return "-"
}

// sweepClosing prints where the bundle is, and what the exit code means.
func (u *ui) sweepClosing(res *run.Result, shownDir string, discard bool) {
	u.faults(res)
	state := u.validity(res)
	if !discard {
		u.path(shownDir)
		u.printf("bundle %s, %d documents, %s\n", text.Terminal(shownDir), res.Documents, state)
	}
	u.printf("%.2f s   exit %d: %s\n", res.Took.Seconds(), res.Exit, sweepWord(res.Exit))
}

// sweepWord is an exit code's meaning: of a sweep nothing is expected.
func sweepWord(code int) string {
	if code == run.ExitOK {
		return "all measured"
	}
	return exitWord(code)
}

func megabytes(n int64) string {
	if n == 0 {
		return "not known"
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// sweepObject is the JSON object; with all, its last member streams.
func (u *ui) sweepObject(res *run.Result, all, discard bool) error {
	head := map[string]any{"exit": res.Exit, "sweeps": res.Sweeps, "summary": res.Summary,
		"promotable": res.Verify.Promotable, "conditions": res.Verify.Conditions, "valid": res.Verify.Valid,
		"host_peak": launch.PeakOf(os.Getpid())}
	if !discard {
		head["bundle"] = res.Dir
	}
	if !all {
		return u.object(head)
	}
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	fmt.Fprintf(u.out, "%s,\"targets\":[", text[:len(text)-1])
	lead := "\n"
	err = u.eachTarget(res.Dir, func(row lane.RuntimeRow) error {
		line, err := json.Marshal(map[string]any{"target": row.Filter.Value, "decision": row.Decision.Verdict,
			"decision_path": row.Decision.Reason, "rule": row.Decision.PolicyRule, "result": row.Result.Class})
		fmt.Fprintf(u.out, "%s%s", lead, line)
		lead = ",\n"
		return err
	})
	fmt.Fprint(u.out, "\n]}\n")
	return err
}

// eachTarget reads the sealed attempts back from the bundle.
func (u *ui) eachTarget(dir string, f func(lane.RuntimeRow) error) error {
	return bundle.ReadRows(dir, bundle.RuntimeResults, f)
}
