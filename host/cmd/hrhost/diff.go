package main

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/diff"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/text"
)

func diffCommand(u *ui) *cobra.Command {
	var profiles []string
	var ignoreWorld bool
	c := &cobra.Command{
		Use:   "diff A B",
		Short: "compare two bundles: expectations, results, rules and hosts",
		Long: `Compares two bundles: expectations that only one has, those that came out
another way, those whose repeats disagree, and the facts of the world that differ.
A and B are runs' directories, or directories that hold LATEST; or self tests, which
are compared by fact. Exit 1 when they
differ. Values that were read, times and process numbers are not compared; other
profiles, seal modes or plugins, and other rules that came to the same decision,
are listed and are no difference by themselves.`,
		Example: `  hrhost diff out/runs/OLD out
  hrhost diff out out --profile signal.canary=signal.deny`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			pairs, err := profilePairs(profiles)
			if err != nil {
				return err
			}
			r, err := compareKinds(args[0], args[1], pairs)
			if err != nil {
				return err
			}
			differs := r.Differs(ignoreWorld)
			switch {
			case u.json:
				err = u.object(r)
			case differs || !u.quiet:
				r.Text(u.out, text.Terminal)
			}
			if err == nil && differs {
				err = exit(run.ExitMismatch)
			}
			return err
		},
	}
	c.Flags().StringSliceVar(&profiles, "profile", nil, "compare only this profile, or profile A=B of the two bundles")
	c.Flags().BoolVar(&ignoreWorld, "ignore-world", false, "a world that differs is shown and does not count")
	return c
}

// comparison is what a diff prints.
type comparison interface {
	Text(w io.Writer, shown func(string) string)
	Differs(ignoreWorld bool) bool
}

// compareKinds compares two bundles, or two self tests.
func compareKinds(a, b string, pairs map[string]string) (comparison, error) {
	left, err1 := bundle.KindOf(a)
	right, err2 := bundle.KindOf(b)
	if err := errors.Join(err1, err2); err != nil {
		return nil, refuse(err)
	}
	switch {
	case left != right:
		return nil, refuse(errors.New(a + " is a " + string(left) + ", " + b + " a " + string(right)))
	case left == bundle.KindRun:
		return compare(a, b, pairs)
	case len(pairs) > 0:
		return nil, refuse(errors.New("a self test has no profiles"))
	}
	return compareSelfTests(a, b)
}

func compareSelfTests(a, b string) (comparison, error) {
	left, err := selftest.Read(a)
	if err != nil {
		return nil, refuse(err, "hrhost verify "+a+" says more")
	}
	right, err := selftest.Read(b)
	if err != nil {
		return nil, refuse(err, "hrhost verify "+b+" says more")
	}
	return selftest.Compare(left, right), nil
}

// compare reads both bundles.
func compare(a, b string, pairs map[string]string) (diff.Report, error) {
	left, err := diff.Load(a)
	if err != nil {
		return diff.Report{}, refuse(err, "hrhost verify "+a+" says more")
	}
	right, err := diff.Load(b)
	if err != nil {
		return diff.Report{}, refuse(err, "hrhost verify "+b+" says more")
	}
	for x, y := range pairs {
		if !left.Has(x) || !right.Has(y) {
			return diff.Report{}, refuse(errors.New("no profile " + strconv.Quote(x) + " in A or " + strconv.Quote(y) + " in B"))
		}
	}
	return diff.Compare(left, right, diff.Options{Profiles: pairs}), nil
}

// profilePairs reads "a" and "a=b".
func profilePairs(words []string) (map[string]string, error) {
	pairs := map[string]string{}
	for _, w := range words {
		a, b, two := strings.Cut(w, "=")
		if !two {
			b = a
		}
		if a == "" || b == "" {
			return nil, refuse(errors.New("profile "+strconv.Quote(w)+" is half a pair"), "write --profile ID or --profile A=B")
		}
		pairs[a] = b
	}
	return pairs, nil
}
