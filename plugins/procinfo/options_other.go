//go:build !linux

package procinfo

import "encoding/json"

// There is no handle, so there is no form of one to choose: options are refused.

func optionsSchema() json.RawMessage { return nil }

var configure func(json.RawMessage) error
