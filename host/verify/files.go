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
)

// maxEntries bounds the walk through a hostile directory.
const maxEntries = 200_000

// index reads artifact_index.json and reports whether it can be used. Of a bundle
// that a newer hrhost wrote nothing else is read: findings about fields that are
// not known here would only hide the reason.
func (c *checker) index() bool {
	text, err := c.root.ReadFile(bundle.ArtifactIndex)
	if err != nil {
		c.find("index", bundle.ArtifactIndex, "%v; a bundle without an index is not complete", err)
		return false
	}
	index, err := decodeIndex(text)
	if err != nil {
		c.find("index", bundle.ArtifactIndex, "%v", err)
		return false
	}
	if canonical, err := jcs.Transform(text); err == nil {
		c.report.BundleDigest = bundle.Digest(canonical)
	}
	c.report.RunID, c.report.WorldID = index.RunID, index.WorldID
	c.report.Files = len(index.Artifacts)
	c.listed = map[string]bundle.IndexEntry{}
	last, readable := "", true
	for _, e := range index.Artifacts {
		if e.Path <= last {
			c.find("index", e.Path, "not in the order of its bytes, or listed twice")
		}
		last = e.Path
		readable = c.indexEntry(e) && readable
	}
	return readable
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

// indexEntry checks what an entry says about itself and lists it. False: a newer
// hrhost wrote the document.
func (c *checker) indexEntry(e bundle.IndexEntry) (readable bool) {
	if !bundle.CleanPath(e.Path) || e.Path == bundle.ArtifactIndex {
		c.find("index", e.Path, "not a path inside a bundle")
		return true
	}
	if want := bundle.MediaType(e.Path); e.MediaType != want {
		c.find("index", e.Path, "media type is %q, want %q", clip(e.MediaType), want)
	}
	got := ""
	if e.SchemaVersion != nil {
		got = *e.SchemaVersion
	}
	if err := bundle.Newer(e.Path, got); err != nil {
		c.find("index", e.Path, "%v", err)
		return false
	}
	if want := bundle.SchemaOf(e.Path); got != want && bundle.VersionIn(e.Path, got) == 0 {
		c.find("index", e.Path, "schema version is %q, want %q", clip(got), want)
	}
	c.listed[e.Path] = e
	return true
}

// files compares what is listed with what is there, and every digest. required
// must be listed.
func (c *checker) files(required []string) {
	present := c.walk()
	names := make([]string, 0, len(c.listed))
	for name := range c.listed {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if !present[name] {
			c.find("files", name, "listed in the index but missing")
			continue
		}
		c.digest(c.listed[name])
	}
	for _, name := range required {
		if _, ok := c.listed[name]; !ok {
			c.find("files", name, "a bundle must have this document")
		}
	}
}

// walk returns the regular files of the directory and reports everything else.
func (c *checker) walk() map[string]bool {
	present := map[string]bool{}
	seen := 0
	err := fs.WalkDir(c.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if seen++; seen > maxEntries {
			return fmt.Errorf("more than %d entries", maxEntries)
		}
		switch {
		case err != nil:
			c.find("files", name, "%v", err)
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir():
		case !d.Type().IsRegular():
			c.find("files", name, "is not a regular file (%s)", d.Type())
		default:
			present[name] = true
			if _, ok := c.listed[name]; !ok && name != bundle.ArtifactIndex {
				c.find("files", name, "not listed in the index")
			}
		}
		return nil
	})
	if err != nil {
		c.find("files", ".", "%v", err)
	}
	return present
}

// digest compares a file's size and digest with its entry.
func (c *checker) digest(e bundle.IndexEntry) {
	size, sum, err := c.hash(e.Path, e.Size)
	switch {
	case err != nil:
		c.find("digest", e.Path, "%v", err)
	case size != e.Size:
		c.find("digest", e.Path, "size differs from the index, which says %d", e.Size)
	case sum != e.SHA256:
		c.find("digest", e.Path, "sha256 is %s, the index says %s", sum, e.SHA256)
	}
}

// hash reads a file, no further than one byte past the expected size.
func (c *checker) hash(name string, size int64) (int64, string, error) {
	f, err := c.root.Open(name)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(f, size+1))
	return n, hex.EncodeToString(sum.Sum(nil)), err
}
