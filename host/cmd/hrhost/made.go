package main

// Plans that a verb makes of its flags: try, sweep, plugin run.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/hrhost/hrhost/host/clean"
)

// runMade runs a plan like any other. Without f.Out its bundle is thrown away.
func runMade(ctx context.Context, u *ui, text string, f runFlags) error {
	stage, err := clean.NewStage()
	if err != nil {
		return err
	}
	defer stage.Close()
	if f.Plan, err = writeMade(stage.Dir, text); err != nil {
		return err
	}
	f.JSON, f.Quiet, f.Made = u.json, u.quiet, true
	if f.Out == "" {
		f.Out, f.Discard = filepath.Join(stage.Dir, "out"), true
	} else if f.Out, err = filepath.Abs(f.Out); err != nil {
		return err
	}
	return startRun(ctx, u, f)
}

// writeMade writes a plan to a file. A target that is no UTF-8 would be another
// one in it.
func writeMade(dir, text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", refuse(errors.New("an argument is not UTF-8"), "plans and bundles are")
	}
	path := filepath.Join(dir, "made.toml")
	return path, os.WriteFile(path, []byte(text), 0o600)
}

// toml is a string as a plan holds it.
func toml(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return `"` + b.String() + `"`
}

// paramTable is the inside of a plan's params, from NAME=VALUE.
func paramTable(pairs []string) (string, error) {
	var params []string
	for _, p := range pairs {
		name, value, err := param(p)
		if err != nil {
			return "", err
		}
		params = append(params, toml(name)+" = "+toml(value))
	}
	return strings.Join(params, ", "), nil
}

// param reads NAME=VALUE.
func param(pair string) (name, value string, err error) {
	name, value, ok := strings.Cut(pair, "=")
	if !ok || name == "" {
		return "", "", refuse(fmt.Errorf("parameter %q has no %s", pair, map[bool]string{true: "name", false: "value"}[ok]), "write -D NAME=VALUE")
	}
	return name, value, nil
}

// sealFlag checks --seal, which has fewer words than a plan's seal: a wrapper is
// a command line, and no flag holds one.
func sealFlag(seal string) error {
	switch seal {
	case "self", "exec":
		return nil
	case "wrap":
		return refuse(errors.New("--seal wrap: a wrapper's command can only be given in a plan"), `write a plan with seal = "wrap" and wrap = [...] for its profile, and hrhost run it`)
	}
	return refuse(fmt.Errorf("--seal %q is neither self nor exec", seal))
}

// places are where in a made plan something is wrong.
var places = regexp.MustCompile(` (?:in|of) (?:(?:probe "probe" of )?profile "try"|(?:sweep of )?profile "sweep"|\[run\])|: paths are relative to the plan$`)

// withoutPlace leaves out of an error where in a plan it is that no user wrote.
func withoutPlace(err error, path string) error {
	file := regexp.MustCompile(`^` + regexp.QuoteMeta(path) + `(:\d+)*: `)
	var said []string
	for line := range strings.Lines(err.Error()) {
		line = file.ReplaceAllString(strings.TrimRight(line, "\n"), "")
		said = append(said, places.ReplaceAllString(line, ""))
	}
	return refuse(errors.New(strings.Join(said, "\n")))
}
