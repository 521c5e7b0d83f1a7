package mach

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// forms are the ways of looking a name up.
var forms = []string{"GetNameOwner", "NameHasOwner", "StartServiceByName", "call"}

// form is the one in force. It is set by Configure, before any probe runs.
var form = forms[0]

func optionsDoc() string { return " Option lookup says how to ask: " + formNames() + "." }

func formNames() string { return strings.Join(forms, ", ") }

func optionsSchema() json.RawMessage {
	b, err := json.Marshal(map[string]any{
		"type": "object", "additionalProperties": false,
		"properties": map[string]any{"lookup": map[string]any{"enum": forms, "default": forms[0]}},
	})
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return b
}

func configure(options json.RawMessage) error {
	o := struct{ Lookup string }{forms[0]}
	d := json.NewDecoder(bytes.NewReader(options))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return fmt.Errorf("reading options: %w", err)
	}
	for _, f := range forms {
		if f == o.Lookup {
			form = f
			return nil
		}
	}
	return fmt.Errorf("reading options: lookup %q, want one of %s", o.Lookup, formNames())
}
