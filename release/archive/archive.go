// Package archive writes a tar.gz whose bytes depend on nothing but the files
// in it: names sorted, owners 0, modes 0644 and 0755, one time for all of them,
// and no name, time or machine in the compressed stream's header. The same Go
// release writes the same bytes everywhere.
package archive

import (
	"archive/tar"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"time"
)

// File is one file of an archive.
type File struct {
	Name    string // slash-separated, relative, no ".."
	Program bool   // may be executed
	Data    []byte
}

// Write writes the files below a directory, dir, with every directory on the
// way. The time is cut to seconds. A name that is not [fs.ValidPath], or comes
// twice, or is a directory of another, is refused.
func Write(w io.Writer, dir string, when time.Time, files []File) error {
	entries, err := layout(dir, files)
	if err != nil {
		return err
	}
	zip := gzip.NewWriter(w)
	t := tar.NewWriter(zip)
	for _, e := range entries {
		if err := t.WriteHeader(e.header(when)); err != nil {
			return fmt.Errorf("archiving %q: %w", e.Name, err)
		}
		if _, err := t.Write(e.Data); err != nil {
			return fmt.Errorf("archiving %q: %w", e.Name, err)
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return zip.Close()
}

// entry is a file or, with a name that ends in a slash, a directory.
type entry struct {
	File
	directory bool
}

func (e entry) header(when time.Time) *tar.Header {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: e.Name, Size: int64(len(e.Data)), Mode: 0o644,
		ModTime: when.UTC().Truncate(time.Second), Format: tar.FormatUSTAR}
	if e.directory {
		h.Typeflag, h.Name = tar.TypeDir, e.Name+"/"
	}
	if e.Program || e.directory {
		h.Mode = 0o755
	}
	return h
}

// layout sorts the files and adds their directories, each before what is in it.
func layout(dir string, files []File) ([]entry, error) {
	all := map[string]entry{}
	for _, f := range files {
		if !fs.ValidPath(f.Name) || f.Name == "." || !fs.ValidPath(dir) || dir == "." {
			return nil, fmt.Errorf("archiving %q below %q: not a plain relative name", f.Name, dir)
		}
		f.Name = path.Join(dir, f.Name)
		if _, taken := all[f.Name]; taken {
			return nil, fmt.Errorf("archiving %q: the name is taken", f.Name)
		}
		all[f.Name] = entry{File: f}
	}
	for _, f := range files {
		for d := path.Dir(path.Join(dir, f.Name)); d != "."; d = path.Dir(d) {
			if e, taken := all[d]; taken && !e.directory {
				return nil, fmt.Errorf("archiving %q: the name is a directory too", d)
			}
			all[d] = entry{File: File{Name: d}, directory: true}
		}
	}
	entries := make([]entry, 0, len(all))
	for _, e := range all {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.Name, b.Name) })
	return entries, nil
}
