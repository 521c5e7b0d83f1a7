package wire

import "github.com/hrhost/hrhost/internal/terms"

// DescribeRequest tells a plugin about its host.
type DescribeRequest struct {
	HostVersion  string
	Capabilities []string // the host's
}

// Description is what a plugin says about itself. It is static.
type Description struct {
	Family          string
	Version         string
	Doc             string
	ProtocolVersion string   // "1.1"
	Capabilities    []string // unknown names are kept
	Probes          []Probe
	OptionsSchema   []byte // JSON Schema, empty without options
}

// Has reports whether the plugin claims a capability.
func (d Description) Has(capability string) bool {
	for _, c := range d.Capabilities {
		if c == capability {
			return true
		}
	}
	return false
}

// Probe looks up an operation, nil when the plugin has none.
func (d Description) Probe(operation string) *Probe {
	for i := range d.Probes {
		if d.Probes[i].Operation == operation {
			return &d.Probes[i]
		}
	}
	return nil
}

// Probe is one operation that a plugin can attempt.
type Probe struct {
	Operation             string
	Filter                string // the profile language's name, "" for none
	Purpose               string
	Carrier               string // the real call, in general form
	Results               []ResultCode
	PolicyBeforeExistence bool     // missing means that policy was asked and allowed
	OneWay                bool     // success proves nothing
	ObservableEffect      bool     // the effect can be seen from outside
	Dependencies          []string // operations that may be denied first
	Controls              []string // targets that show that the probe works
	Platforms             []Platform
	Targets               []string // symbolic targets, empty when any name will do
	Handle                string   // what can be held from before sealing, "" for nothing
}

// ResultCode is a row of a probe's table: one code of one API. Exactly one of
// Errno and Native is set; errno 0 is success.
type ResultCode struct {
	API    string
	Errno  *int
	Native *Native
	Class  terms.Class
	Source string // manual page, header or measurement
}

// Native is a code in an API's own number space. APIs that name their errors
// have code 0.
type Native struct {
	API  string
	Code int64
	Name string
}

// Classify reads a result through the probe's table. Errno 0 is ok without
// being listed; whatever else is unlisted is other.
func (p Probe) Classify(r Result) terms.Class {
	for _, c := range p.Results {
		if c.matches(r) {
			return c.Class
		}
	}
	if r.Errno != nil && *r.Errno == 0 && r.Native == nil {
		return terms.OK
	}
	return terms.Other
}

func (c ResultCode) matches(r Result) bool {
	switch {
	case c.API != r.API:
		return false
	case c.Native != nil:
		return r.Native != nil && *c.Native == *r.Native
	case c.Errno != nil:
		return r.Native == nil && r.Errno != nil && *c.Errno == *r.Errno
	}
	return false
}
