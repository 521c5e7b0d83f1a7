package main

import (
	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/world"
)

func worldCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "world",
		Short: "this host's id and facts, and whether something confines hrhost already",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			w, err := world.Read()
			if err != nil {
				return err
			}
			self := world.CheckSelf()
			if u.json {
				return u.object(map[string]any{"world": w, "self_check": self})
			}
			u.printf("%s\n", visible(w.ID))
			for _, f := range w.Facts {
				value := f.Value
				if f.Error != "" {
					value = "not known: " + f.Error
				}
				u.printf("  %-24s %-40s %s\n", f.Name, visible(value), visible(f.Source))
			}
			u.printf("self check: %s\n", visible(self.String()))
			return nil
		},
	}
}
