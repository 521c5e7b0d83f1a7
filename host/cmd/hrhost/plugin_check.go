package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/internal/conformance"
	"github.com/hrhost/hrhost/internal/text"
)

// dutyResult is one duty that a plugin was held to.
type dutyResult struct {
	Check  string `json:"check"`
	Demand string `json:"demand"`
	Error  string `json:"error,omitempty"` // "" when it is kept
}

func pluginCheckCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "check BIN",
		Short: "conformance: does a plugin keep its duties with a hostile host",
		Long: `Starts the plugin some fifteen times and does to it what a broken or hostile
host would: closes the stream in the middle of a run, stops, seals twice, closes
the life pipe, sends unknown values, 10,000 probes, a socket directory that is
too long. Exit 0: it keeps every duty; 1: it does not.

The plugin runs as you, without a sandbox and without containment, and makes
real attempts: on targets that do not exist, where it has such. Check only what
you would start by hand.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			path, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			return checkPlugin(u.heed(c), u, path)
		},
	}
}

func checkPlugin(ctx context.Context, u *ui, path string) error {
	b, err := launch.Open(path)
	if err != nil {
		return unopened(err, path)
	}
	digest := b.Digest
	b.Close()
	list, failed := []dutyResult{}, 0
	for _, check := range conformance.Checks() {
		one := dutyResult{Check: check.Name, Demand: check.Demand}
		err := check.Run(ctx, path)
		if ctx.Err() != nil { // what became of this duty is no fault of the plugin
			return errInterrupted
		}
		if err != nil {
			one.Error = err.Error()
			failed++
		}
		list = append(list, one)
		one.print(u)
	}
	if u.json {
		err = u.object(map[string]any{"path": path, "digest": digest, "failed": failed, "checks": list})
	}
	u.printf("%d of %d duties kept\n", len(list)-failed, len(list))
	if err == nil && failed > 0 {
		err = exit(run.ExitMismatch)
	}
	return err
}

func (c dutyResult) print(u *ui) {
	if c.Error == "" {
		u.printf("ok  %-18s %s\n", c.Check, c.Demand)
		return
	}
	u.tell("!!  %-18s %s\n", c.Check, text.Terminal(fmt.Sprint(c.Error)))
}
