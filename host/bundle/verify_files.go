package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"sort"

	"github.com/gowebpki/jcs"
)

// maxEntries bounds the walk through a hostile directory.
const maxEntries = 200_000

// index reads artifact_index.json and reports whether it can be used.
func (c *checker) index() bool {
	text, err := readWhole(c.root, ArtifactIndex)
	if err != nil {
		c.find("index", ArtifactIndex, "%v; a bundle without an index is not complete", err)
		return false
	}
	index, err := decodeIndex(text)
	if err != nil {
		c.find("index", ArtifactIndex, "%v", err)
		return false
	}
	if canonical, err := jcs.Transform(text); err == nil {
		c.report.BundleDigest = Digest(canonical)
	}
	c.report.RunID, c.report.WorldID = index.RunID, index.WorldID
	c.report.Files = len(index.Artifacts)
	c.listed, c.versions = map[string]IndexEntry{}, map[string]int{}
	last := ""
	for _, e := range index.Artifacts {
		if e.Path <= last {
			c.find("index", e.Path, "not in the order of its bytes, or listed twice")
		}
		last = e.Path
		c.indexEntry(e)
	}
	return true
}

// decodeIndex reads the index's text.
func decodeIndex(text []byte) (Index, error) {
	var index Index
	if err := CheckJSON(text); err != nil {
		return index, err
	}
	if err := validate("artifact_index", text); err != nil {
		return index, err
	}
	err := json.Unmarshal(text, &index)
	return index, err
}

// indexEntry checks what an entry says about itself and lists it.
func (c *checker) indexEntry(e IndexEntry) {
	if !cleanPath(e.Path) || e.Path == ArtifactIndex {
		c.find("index", e.Path, "not a path inside a bundle")
		return
	}
	if want := mediaType(e.Path); e.MediaType != want {
		c.find("index", e.Path, "media type is %q, want %q", clip(e.MediaType), want)
	}
	got := ""
	if e.SchemaVersion != nil {
		got = *e.SchemaVersion
	}
	if want := SchemaOf(e.Path); got != want && versionOf(e.Path, got) == 0 {
		c.find("index", e.Path, "schema version is %q, want %q", clip(got), want)
	}
	c.listed[e.Path] = e
	c.versions[e.Path] = versionOf(e.Path, got)
}

// version is that of a document, as the index lists it; 0 for none.
func (c *checker) version(name string) int { return c.versions[name] }

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
			if _, ok := c.listed[name]; !ok && name != ArtifactIndex {
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
func (c *checker) digest(e IndexEntry) {
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
	f, err := openRegular(c.root, name)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(f, size+1))
	return n, hex.EncodeToString(sum.Sum(nil)), err
}
