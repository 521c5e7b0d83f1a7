package bundle

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// FuzzIndex decodes arbitrary text as an index. What is accepted has the same
// meaning after a round trip.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"schema_version":"hardened-runtime.artifact_index.v1","run_id":"r","world_id":"w","artifacts":[]}`))
	f.Add([]byte(`{"artifacts":[{"path":"../x","file_size":1e3}]}`))
	f.Add([]byte("[[[["))
	f.Fuzz(func(t *testing.T, text []byte) {
		index, err := decodeIndex(text)
		if err != nil {
			return
		}
		again, err := json.Marshal(index)
		must(t, err)
		if _, err := decodeIndex(again); err != nil {
			t.Errorf("accepted once, refused again: %v", err)
		}
	})
}

// FuzzRows streams arbitrary text as rows of each shape and then verifies a
// bundle directory made of it.
func FuzzRows(f *testing.F) {
	f.Add([]byte(`{"run_id":"r","results":[{"a":1},{"b":[1,2]}],"x":null}`))
	f.Add([]byte("{\"a\":1}\n{\"b\":2}\n"))
	f.Add([]byte(`{"results":[{"a":1e999}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range []string{RuntimeResults, WitnessEvents} {
			streamRows(name, bytes.NewReader(text), func(_ int, row []byte) error {
				if err := CheckJSON(row); err != nil {
					t.Errorf("row %q: %v", row, err)
				}
				validate(stemOf(name)+".row", row)
				return nil
			})
		}
	})
}

// FuzzVerify puts arbitrary text in the place of the index and of the manifest.
func FuzzVerify(f *testing.F) {
	dir := newFixture().write(f)
	index, err := os.ReadFile(dir + "/" + ArtifactIndex)
	must(f, err)
	f.Add(index)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range []string{ArtifactIndex, RunManifest} {
			must(t, os.WriteFile(dir+"/"+name, text, 0o644))
			if _, err := Verify(dir); err != nil {
				t.Error(err)
			}
			must(t, os.WriteFile(dir+"/"+ArtifactIndex, index, 0o644))
		}
	})
}
