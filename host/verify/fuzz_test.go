package verify

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
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

// FuzzVerify puts arbitrary text in the place of the index and of the manifest.
func FuzzVerify(f *testing.F) {
	dir := newFixture().write(f)
	index, err := os.ReadFile(dir + "/" + bundle.ArtifactIndex)
	must(f, err)
	f.Add(index)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range []string{bundle.ArtifactIndex, bundle.RunManifest} {
			must(t, os.WriteFile(dir+"/"+name, text, 0o644))
			if _, err := Bundle(dir); err != nil {
				t.Error(err)
			}
			must(t, os.WriteFile(dir+"/"+bundle.ArtifactIndex, index, 0o644))
		}
	})
}
