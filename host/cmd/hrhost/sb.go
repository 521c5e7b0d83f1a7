package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/text"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// sbFlags are how a profile is compiled.
type sbFlags struct {
	params  []string
	release string
	imports []string
	fold    bool
}

func sbCommand(u *ui) *cobra.Command {
	c := &cobra.Command{
		Use:   "sb",
		Short: "check a sandbox profile, query it, list its rules",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(sbCheckCommand(u), sbDecideCommand(u), sbRulesCommand(u))
	return c
}

func (f *sbFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVarP(&f.params, "param", "D", nil, "a parameter of the profile, NAME=VALUE")
	fl.StringVar(&f.release, "release", "", "macOS release whose operation tables hold, such as 10.15 or 26 (default the newest)")
	fl.StringArrayVar(&f.imports, "import-dir", nil, "a directory that (import ...) may read; the profile's own is always one")
	fl.BoolVar(&f.fold, "fold-case", false, "compare path literals, prefixes and subpaths without case")
}

// compile compiles a file. A profile that is refused is printed with the lines
// to blame.
func (f *sbFlags) compile(u *ui, path string) (*sbpl.Policy, error) {
	source, err := plan.ReadFile(path)
	if err != nil {
		return nil, refuse(fmt.Errorf("reading profile %q: %w", path, cause(err)))
	}
	opts := sbpl.Options{
		Name: path, Release: f.release, FoldCase: f.fold, Output: u.err,
		Linux:       f.release == "" && runtime.GOOS != "darwin", // a release names a macOS
		ImportRoots: append([]string{filepath.Dir(path)}, f.imports...),
	}
	if opts.Params, err = paramsOf(f.params); err != nil {
		return nil, err
	}
	p, err := sbpl.Compile(source, opts)
	if err == nil {
		return p, nil
	}
	list := sbErrors(err)
	if len(list) == 0 { // the release is not known
		return nil, refuse(err)
	}
	for _, e := range list {
		u.complain(fmt.Errorf("%s: %s", e.Pos, e.Msg))
		for line := range strings.Lines(e.Snippet) {
			fmt.Fprintf(u.err, "    %s\n", text.Terminal(strings.TrimRight(line, "\n")))
		}
		if e.Hint != "" {
			fmt.Fprintf(u.err, "hrhost: hint: %s\n", text.Terminal(e.Hint))
		}
	}
	return nil, &refused{list}
}

// refused is a profile whose errors have been printed.
type refused struct{ list []*sbpl.Error }

func (r *refused) Error() string { return r.list[0].Error() }

func sbErrors(err error) []*sbpl.Error {
	var list sbpl.Errors
	if errors.As(err, &list) {
		return list
	}
	var one *sbpl.Error
	if errors.As(err, &one) {
		return []*sbpl.Error{one}
	}
	return nil
}

// sbExit turns a refused profile into exit code 2 without a second message.
func sbExit(err error) error {
	var r *refused
	if errors.As(err, &r) {
		return exit(2)
	}
	return err
}
