package run

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/guard"
	"github.com/hrhost/hrhost/internal/wire"
)

// plugin is one family's program, or why there is none.
type plugin struct {
	conf   plan.Plugin
	path   string
	binary *launch.Binary
	err    error

	mu sync.Mutex // guards what is learned from its processes
	// version is what the program says of itself, known after its first
	// Describe.
	version  string
	protocol int
	signed   []bundle.CodeSigning     // macOS: how its processes were
	faults   evidence.InOrder[string] // what its processes did that no plugin should
}

// pluginSet has the programs of a run, by family.
type pluginSet map[string]*plugin

// open reads and hashes each family's program once. A program that cannot be had is
// noted: its family's probes are not reached, the others run.
func (all pluginSet) open(opts Options) {
	var wg sync.WaitGroup
	for _, conf := range opts.Plan.Plugins {
		p := &plugin{conf: conf}
		all[conf.Family] = p
		wg.Go(func() {
			if err := guard.Do(func() error { p.open(opts); return nil }); err != nil {
				p.err = err
			}
		})
	}
	wg.Wait()
}

func (p *plugin) open(opts Options) {
	if p.path, p.err = findPlugin(opts, p.conf); p.err == nil {
		p.binary, p.err = launch.Open(p.path)
	}
	if p.err == nil && p.conf.SHA256 != "" && p.binary.Digest != "sha256:"+strings.TrimPrefix(p.conf.SHA256, "sha256:") {
		p.err = fmt.Errorf("plugin %s: %s has digest %s, the plan wants %s", p.conf.Family, p.path, p.binary.Digest, p.conf.SHA256)
	}
}

// digest is of the program's bytes, "" when there is none.
func (p *plugin) digest() string {
	if p.binary == nil {
		return ""
	}
	return p.binary.Digest
}

// described notes what the program says of itself.
func (p *plugin) described(d *wire.Description) {
	if d == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.version, p.protocol = d.Version, wire.ProtocolMajor
}

// observe notes how one of the plugin's processes was signed, and what it did that
// none should.
func (p *plugin) observe(place int, process string, rep *probing.Report) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, what := range misdeeds(rep) {
		p.fault(place, process, what)
	}
	if rep.Signature != nil {
		p.note(*rep.Signature)
	}
}

// entry is the manifest's about the plugin.
func (p *plugin) entry() bundle.PluginEntry {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bundle.PluginEntry{
		Family: p.conf.Family, Path: filepath.Base(p.path), Digest: p.digest(), Version: p.version, Protocol: p.protocol,
		CodeSigning: p.signatures(), Faults: p.faults.Values,
	}
}

// families are the plugins' names, sorted.
func (all pluginSet) families() []string { return slices.Sorted(maps.Keys(all)) }

func (all pluginSet) entries() (entries []bundle.PluginEntry) {
	for _, family := range all.families() {
		entries = append(entries, all[family].entry())
	}
	return entries
}

func (all pluginSet) close() {
	for _, p := range all {
		if p.binary != nil {
			p.binary.Close()
		}
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
