package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/host/verify"
	"github.com/hrhost/hrhost/internal/english"
	"github.com/hrhost/hrhost/internal/text"
)

// The ui is a run's watcher.
var _ run.Watcher = (*ui)(nil)

func (u *ui) Started(world string, profiles, probes int) {
	if u.sweep {
		u.progress = time.Now()
		u.printf("hrhost %s   %s   channel %s\n", text.Terminal(u.shown), text.Terminal(world), u.channel)
		return
	}
	u.printf("hrhost %s   %s   channel %s   %s, %s\n", text.Terminal(u.shown), text.Terminal(world), u.channel,
		english.Count(profiles, "profile", "profiles"), english.Count(probes, "probe", "probes"))
}

func (u *ui) Profile(p run.ProfileDone) {
	state := "sealed"
	if p.Seal != "self" {
		state = map[string]string{"exec": "sealed at exec", "wrap": "wrapped"}[p.Seal]
	}
	if p.Note != "" {
		state = text.Terminal(p.Note)
	}
	what := "probe"
	if u.sweep {
		what = "target"
	}
	say := u.printf
	if p.Note != "" {
		say = u.warn
	}
	say("%-18s %s   %s   %.2f s\n", p.ID, state, english.Count(p.Probes, what, what+"s"), p.Took.Seconds())
}

// Line collects; the table is printed in one piece, in the plan's order, once
// all profiles have ended.
func (u *ui) Line(l run.Line) {
	u.lines = append(u.lines, l)
}

// inOrder brings the lines into the plan's order.
func (u *ui) inOrder(ids []string) {
	order := map[string]int{}
	for i, id := range ids {
		order[id] = i
	}
	slices.SortFunc(u.lines, func(a, b run.Line) int { return order[a.ID] - order[b.ID] })
}

func (u *ui) table() {
	width := 12
	for _, l := range u.lines {
		width = max(width, len(l.ID))
	}
	u.printf("    %-*s  %-9s  %-8s  %-14s  %-14s  %s\n", width, "", "predicted", "enforced", "got", "no sandbox", "rule")
	for _, l := range u.lines {
		say := u.printf
		if !l.Met && !l.Skipped {
			say = u.warn
		}
		line := fmt.Sprintf("%s  %-*s  %-9s  %-8s  %-14s  %-14s  %s", mark(&l), width, text.Terminal(l.ID),
			l.Predicted, l.Enforced, text.Terminal(l.Got), text.Terminal(l.NoSandbox), text.Terminal(ruleAndCarrier(&l)))
		say("%s\n", strings.TrimRight(line, " "))
		if len(l.Reasons) > 0 {
			say("    %-*s  mismatch: %s\n", width, "", strings.Join(l.Reasons, ", "))
		}
	}
}

// ruleAndCarrier names the real call beside the rule where it is not the
// operation's own.
func ruleAndCarrier(l *run.Line) string {
	rule := l.Rule
	if filepath.IsAbs(rule) { // its file, as the user sees it from here
		rule = short(rule)
	}
	if l.Carrier != "" {
		rule = strings.TrimLeft(rule+"  ["+l.Carrier+"]", " ")
	}
	return rule
}

// mark is a line's verdict in two letters, never by colour.
func mark(l *run.Line) string {
	switch {
	case l.Skipped:
		return "--"
	case l.Met:
		return "ok"
	case !l.Decided:
		return "??"
	}
	return "!!"
}

// closing prints what a run amounts to.
func (u *ui) closing(res *run.Result, shownDir string, discard bool) {
	u.printf("%s\n", run.Headline(res.Summary.Counts))
	if res.Acquired != "" {
		u.printf("%s   (hypothesis 2)\n", text.Terminal(res.Acquired))
	}
	for _, note := range res.Notes {
		u.printf("note: %s\n", text.Terminal(note.String()))
	}
	u.faults(res)
	if !res.Verify.Promotable {
		u.printf("not promotable: %s   [not an error]\n", text.Terminal(why(res.Verify)))
	} else {
		u.printf("promotable\n")
	}
	state := u.validity(res)
	if discard {
		u.printf("%.2f s   exit %d: %s\n", res.Took.Seconds(), res.Exit, exitWord(res.Exit))
		return
	}
	u.path(shownDir)
	u.printf("bundle %s, %d documents, %s\n", text.Terminal(shownDir), res.Documents, state)
	for _, l := range u.lines {
		if !l.Met && !l.Skipped {
			u.printf("why:   hrhost explain %s %s\n", text.Terminal(parent(shownDir)), text.Terminal(l.ID))
			break
		}
	}
	u.printf("%.2f s   exit %d: %s\n", res.Took.Seconds(), res.Exit, exitWord(res.Exit))
}

// faults are what plugins did that none should.
func (u *ui) faults(res *run.Result) {
	for _, fault := range res.Faults {
		u.warn("plugin %s\n", text.Terminal(fault))
	}
}

// validity says whether the bundle verifies, and complains when it does not.
func (u *ui) validity(res *run.Result) string {
	if res.Verify.Valid {
		return "verified"
	}
	for _, f := range res.Verify.Findings {
		fmt.Fprintf(u.err, "hrhost: error: bundle: %s %s: %s\n", f.Check, text.Terminal(f.Path), text.Terminal(f.Message))
	}
	return "NOT VALID"
}

// why joins the conditions that do not hold.
func why(v verify.Report) string {
	var out []string
	for _, c := range v.Conditions {
		if !c.OK {
			out = append(out, strings.ReplaceAll(c.Name, "_", " ")+" ("+c.Why+")")
		}
	}
	return strings.Join(out, "; ")
}

func exitWord(code int) string {
	return [...]string{"as expected", "mismatches", "refused", "incomplete", "internal error"}[code]
}

// parent cuts /runs/ID off a bundle's path, which leaves what explain takes.
func parent(dir string) string {
	if i := strings.LastIndex(dir, "/runs/"); i >= 0 {
		return dir[:i]
	}
	return dir
}
