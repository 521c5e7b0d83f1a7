package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/sb/sbpl"
)

func sbCheckCommand(u *ui) *cobra.Command {
	var f sbFlags
	c := &cobra.Command{
		Use:   "check FILE...",
		Short: "compile profiles and warn of what people get wrong",
		Long: `Compiles each profile and says what is wrong with it, or what probably does not
do what was meant: dead rules, a deny on a wildcard that an allow below it
defeats, order that does not matter, operations that (deny default) does not
cover, paths behind symbolic links.

Exit codes: 0 nothing found, 1 warnings, 2 a profile is refused.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return sbCheck(u, &f, args) },
	}
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

func sbCheck(u *ui, f *sbFlags, files []string) error {
	out := []checked{}
	code := run.ExitOK
	for _, path := range files {
		c := checked{File: path, Errors: []sbFinding{}, Warnings: []sbpl.Warning{}}
		p, err := f.compile(u, path)
		var bad *refused
		switch {
		case errors.As(err, &bad):
			for _, e := range bad.list {
				c.Errors = append(c.Errors, sbFinding{e.Pos.String(), e.Msg, e.Hint})
			}
			code = run.ExitRefused
			u.printf("%s: refused\n", visible(path))
		case err != nil:
			return err
		default:
			c.OK, c.Rules = true, written(p)
			c.Warnings = append(c.Warnings, p.Warnings()...)
			u.printf("%s: compiles, %d rules, %d warnings\n", visible(path), c.Rules, len(c.Warnings))
			for _, w := range c.Warnings {
				u.printf("  %s: %s [%s]\n", visible(w.Where), visible(w.Message), w.Code)
			}
			if len(c.Warnings) > 0 {
				code = max(code, run.ExitMismatch)
			}
		}
		out = append(out, c)
	}
	if u.json {
		if err := u.object(map[string]any{"profiles": out}); err != nil {
			return err
		}
	}
	return exit(code)
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
