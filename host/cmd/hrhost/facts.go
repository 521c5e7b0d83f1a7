package main

import (
	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/internal/facts"
)

func factsCommand(u *ui) *cobra.Command {
	all, name := false, here
	c := &cobra.Command{
		Use:   "facts",
		Short: "list the facts about this system that hrhost relies on, with their sources",
		Long: `facts lists what hrhost holds to be true of a system: the claim, where it comes
from, and what breaks if it is wrong. Of macOS it lists what is not verified on a
Mac; docs/macos.md has all of it. hrhost selftest tries the facts that are listed
for the system that it runs on.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			list, err := chosen(name)
			if err != nil {
				return err
			}
			if u.json {
				return u.object(factsObject(list, all))
			}
			for _, s := range list {
				for _, f := range s.listed(all) {
					printFact(u, f)
				}
				u.tell(s.known+"\n", len(s.open), len(s.facts))
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "list the verified facts too, with the releases they were verified on")
	c.Flags().StringVar(&name, "system", here, "of which system: linux, macos or all")
	c.RegisterFlagCompletionFunc("system", cobra.FixedCompletions([]string{"linux", "macos", "all"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (s system) listed(all bool) []facts.Fact {
	if all {
		return s.facts
	}
	return s.open
}

func printFact(u *ui, f facts.Fact) {
	status := string(f.Status)
	if f.On != "" {
		status += ": " + f.On
	}
	u.tell("%s  (%s)\n  %s\n  source  %s\n  breaks  %s\n", f.ID, status, f.Claim, f.Source, f.Breaks)
	for _, place := range f.RestedOn {
		u.tell("  in      %s\n", place)
	}
}

// factsObject is what --json prints.
func factsObject(list []system, all bool) any {
	type fact struct {
		System string `json:"system"`
		facts.Fact
	}
	var o struct {
		Facts      []fact `json:"facts"`
		Of         int    `json:"of"`
		Unverified int    `json:"unverified"`
	}
	for _, s := range list {
		o.Of += len(s.facts)
		o.Unverified += len(s.open)
		for _, f := range s.listed(all) {
			o.Facts = append(o.Facts, fact{s.name, f})
		}
	}
	return o
}
