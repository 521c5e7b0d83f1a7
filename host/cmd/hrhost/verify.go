package main

import (
	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/run"
)

func verifyCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "verify BUNDLE",
		Short: "check a bundle's digests, schemas and cross-references, decide anew, and whether it may be promoted",
		Long: `Checks a bundle without trusting it: every digest, every schema, every
reference from one document to another, every verdict and prediction against
the profiles in it, which are evaluated anew, and each condition under which its
decisions may be promoted. BUNDLE is a run's directory, or the directory that
holds LATEST.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := bundle.Verify(args[0])
			if err != nil {
				return refuse(err)
			}
			if u.json {
				if err := u.object(r); err != nil {
					return err
				}
			}
			switch {
			case u.json:
			case !u.quiet:
				r.Text(u.out)
			case !r.Valid:
				r.Found(u.out)
			}
			if !r.Valid {
				return exit(run.ExitMismatch)
			}
			return nil
		},
	}
}
