//go:build !linux

package mach

import "encoding/json"

// There is one way of looking a name up, so there is nothing to choose: options
// are refused.

func optionsDoc() string { return "" }

func optionsSchema() json.RawMessage { return nil }

var configure func(json.RawMessage) error
