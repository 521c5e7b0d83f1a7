package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/clean"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/text"
	"github.com/hrhost/hrhost/internal/wire"
)

// described is a plugin's word about itself, as JSON.
type described struct {
	Family        string           `json:"family"`
	Version       string           `json:"version"`
	Doc           string           `json:"doc"`
	Protocol      string           `json:"protocol"`
	Capabilities  []string         `json:"capabilities"`
	OptionsSchema json.RawMessage  `json:"options_schema,omitempty"`
	Probes        []describedProbe `json:"probes"`
}

type describedProbe struct {
	Operation             string          `json:"operation"`
	Filter                string          `json:"filter,omitempty"`
	Purpose               string          `json:"purpose"`
	Carrier               string          `json:"carrier"`
	Platforms             []wire.Platform `json:"platforms"`
	Targets               []string        `json:"targets,omitempty"`
	Controls              []string        `json:"controls,omitempty"`
	Dependencies          []string        `json:"dependencies,omitempty"`
	Handle                string          `json:"handle,omitempty"`
	PolicyBeforeExistence bool            `json:"policy_before_existence"`
	OneWay                bool            `json:"one_way"`
	ObservableEffect      bool            `json:"observable_effect"`
	Results               []describedCode `json:"results"`
}

type describedCode struct {
	API    string      `json:"api"`
	Code   string      `json:"code"` // "EPERM", "0", "BOOTSTRAP_NOT_PRIVILEGED (1100)"
	Class  terms.Class `json:"class"`
	Source string      `json:"source"`
}

func pluginDescribeCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "describe BIN",
		Short: "what a plugin says of itself: its probes, carriers and result codes",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			d, err := ask(u.heed(c), args[0])
			if err != nil {
				return err
			}
			if u.json {
				return u.object(describe(d))
			}
			describe(d).print(u)
			return nil
		},
	}
}

// ask launches the program, contained, and asks it what it is.
func ask(ctx context.Context, path string) (*wire.Description, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	stage, err := clean.NewStage()
	if err != nil {
		return nil, err
	}
	defer stage.Close()
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	d, err := run.Describe(ctx, run.Options{Bin: bin, TempDir: stage.Dir, Private: clean.Roots(), Version: version, Point: newPoint}, path)
	return d, unopened(err, path)
}

func describe(d *wire.Description) described {
	out := described{Family: d.Family, Version: d.Version, Doc: d.Doc, Protocol: d.ProtocolVersion,
		Capabilities: d.Capabilities, Probes: []describedProbe{}}
	if json.Valid(d.OptionsSchema) {
		out.OptionsSchema = d.OptionsSchema
	}
	for _, p := range d.Probes {
		one := describedProbe{
			Operation: p.Operation, Filter: p.Filter, Purpose: p.Purpose, Carrier: p.Carrier, Platforms: p.Platforms,
			Targets: p.Targets, Controls: p.Controls, Dependencies: p.Dependencies, Handle: p.Handle,
			PolicyBeforeExistence: p.PolicyBeforeExistence, OneWay: p.OneWay, ObservableEffect: p.ObservableEffect,
			Results: []describedCode{},
		}
		for _, r := range p.Results {
			one.Results = append(one.Results, describedCode{API: r.API, Code: codeName(r), Class: r.Class, Source: r.Source})
		}
		out.Probes = append(out.Probes, one)
	}
	return out
}

func codeName(r wire.ResultCode) string {
	switch {
	case r.Native != nil && r.Native.Code != 0:
		return fmt.Sprintf("%s (%d)", r.Native.Name, r.Native.Code)
	case r.Native != nil:
		return r.Native.Name
	case r.Errno == nil || *r.Errno == 0:
		return "0"
	}
	if name := unix.ErrnoName(syscall.Errno(*r.Errno)); name != "" {
		return name
	}
	return fmt.Sprintf("errno %d", *r.Errno)
}

func (d described) print(u *ui) {
	u.tell("%s %s   protocol %s   %s\n%s\n", text.Terminal(d.Family), text.Terminal(d.Version), text.Terminal(d.Protocol),
		text.Terminal(strings.Join(d.Capabilities, ", ")), text.Terminal(d.Doc))
	for _, p := range d.Probes {
		p.print(u)
	}
	if len(d.OptionsSchema) > 0 {
		u.tell("\noptions  %s\n", text.Terminal(string(d.OptionsSchema)))
	}
}

func (p describedProbe) print(u *ui) {
	u.tell("\n%s", text.Terminal(p.Operation))
	if p.Filter != "" {
		u.tell(" (%s)", text.Terminal(p.Filter))
	}
	u.tell("\n  %s\n  carrier  %s\n", text.Terminal(p.Purpose), text.Terminal(p.Carrier))
	for _, l := range []struct {
		name string
		list []string
	}{{"targets", p.Targets}, {"controls", p.Controls}, {"depends", p.Dependencies}} {
		if len(l.list) > 0 {
			u.tell("  %-8s %s\n", l.name, text.Terminal(strings.Join(l.list, ", ")))
		}
	}
	if p.Handle != "" {
		u.tell("  handle   %s\n", text.Terminal(p.Handle))
	}
	for _, r := range p.Results {
		u.tell("  %-8s %s %s: %s\n", r.Class, text.Terminal(r.API), text.Terminal(r.Code), text.Terminal(r.Source))
	}
}
