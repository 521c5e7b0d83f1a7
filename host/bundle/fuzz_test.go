package bundle

import (
	"bytes"
	"testing"
)

// FuzzRows streams arbitrary text as rows of each shape and checks their schema.
func FuzzRows(f *testing.F) {
	f.Add([]byte(`{"run_id":"r","results":[{"a":1},{"b":[1,2]}],"x":null}`))
	f.Add([]byte("{\"a\":1}\n{\"b\":2}\n"))
	f.Add([]byte(`{"results":[{"a":1e999}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range []string{RuntimeResults, WitnessEvents} {
			StreamRows(name, bytes.NewReader(text), func(_ int, row []byte) error {
				if err := CheckJSON(row); err != nil {
					t.Errorf("row %q: %v", row, err)
				}
				ValidateRow(name, Version(name), row)
				return nil
			})
		}
	})
}
