package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/BurntSushi/toml"
)

// Print returns the plan as TOML. Parse, under the name p.Path and with the options
// that p was read with, makes the same plan of it, apart from Source, Digest and the
// lines. Keys that have their default are left out, and so is what Options.Families,
// Profiles and Probes kept out of p.
func Print(p *Plan) []byte {
	var b bytes.Buffer
	enc := toml.NewEncoder(&b)
	enc.Indent = ""
	if err := enc.Encode(p.toml()); err != nil {
		panic("BUG(plan): printing a plan: " + err.Error())
	}
	return b.Bytes()
}

// The tables of a plan, with their keys in the order in which Print writes them. A key
// without omitempty is required.
type (
	planTOML struct {
		Schema   int                   `toml:"schema"`
		ID       string                `toml:"id"`
		World    string                `toml:"world,omitempty"`
		Run      *runTOML              `toml:"run"`
		Plugins  map[string]pluginTOML `toml:"plugin,omitempty"`
		Profiles []profileTOML         `toml:"profile"`
	}
	runTOML struct {
		Out           string `toml:"out,omitempty"`
		Channel       string `toml:"channel,omitempty"`
		Bus           string `toml:"bus,omitempty"`
		PluginDir     string `toml:"plugin_dir,omitempty"`
		WorldManifest string `toml:"world_manifest,omitempty"`
	}
	pluginTOML struct {
		Path    string         `toml:"path,omitempty"`
		SHA256  string         `toml:"sha256,omitempty"`
		Options map[string]any `toml:"options"` // nil: none
	}
	profileTOML struct {
		ID        string         `toml:"id"`
		Family    string         `toml:"family"`
		Source    string         `toml:"source"`
		Seal      string         `toml:"seal,omitempty"`
		Wrap      []string       `toml:"wrap,omitempty"`
		Acquire   string         `toml:"acquire,omitempty"`
		Isolation string         `toml:"isolation,omitempty"`
		Repeat    *int           `toml:"repeat"`
		Timeout   string         `toml:"timeout,omitempty"`
		Params    map[string]any `toml:"params,omitempty"`
		Sweep     *sweepTOML     `toml:"sweep"`
		Probes    []probeTOML    `toml:"probes,omitempty"`
	}
	sweepTOML struct {
		Operation string `toml:"op"`
		Filter    string `toml:"filter,omitempty"`
		Match     string `toml:"match,omitempty"`
		Limit     int    `toml:"limit,omitempty,omitzero"`
	}
	probeTOML struct {
		ID           string    `toml:"id"`
		Operation    string    `toml:"op"`
		Filter       string    `toml:"filter,omitempty"`
		Target       any       `toml:"target"`
		Expect       string    `toml:"expect"`
		ExpectBefore string    `toml:"expect_before,omitempty"`
		Absent       bool      `toml:"absent,omitempty"`
		Platforms    *[]string `toml:"platforms"`
	}
)

func (p *Plan) toml() planTOML {
	out := planTOML{Schema: 1, ID: p.ID, World: p.World, Plugins: map[string]pluginTOML{}}
	if r := p.runTOML(); r != (runTOML{}) {
		out.Run = &r
	}
	for _, pl := range p.Plugins {
		if pl.Path != "" || pl.SHA256 != "" || pl.Options != nil {
			out.Plugins[pl.Family] = pluginTOML{Path: p.relative(pl.Path), SHA256: pl.SHA256, Options: optionsTOML(pl.Options)}
		}
	}
	for i := range p.Profiles {
		out.Profiles = append(out.Profiles, p.Profiles[i].toml())
	}
	return out
}

func (p *Plan) runTOML() runTOML {
	r := runTOML{
		Out: unless(defaultOut, p.relative(p.Run.Out)), Channel: unless(defaultChannel, p.Run.Channel),
		Bus: unless(defaultBus, p.Run.Bus), PluginDir: p.relative(p.Run.PluginDir),
	}
	if m := p.WorldManifest; m != nil {
		r.WorldManifest = p.relative(m.Path)
	}
	return r
}

// unless returns a word, or "" for the default of its key.
func unless(usual, word string) string {
	if word == usual {
		return ""
	}
	return word
}

// relative undoes resolve: it returns a path as it is written in the plan. Parse makes
// relative paths of a relative plan, so that these are all below or above its directory.
func (p *Plan) relative(path string) string {
	if path == "" {
		return ""
	}
	dir := filepath.Dir(p.Path)
	if filepath.IsAbs(path) && path != filepath.Join(dir, defaultOut) {
		return path
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		panic(fmt.Sprintf("BUG(plan): printing the path %q of plan %q: %v", path, p.Path, err))
	}
	return rel
}

func (pr *Profile) toml() profileTOML {
	out := profileTOML{
		ID: pr.ID, Family: pr.Family, Source: pr.Source, Wrap: pr.Wrap, Params: pr.paramsTOML(),
		Seal: unless(defaultSeal, pr.Seal), Acquire: unless(defaultAcquire, pr.Acquire),
		Isolation: unless(defaultIsolation, pr.Isolation),
	}
	if pr.Repeat != defaultRepeat {
		out.Repeat = &pr.Repeat
	}
	if pr.Timeout != 0 && pr.Timeout != defaultTimeout {
		out.Timeout = pr.Timeout.String()
	}
	if s := pr.Sweep; s != nil {
		out.Sweep = &sweepTOML{Operation: s.Operation, Filter: s.Filter, Match: s.Match, Limit: s.Limit}
	}
	for i := range pr.Probes {
		out.Probes = append(out.Probes, pr.Probes[i].toml())
	}
	return out
}

// paramsTOML has the values for every system, where the plan that was read has them.
func (pr *Profile) paramsTOML() map[string]any {
	out := map[string]any{}
	for name, value := range pr.Params {
		out[name] = value
	}
	for name, values := range pr.params {
		out[name] = values.toml()
	}
	return out
}

func (b *Probe) toml() probeTOML {
	out := probeTOML{
		ID: b.ID, Operation: b.Operation, Filter: b.Filter, Target: b.Target, Expect: b.Expect,
		ExpectBefore: unless(defaultExpectBefore, b.ExpectBefore), Absent: b.Absent,
	}
	if b.targets != nil {
		out.Target = b.targets.toml()
	}
	// A probe that has a target here is skipped for its platforms, which may be [].
	if len(b.Platforms) > 0 || b.Skip && b.Target != "" {
		platforms := append([]string{}, b.Platforms...)
		out.Platforms = &platforms
	}
	return out
}

// toml is a string where each system has the same value, else a table.
func (b byOS) toml() any {
	if all := b.distinct(); len(b) == len(systems) && len(all) == 1 {
		return all[0]
	}
	return map[string]string(b)
}

// optionsTOML is the table that the JSON of options was made of.
func optionsTOML(options json.RawMessage) map[string]any {
	if options == nil {
		return nil
	}
	var out map[string]any
	if err := json.Unmarshal(options, &out); err != nil {
		panic("BUG(plan): printing options: " + err.Error())
	}
	integers(out)
	return out
}

// integers makes integers of the floats in a JSON value that have no fraction, as
// schemas of options want. Negative zero, which JSON keeps, is not an integer.
func integers(v any) any {
	switch v := v.(type) {
	case float64:
		if n := int64(v); float64(n) == v && math.Abs(v) <= maxExact && !math.Signbit(v) == (n >= 0) {
			return n
		}
	case map[string]any:
		for k := range v {
			v[k] = integers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = integers(v[i])
		}
	}
	return v
}

// Defaults of keys.
const (
	defaultOut          = "out"
	defaultChannel      = "clean"
	defaultBus          = "private"
	defaultSeal         = "self"
	defaultAcquire      = "after"
	defaultIsolation    = "profile"
	defaultRepeat       = 1
	defaultTimeout      = 10 * time.Second
	defaultExpectBefore = "any"
)
