// Package world says who this host is: a stable id, the facts behind it each
// with its source, and whether this very process is already confined.
//
// A fact that could not be read is present with an empty value and the reason.
// The self check has three values, and unknown is not a pass.
package world

import (
	"fmt"
	"strings"
)

// World is one host, named.
type World struct {
	ID      string `json:"world_id"` // linux-6.1.0-debian12-amd64, sonoma-14.4.1-23E224-arm64-dyldcache-2c0602c5
	OS      string `json:"os"`       // linux or macos
	Release string `json:"release"`
	Build   string `json:"build"`
	Machine string `json:"machine"`
	Facts   []Fact `json:"facts"`
}

// Fact is one property of the host with the place it was read from.
type Fact struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"`
	Error  string `json:"error,omitempty"`
}

// add adds a fact. One that could not be read has no value.
func (w *World) add(name, value, source string, err error) {
	f := Fact{Name: name, Value: value, Source: source}
	if err != nil {
		f.Value, f.Error = "", err.Error()
	}
	w.Facts = append(w.Facts, f)
}

// Get is the value of a fact, "" when it is not known.
func (w *World) Get(name string) string {
	for _, f := range w.Facts {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// SelfCheck says whether this process is confined by something other than us.
// Sandboxed is nil when that could not be told.
type SelfCheck struct {
	Source    string   `json:"source"`
	Sandboxed *bool    `json:"sandboxed"`
	Findings  []string `json:"findings"` // what confines it, or could not be read
	Facts     []Fact   `json:"facts"`
}

// String is "not sandboxed", "sandboxed: ..." or "unknown: ...".
func (s SelfCheck) String() string {
	switch {
	case s.Sandboxed == nil:
		return "unknown: " + strings.Join(s.Findings, "; ")
	case *s.Sandboxed:
		return "sandboxed: " + strings.Join(s.Findings, "; ")
	}
	return "not sandboxed"
}

// minDyld is how many digits of a digest the predecessor's pins have.
const minDyld = 8

// MatchPin compares a plan's pin with this world. checked says how much of the
// pin was compared: in the predecessor's form the dyld part is the beginning of
// the digest (sha256:<hex>) of a manifest file, which the plan may name; manifest
// is "" when it does not.
func (w *World) MatchPin(pin, manifest string) (ok bool, checked string) {
	if pin == w.ID {
		return true, "whole id"
	}
	head, dyld, found := strings.Cut(pin, "-dyld-")
	own, _, _ := strings.Cut(w.ID, "-dyldcache-")
	switch {
	case !found || head != own:
	case manifest == "":
		return true, "name, version, build and machine; the dyld part was not checked"
	case len(dyld) < minDyld || !strings.HasPrefix(strings.TrimPrefix(manifest, "sha256:"), dyld):
		return false, fmt.Sprintf("the dyld part is %q, and the world's manifest has digest %s", dyld, manifest)
	default:
		return true, "name, version, build and machine, and the dyld part against the world's manifest"
	}
	return false, fmt.Sprintf("this world is %s", w.ID)
}

// slug keeps an id to letters, digits, dots and dashes within a part.
func slug(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r
		}
		return -1
	}, s)
}
