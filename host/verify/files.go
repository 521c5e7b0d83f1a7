package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"sort"

	"github.com/gowebpki/jcs"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/internal/text"
)

// maxEntries bounds the walk through a hostile directory.
const maxEntries = 200_000

// readIndex reads artifact_index.json and reports whether it can be used. Of a bundle
// that a newer hrhost wrote nothing else is read: findings about fields that are
// not known here would only hide the reason.
func (b *opened) readIndex() (readable bool, found findings) {
	text, err := b.root.ReadFile(bundle.ArtifactIndex)
	if err != nil {
		found.add("index", "index_unreadable", bundle.ArtifactIndex,
			"%v; a bundle without an index is not complete", err)
		return false, found
	}
	index, err := decodeIndex(text)
	if err != nil {
		found.add("index", "index_invalid", bundle.ArtifactIndex, "%v", err)
		return false, found
	}
	if canonical, err := jcs.Transform(text); err == nil {
		b.digest = bundle.Digest(canonical)
	}
	b.index = index
	b.listed = map[string]bundle.IndexEntry{}
	readable = true
	last := ""
	for _, e := range index.Artifacts {
		if e.Path <= last {
			found.add("index", "index_order", e.Path, "not in the order of its bytes, or listed twice")
		}
		last = e.Path
		ours, wrong := b.list(e)
		found.join(wrong)
		readable = readable && ours
	}
	return readable, found
}

// decodeIndex reads the index's text.
func decodeIndex(text []byte) (bundle.Index, error) {
	var index bundle.Index
	if err := bundle.CheckJSON(text); err != nil {
		return index, err
	}
	var head struct {
		SchemaVersion string `json:"schema_version"`
	}
	if json.Unmarshal(text, &head) == nil {
		if err := bundle.Newer(bundle.ArtifactIndex, head.SchemaVersion); err != nil {
			return index, err
		}
	}
	if err := bundle.ValidateDocument(bundle.ArtifactIndex, bundle.Version(bundle.ArtifactIndex), text); err != nil {
		return index, err
	}
	err := json.Unmarshal(text, &index)
	return index, err
}

// list checks an entry by itself and lists it. It reports false when a newer hrhost
// wrote the document.
func (b *opened) list(e bundle.IndexEntry) (readable bool, found findings) {
	if !bundle.CleanPath(e.Path) || e.Path == bundle.ArtifactIndex {
		found.add("index", "path_outside", e.Path, "not a path inside a bundle")
		return true, found
	}
	if want := bundle.MediaType(e.Path); e.MediaType != want {
		found.add("index", "media_type", e.Path, "media type is %q, want %q", text.Brief(e.MediaType), want)
	}
	got := ""
	if e.SchemaVersion != nil {
		got = *e.SchemaVersion
	}
	if err := bundle.Newer(e.Path, got); err != nil {
		found.add("index", "newer_version", e.Path, "%v", err)
		return false, found
	}
	if want := bundle.SchemaOf(e.Path); got != want && bundle.VersionIn(e.Path, got) == 0 {
		found.add("index", "unknown_version", e.Path, "schema version is %q, want %q", text.Brief(got), want)
	}
	b.listed[e.Path] = e
	return true, found
}

// files compares what is listed with what is there, and every digest. required
// must be listed.
func files(b *opened, required []string) (found findings) {
	present, found := walk(b)
	names := make([]string, 0, len(b.listed))
	for name := range b.listed {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if !present[name] {
			found.add("files", "file_missing", name, "listed in the index but missing")
			continue
		}
		found.join(digest(b.root, b.listed[name]))
	}
	for _, name := range required {
		if _, ok := b.listed[name]; !ok {
			found.add("files", "document_missing", name, "a bundle must have this document")
		}
	}
	return found
}

// walk returns the regular files of the directory and reports everything else.
func walk(b *opened) (present map[string]bool, found findings) {
	present = map[string]bool{}
	seen := 0
	err := fs.WalkDir(b.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if seen++; seen > maxEntries {
			return fmt.Errorf("more than %d entries", maxEntries)
		}
		switch {
		case err != nil:
			found.add("files", "unreadable", name, "%v", err)
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir():
		case !d.Type().IsRegular():
			found.add("files", "not_regular", name, "is not a regular file (%s)", d.Type())
		default:
			present[name] = true
			if _, ok := b.listed[name]; !ok && name != bundle.ArtifactIndex {
				found.add("files", "not_listed", name, "not listed in the index")
			}
		}
		return nil
	})
	if err != nil {
		found.add("files", "walk_failed", ".", "%v", err)
	}
	return present, found
}

// digest compares a file's size and digest with its entry.
func digest(root *bundle.Root, e bundle.IndexEntry) (found findings) {
	size, sum, err := hash(root, e.Path, e.Size)
	switch {
	case err != nil:
		found.add("digest", "digest_unreadable", e.Path, "%v", err)
	case size != e.Size:
		found.add("digest", "size_differs", e.Path, "size differs from the index, which says %d", e.Size)
	case sum != e.SHA256:
		found.add("digest", "sha256_differs", e.Path, "sha256 is %s, the index says %s", sum, e.SHA256)
	}
	return found
}

// hash reads a file, no further than one byte past the expected size.
func hash(root *bundle.Root, name string, size int64) (int64, string, error) {
	f, err := root.Open(name)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(f, size+1))
	return n, hex.EncodeToString(sum.Sum(nil)), err
}
