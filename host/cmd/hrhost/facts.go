package main

import (
	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/internal/seatbelt"
)

func factsCommand(u *ui) *cobra.Command {
	all := false
	c := &cobra.Command{
		Use:   "facts",
		Short: "what the macOS back end rests on that nobody is known to have seen on a Mac",
		Long: `facts lists what hrhost holds to be true of macOS that is not verified on a Mac:
the claim, where it comes from, and what breaks if it is wrong. Code that rests
on one says "fact:" and its name in a comment. docs/macos.md has them all.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			facts := seatbelt.Unverified()
			if all {
				facts = seatbelt.Facts()
			}
			if u.json {
				return u.object(map[string]any{"facts": facts, "of": len(seatbelt.Facts()), "unverified": len(seatbelt.Unverified())})
			}
			for _, f := range facts {
				status := string(f.Status)
				if f.On != "" {
					status += ": " + f.On
				}
				u.printf("%s  (%s)\n  %s\n  source  %s\n  breaks  %s\n", f.ID, status, f.Claim, f.Source, f.Breaks)
			}
			u.printf("%d of %d facts are not verified on a Mac\n", len(seatbelt.Unverified()), len(seatbelt.Facts()))
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "list the verified facts too, with the releases they were verified on")
	return c
}
