package main

import (
	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/host/verify"
)

func verifyCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "verify BUNDLE",
		Short: "check a bundle: digests, schemas, references and decisions",
		Long: `Checks a bundle and trusts nothing in it. It recomputes each digest, checks each
document against its schema and its references, and evaluates the profiles of the
bundle again to compare each decision and prediction. An invalid bundle: exit 1.

Then it prints the conditions for promotion, that is, for using the bundle as a
reference. A bundle that is not promotable is still valid.

BUNDLE is the directory of one run, or the output directory, whose LATEST names
the newest run.`,
		Example: `  hrhost verify out
  hrhost verify out --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := verify.Bundle(args[0])
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
