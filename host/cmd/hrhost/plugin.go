package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/internal/text"
)

// plugins is what the name of a plugin's program begins with; its family follows.
const plugins = "hrhost-probe-"

func pluginCommand(u *ui) *cobra.Command {
	c := &cobra.Command{Use: "plugin", Short: "list, describe, check, run and create probe plugins", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(pluginNewCommand(u), pluginListCommand(u), pluginDescribeCommand(u), pluginCheckCommand(u), pluginRunCommand(u))
	return c
}

// listed is one plugin of the list.
type listed struct {
	Family string `json:"family"`
	Path   string `json:"path"`
	Digest string `json:"digest,omitempty"`
	Error  string `json:"error,omitempty"`
}

func pluginListCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "the plugins beside hrhost, with their digests",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			bin, err := programs()
			if err != nil {
				return err
			}
			list := listPlugins(bin)
			if u.json {
				return u.object(map[string]any{"plugins": list})
			}
			for _, l := range list {
				what := l.Digest
				if l.Error != "" {
					what = l.Error
				}
				u.tell("%-12s %s   %s\n", text.Terminal(l.Family), text.Terminal(l.Path), text.Terminal(what))
			}
			if len(list) == 0 {
				u.tell("no hrhost-probe-* next to %s\n", text.Terminal(bin))
			}
			return nil
		},
	}
}

// unopened makes a wrong call of a plugin that the command line names and that
// cannot be opened: nothing was run. One that a plan names is for run to tell
// of, beside the families that it could run.
func unopened(err error, path string) error {
	var le *launch.Error
	if !errors.As(err, &le) || le.Step != "open" || le.Name != path {
		return err
	}
	hint := le.Hint
	if errors.Is(err, launch.ErrNoFile) {
		hint = "hrhost plugin list shows the plugins beside hrhost"
	}
	return refuse(fmt.Errorf("opening plugin %q: %v", path, le.Cause), hint)
}

func listPlugins(bin string) []listed {
	paths, _ := filepath.Glob(filepath.Join(bin, plugins+"*"))
	sort.Strings(paths)
	out := []listed{}
	for _, p := range paths {
		l := listed{Family: strings.TrimPrefix(filepath.Base(p), plugins)}
		l.Path, _ = run.FindPlugin(bin, "", plan.Plugin{Family: l.Family})
		if b, err := launch.Open(l.Path); err != nil {
			l.Error = err.Error()
		} else {
			l.Digest = b.Digest
			b.Close()
		}
		out = append(out, l)
	}
	return out
}
