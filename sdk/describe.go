package sdk

import (
	"fmt"
	"io"
	"strings"

	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
)

// describe is the Spec as the host sees it.
func describe(s *Spec) wire.Description {
	d := wire.Description{
		Family: s.Family, Version: s.Version, Doc: s.Doc,
		ProtocolVersion: wire.ProtocolVersion,
		Capabilities:    []string{wire.CapLife},
		OptionsSchema:   s.OptionsSchema,
	}
	enumerates := false
	for _, p := range s.Probes {
		d.Probes = append(d.Probes, p.wire())
		enumerates = enumerates || p.Enumerate != nil
	}
	if enumerates {
		d.Capabilities = append(d.Capabilities, wire.CapEnumerate)
	}
	return d
}

func (p *Probe) wire() wire.Probe {
	w := wire.Probe{
		Operation: p.Operation, Filter: p.Filter, Purpose: p.Purpose, Carrier: p.Carrier,
		PolicyBeforeExistence: p.PolicyBeforeExistence,
		OneWay:                p.OneWay,
		ObservableEffect:      p.ObservableEffect,
		Dependencies:          p.Dependencies, Controls: p.Controls, Targets: p.Targets,
	}
	if p.Handle != nil {
		w.Handle = p.Handle.Kind
	}
	for _, platform := range p.Platforms {
		w.Platforms = append(w.Platforms, wire.Platform(platform))
	}
	for _, r := range p.Results {
		w.Results = append(w.Results, r.wire())
	}
	return w
}

func (r Result) wire() wire.ResultCode {
	c := wire.ResultCode{API: r.API, Class: terms.Class(r.Class), Source: r.Source}
	if r.Native != nil {
		n := wire.Native(*r.Native)
		c.Native = &n
		return c
	}
	errno := int(r.Errno)
	c.Errno = &errno
	return c
}

// printHelp describes a plugin to a person who started it by hand.
func printHelp(w io.Writer, s *Spec) {
	fmt.Fprintf(w, "hrhost-probe-%s %s: a probe plugin, started by hrhost (protocol %s).\n\n%s\n",
		s.Family, s.Version, wire.ProtocolVersion, s.Doc)
	for _, p := range s.Probes {
		printProbe(w, p)
	}
	fmt.Fprintf(w, `
under a profile  hrhost plugin run hrhost-probe-%[1]s --probe %[2]s:TARGET --profile PROFILE.sb
its duties       hrhost plugin check hrhost-probe-%[1]s
in a plan        [plugin.%[1]s]
                 path = "hrhost-probe-%[1]s"
`, s.Family, s.Probes[0].Operation)
}

func printProbe(w io.Writer, p *Probe) {
	fmt.Fprintf(w, "\n%s", p.Operation)
	if p.Filter != "" {
		fmt.Fprintf(w, " (%s)", p.Filter)
	}
	fmt.Fprintf(w, "\n  %s\n  carrier  %s\n", p.Purpose, p.Carrier)
	if len(p.Targets) > 0 {
		fmt.Fprintf(w, "  targets  %s\n", strings.Join(p.Targets, ", "))
	}
	if len(p.Controls) > 0 {
		fmt.Fprintf(w, "  controls %s\n", strings.Join(p.Controls, ", "))
	}
	if p.Handle != nil {
		fmt.Fprintf(w, "  handle   %s\n", p.Handle.Kind)
	}
	for _, r := range p.Results {
		fmt.Fprintf(w, "  %-8s %s: %s\n", r.Class, r.text(), r.Source)
	}
}

func (r Result) text() string {
	switch {
	case r.Native != nil:
		return fmt.Sprintf("%s %s", r.API, r.Native.Name)
	case r.Errno == 0:
		return r.API + " returns"
	}
	return fmt.Sprintf("%s fails with %q", r.API, r.Errno.Error())
}
