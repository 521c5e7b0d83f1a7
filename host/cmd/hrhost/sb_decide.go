package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/internal/text"
	"github.com/hrhost/hrhost/sb/sbpl"
)

type decideFlags struct {
	sbFlags
	absent       []string
	entitlements []string
	physical     bool
}

func sbDecideCommand(u *ui) *cobra.Command {
	var f decideFlags
	c := &cobra.Command{
		Use:   "decide FILE OPERATION [FILTER=VALUE...]",
		Short: "what a profile says about one operation, the rule, and the rules tried",
		Example: `  hrhost sb decide my.sb file-read-data path=/private/etc/hosts
  hrhost sb decide my.sb network-outbound 'remote=tcp4 127.0.0.1:80' --release 10.15
  hrhost sb decide my.sb mach-lookup global-name=com.example --absent extension`,
		Long: `Prints the decision first: allow, deny, or unknown with the facts that would
settle it. Then the rule that gave it, the operations walked and the rules tried.

Exit codes: 0 decided, 1 unknown, 2 usage or profile refused.`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			return sbExit(sbDecide(u, &f, args[0], args[1], args[2:]))
		},
	}
	f.register(c)
	fl := c.Flags()
	fl.StringArrayVar(&f.absent, "absent", nil, "a fact that the object or process is known not to have, such as extension")
	fl.StringArrayVar(&f.entitlements, "entitlement", nil, "an entitlement of the process, NAME or NAME=VALUE; with none of these they are unknown")
	fl.BoolVar(&f.physical, "physical", false,
		"ask for the path as the system names it: /private/tmp where /tmp is written, /a/b where /a//b/ is")
	return c
}

func sbDecide(u *ui, f *decideFlags, path, op string, facts []string) error {
	p, err := f.compile(u, path)
	if err != nil {
		return err
	}
	q, hints, err := f.query(op, facts)
	if err != nil {
		return err
	}
	d, tried := p.Explain(q)
	if d.Err != nil {
		return refuse(d.Err)
	}
	if u.json {
		err = u.object(newSBVerdict(op, q, d, tried))
	} else {
		printDecision(u, d, tried)
	}
	for _, h := range hints {
		fmt.Fprintf(u.err, "hrhost: hint: %s\n", text.Terminal(h))
	}
	if err == nil && d.Action == sbpl.Unknown {
		return exit(run.ExitMismatch)
	}
	return err
}

// query reads the facts.
func (f *decideFlags) query(op string, facts []string) (sbpl.Query, []string, error) {
	q := sbpl.Query{Operation: op, Absent: f.absent}
	var hints []string
	for _, arg := range facts {
		fact, err := sbpl.ParseFilter(arg)
		if err != nil {
			return q, nil, refuse(err, "a fact is FILTER=VALUE, such as path=/private/tmp/x or target=self")
		}
		if fact.Name == "path" && f.physical {
			fact.Value = sbpl.Physical(sbpl.Tidy(fact.Value))
		}
		written := fact.Value
		if fact, err = sbpl.Canonical(fact); err != nil {
			return q, nil, refuse(err, tidied(fact)...)
		}
		if written != fact.Value {
			hints = append(hints, "the system asks for "+fact.Value+" where "+written+" is written")
		}
		if phys := sbpl.Physical(fact.Value); fact.Name == "path" && phys != fact.Value {
			hints = append(hints, fact.Value+" is behind a symbolic link on macOS: the system asks for "+
				phys+" (--physical does)")
		}
		q.Filters = append(q.Filters, fact)
	}
	for _, e := range f.entitlements {
		if q.Process == nil {
			q.Process = &sbpl.Process{Entitlements: map[string]any{}}
		}
		name, value, given := strings.Cut(e, "=")
		if !given || value == "true" {
			q.Process.Entitlements[name] = true
		} else {
			q.Process.Entitlements[name] = value
		}
	}
	return q, hints, nil
}

// tidied is a hint at --physical where that helps.
func tidied(fact sbpl.Filter) []string {
	if tidy := sbpl.Tidy(fact.Value); fact.Name == "path" && tidy != fact.Value {
		if _, err := sbpl.Canonical(sbpl.Filter{Name: "path", Value: tidy}); err == nil {
			return []string{"--physical asks for " + sbpl.Physical(tidy)}
		}
	}
	return nil
}

// sbVerdict is a decision as JSON.
type sbVerdict struct {
	Decision   string          `json:"decision"`
	Operation  string          `json:"operation"`
	Facts      []string        `json:"facts"`
	Rule       string          `json:"rule"`
	Text       string          `json:"text"`
	Via        string          `json:"via,omitempty"`
	Modifiers  []sbpl.Modifier `json:"modifiers,omitempty"`
	Provenance sbpl.Provenance `json:"provenance"` // profile, or default or system: then rule is ""
	DecidedAt  string          `json:"decided_at"`
	Walk       []string        `json:"walk"`
	Default    bool            `json:"default"`
	Implicit   bool            `json:"implicit"`
	Library    string          `json:"library,omitempty"` // that adds an implicit rule
	Missing    []string        `json:"missing,omitempty"`
	Confidence string          `json:"confidence,omitempty"`
	Unverified bool            `json:"unverified"`
	Reason     string          `json:"reason,omitempty"`
	Tried      []triedRule     `json:"tried"`
}

type triedRule struct {
	Operation  string          `json:"operation"`
	Rule       string          `json:"rule"`
	Provenance sbpl.Provenance `json:"provenance"`
	Text       string          `json:"text"`
	Action     string          `json:"action"`
	Holds      string          `json:"holds"`
}

func newSBVerdict(op string, q sbpl.Query, d sbpl.Decision, tried []sbpl.Tried) sbVerdict {
	v := sbVerdict{
		Decision: d.Action.String(), Operation: op, Facts: []string{},
		Rule: placed(d.Rule), Text: d.RuleText, Modifiers: d.Modifiers,
		Provenance: d.Provenance(), DecidedAt: d.Operation, Walk: d.Walk,
		Default: d.Default, Implicit: d.Implicit, Library: d.Library, Missing: d.Missing,
		Confidence: d.Confidence, Unverified: d.Unverified, Reason: d.Reason, Tried: []triedRule{},
	}
	for _, f := range q.Filters {
		v.Facts = append(v.Facts, f.Name+"="+f.Value)
	}
	if d.Via != d.Rule && d.Via.Line > 0 {
		v.Via = d.Via.String()
	}
	for _, t := range tried {
		v.Tried = append(v.Tried, triedRule{t.Operation, placed(t.Rule), t.Provenance, t.Text, t.Action, t.Holds})
	}
	return v
}

// placed is a rule's place, "" when it has none in the profile.
func placed(pos sbpl.Pos) string {
	if pos.Line == 0 {
		return ""
	}
	return pos.String()
}

// shownPlace is a rule's place, or whose it is when it has none.
func shownPlace(pos sbpl.Pos, from sbpl.Provenance) string {
	return cmp.Or(placed(pos), string(from))
}

func printDecision(u *ui, d sbpl.Decision, tried []sbpl.Tried) {
	switch {
	case d.Action == sbpl.Unknown && len(d.Missing) == 0:
		u.tell("unknown\n")
	case d.Action == sbpl.Unknown:
		u.tell("unknown: missing %s\n", text.Terminal(strings.Join(d.Missing, ", ")))
	default:
		var mods strings.Builder
		for _, m := range d.Modifiers {
			mods.WriteString(" " + m.String())
		}
		u.tell("%s%s\n", d.Action, text.Terminal(mods.String()))
	}
	u.tell("rule   %s  %s\n", text.Terminal(shownPlace(d.Rule, d.Provenance())), text.Terminal(d.RuleText))
	if d.Library != "" {
		u.tell("from   %s: it adds the rule after every profile\n", d.Library)
	}
	if d.Via != d.Rule && d.Via.Line > 0 {
		u.tell("via    %s\n", text.Terminal(d.Via.String()))
	}
	u.tell("at     %s  (walked %s)\n", d.Operation, strings.Join(d.Walk, ", "))
	switch {
	case d.Unverified:
		u.tell("note   not verified: %s\n", d.Reason)
	case d.Action == sbpl.Unknown:
		u.tell("note   %s\n", text.Terminal(d.Reason))
	}
	u.tell("tried\n")
	for _, t := range tried {
		u.tell("  %-8s%s  %s  %s\n", t.Holds, t.Operation,
			text.Terminal(shownPlace(t.Rule, t.Provenance)), text.Terminal(t.Text))
	}
}
