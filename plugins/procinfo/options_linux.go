package procinfo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The forms of process-info-pidinfo's handle.
const (
	formFile      = "file"
	formDirectory = "directory"
	formPidfd     = "pidfd"
)

var forms = []string{formFile, formDirectory, formPidfd}

// form is the one in force. It is set by Configure, before any probe runs.
var form = formFile

func optionsSchema() json.RawMessage {
	b, err := json.Marshal(map[string]any{
		"type": "object", "additionalProperties": false,
		"properties": map[string]any{"handle": map[string]any{"enum": forms, "default": formFile}},
	})
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return b
}

func configure(options json.RawMessage) error {
	o := struct{ Handle string }{formFile}
	d := json.NewDecoder(bytes.NewReader(options))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return fmt.Errorf("reading options: %w", err)
	}
	if !slices.Contains(forms, o.Handle) {
		return fmt.Errorf("reading options: handle %q, want one of %s", o.Handle, strings.Join(forms, ", "))
	}
	form = o.Handle
	return nil
}
