package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/release/archive"
)

// breakage is one way to make a bundle invalid.
type breakage struct {
	name  string
	apply func([]archive.File) ([]archive.File, error)
}

var breakages = []breakage{
	{"digest", func(files []archive.File) ([]archive.File, error) { return flip(files) }},
	{"row", func(files []archive.File) ([]archive.File, error) {
		files, err := flip(files)
		if err != nil {
			return nil, err
		}
		return reindex(files, bundle.RuntimeResults)
	}},
	{"file", func(files []archive.File) ([]archive.File, error) {
		n, err := find(files, bundle.WitnessEvents)
		if err != nil {
			return nil, err
		}
		return slices.Delete(slices.Clone(files), n, n+1), nil
	}},
}

// flip turns the first decision of the runtime lane from allow into deny.
func flip(files []archive.File) ([]archive.File, error) {
	const allow, deny = `"decision":"allow"`, `"decision":"deny"`
	n, err := find(files, bundle.RuntimeResults)
	if err != nil {
		return nil, err
	}
	data := bytes.Replace(files[n].Data, []byte(allow), []byte(deny), 1)
	if bytes.Equal(data, files[n].Data) {
		return nil, fmt.Errorf("%s has no %s", files[n].Name, allow)
	}
	files = slices.Clone(files)
	files[n].Data = data
	return files, nil
}

// reindex corrects size and digest of one file in the index. The rest of the
// index is kept as it is, since a build may write members that this one lacks.
func reindex(files []archive.File, name string) ([]archive.File, error) {
	n, err := find(files, name)
	if err != nil {
		return nil, err
	}
	at, err := find(files, bundle.ArtifactIndex)
	if err != nil {
		return nil, err
	}
	var index map[string]any
	d := json.NewDecoder(bytes.NewReader(files[at].Data))
	d.UseNumber()
	if err := d.Decode(&index); err != nil {
		return nil, fmt.Errorf("reading %s: %w", bundle.ArtifactIndex, err)
	}
	listed, _ := index["artifacts"].([]any)
	n2 := slices.IndexFunc(listed, func(e any) bool {
		entry, ok := e.(map[string]any)
		return ok && entry["path"] == name
	})
	if n2 < 0 {
		return nil, fmt.Errorf("%s does not list %s", bundle.ArtifactIndex, name)
	}
	sum := sha256.Sum256(files[n].Data)
	entry := listed[n2].(map[string]any)
	entry["file_size"], entry["sha256"] = len(files[n].Data), hex.EncodeToString(sum[:])
	text, err := json.MarshalIndent(index, "", "  ")
	if err != nil {
		return nil, err
	}
	files = slices.Clone(files)
	files[at].Data = append(text, '\n')
	return files, nil
}

func find(files []archive.File, name string) (int, error) {
	n := slices.IndexFunc(files, func(f archive.File) bool { return f.Name == name })
	if n < 0 {
		return 0, fmt.Errorf("the bundle has no %s", name)
	}
	return n, nil
}
