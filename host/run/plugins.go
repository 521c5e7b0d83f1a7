package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/guard"
)

// plugin is one family's program, or why there is none.
type plugin struct {
	conf   plan.Plugin
	path   string
	binary *launch.Binary
	err    error
	// version is what the program says of itself, known after its first
	// Describe.
	version  string
	protocol int
	signed   []bundle.CodeSigning     // macOS: how its processes were, guarded by the runner
	faults   evidence.InOrder[string] // what its processes did that no plugin should, guarded by the runner
}

// openPlugins reads and hashes each family's program once. A program that
// cannot be had is noted: its family's probes are not reached, the others run.
func openPlugins(opts Options) map[string]*plugin {
	out := map[string]*plugin{}
	var wg sync.WaitGroup
	for _, conf := range opts.Plan.Plugins {
		p := &plugin{conf: conf}
		out[conf.Family] = p
		wg.Go(func() {
			if err := guard.Do(func() error { p.open(opts); return nil }); err != nil {
				p.err = err
			}
		})
	}
	wg.Wait()
	return out
}

func (p *plugin) open(opts Options) {
	if p.path, p.err = findPlugin(opts, p.conf); p.err == nil {
		p.binary, p.err = launch.Open(p.path)
	}
	if p.err == nil && p.conf.SHA256 != "" && p.binary.Digest != "sha256:"+strings.TrimPrefix(p.conf.SHA256, "sha256:") {
		p.err = fmt.Errorf("plugin %s: %s has digest %s, the plan wants %s", p.conf.Family, p.path, p.binary.Digest, p.conf.SHA256)
	}
}

// FindPlugin says where a family's program is: where the plan says, else beside
// hrhost, else in the plan's plugin_dir. Never on PATH.
func FindPlugin(bin, dir string, conf plan.Plugin) (string, error) {
	if conf.Path != "" {
		return conf.Path, nil
	}
	name := "hrhost-probe-" + conf.Family
	var tried []string
	for _, d := range []string{bin, dir} {
		if d == "" {
			continue
		}
		path := filepath.Join(d, name)
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			return path, nil
		}
		tried = append(tried, path)
	}
	return "", &launch.Error{Name: name, Step: "open", Cause: launch.ErrNoFile,
		Hint: "looked for " + strings.Join(tried, " and ") + "; build it, or name it with [plugin." + conf.Family + "] path"}
}

func findPlugin(opts Options, conf plan.Plugin) (string, error) {
	return FindPlugin(opts.Bin, opts.Plan.Run.PluginDir, conf)
}

func closePlugins(all map[string]*plugin) {
	for _, p := range all {
		if p.binary != nil {
			p.binary.Close()
		}
	}
}
