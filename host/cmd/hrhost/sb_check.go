package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/internal/english"
	"github.com/hrhost/hrhost/internal/text"
	"github.com/hrhost/hrhost/sb/sbpl"
)

func sbCheckCommand(u *ui) *cobra.Command {
	var f sbFlags
	var accept []string
	c := &cobra.Command{
		Use:   "check FILE...",
		Short: "compile profiles and warn of what people get wrong",
		Long: `Compiles each profile and says what is wrong with it, or what probably does not
do what was meant: dead rules, a deny on a wildcard that an allow below it
defeats, order that does not matter, operations that (deny default) does not
cover, paths behind symbolic links.

A finding that is meant can be accepted by its code, such as not-covered: it is
still printed and no longer counts.

Exit codes: 0 nothing found, 1 warnings, 2 a profile is refused.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, code := range accept {
				if !slices.Contains(sbpl.WarningCodes, code) {
					return refuse(fmt.Errorf("no finding has the code %q", code), "codes are "+strings.Join(sbpl.WarningCodes, ", "))
				}
			}
			return sbCheck(u, &f, accept, args)
		},
	}
	c.Flags().StringSliceVar(&accept, "accept", nil, "codes of findings that do not count")
	f.register(c)
	return c
}

// checked is the result for one file.
type checked struct {
	File     string         `json:"file"`
	OK       bool           `json:"ok"` // it compiles
	Rules    int            `json:"rules"`
	Errors   []sbFinding    `json:"errors"`
	Warnings []sbpl.Warning `json:"warnings"`
}

type sbFinding struct {
	Where   string `json:"where"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func sbCheck(u *ui, f *sbFlags, accept, files []string) error {
	out := []checked{}
	code := run.ExitOK
	for _, path := range files {
		c, found, err := checkFile(u, f, accept, path)
		if err != nil {
			return err
		}
		out, code = append(out, c), max(code, found)
	}
	if u.json {
		if err := u.object(map[string]any{"profiles": out}); err != nil {
			return err
		}
	}
	return exit(code)
}

// checkFile checks one file, prints what it finds, and says what exit code that
// asks for.
func checkFile(u *ui, f *sbFlags, accept []string, path string) (checked, int, error) {
	c := checked{File: path, Errors: []sbFinding{}, Warnings: []sbpl.Warning{}}
	p, err := f.compile(u, path)
	var bad *refused
	if errors.As(err, &bad) {
		for _, e := range bad.list {
			c.Errors = append(c.Errors, sbFinding{e.Pos.String(), e.Msg, e.Hint})
		}
		u.tell("%s: refused\n", text.Terminal(path))
		return c, run.ExitRefused, nil
	}
	if err != nil {
		return c, 0, err
	}
	c.OK, c.Rules = true, written(p)
	c.Warnings = append(c.Warnings, p.Warnings()...)
	u.printf("%s: compiles, %s, %s\n", text.Terminal(path),
		english.Count(c.Rules, "rule", "rules"), english.Count(len(c.Warnings), "warning", "warnings"))
	code := run.ExitOK
	for _, w := range c.Warnings {
		if slices.Contains(accept, w.Code) {
			u.printf("  %s: %s [%s] accepted\n", text.Terminal(w.Where), text.Terminal(w.Message), w.Code)
			continue
		}
		u.tell("  %s: %s [%s]\n", text.Terminal(w.Where), text.Terminal(w.Message), w.Code)
		code = run.ExitMismatch
	}
	return c, code, nil
}

// written counts the entries that come from the profile's own rules.
func written(p *sbpl.Policy) int {
	n := 0
	for _, r := range p.Rules() {
		if !r.Default && !r.Implicit && r.Jump == "" {
			n++
		}
	}
	return n
}
