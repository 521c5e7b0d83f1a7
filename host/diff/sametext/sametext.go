// Package sametext compares two bundles as text: every file, byte for byte, apart
// from the values in [Masks], which cannot be the same in two runs. It is for tests
// of the promise that a run's documents are in the order of the plan and hold
// nothing else by accident; [github.com/hrhost/hrhost/host/diff] compares evidence.
package sametext

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Mask is a value, or a part of one, that differs between two runs.
type Mask struct {
	Document string         // a pattern of [path.Match]
	Path     string         // of a JSON value: "results[].pid"; "**.pid" at any depth; "" for a page of text
	Part     *regexp.Regexp // the masked part of the value, all of it when nil
	Why      string
}

// masked replaces a masked value.
const masked = "~"

// Bundle is a bundle's files, masked, by their paths. Hits lists for each mask the
// values that it replaced.
type Bundle struct {
	Files map[string][]byte
	Hits  [][]string
}

// Read reads the bundle in dir and masks it. Tests wrote the bundle themselves, so
// Read reads files whole.
func Read(dir string, masks []Mask) (*Bundle, error) {
	b := &Bundle{Files: map[string][]byte{}, Hits: make([][]string, len(masks))}
	err := filepath.WalkDir(dir, func(full string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, full)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(full)
		if err == nil {
			b.Files[filepath.ToSlash(rel)], err = b.mask(filepath.ToSlash(rel), text, masks)
		}
		return err
	})
	return b, err
}

// Differences are the lines that two bundles do not share, at most ten of a file.
func Differences(a, b *Bundle) (out []string) {
	names := map[string]bool{}
	for _, files := range []map[string][]byte{a.Files, b.Files} {
		for name := range files {
			names[name] = true
		}
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		x, there := a.Files[name]
		y, too := b.Files[name]
		switch {
		case !there || !too:
			out = append(out, name+": in one of the bundles only")
		case !bytes.Equal(x, y):
			out = append(out, lineByLine(name, x, y)...)
		}
	}
	return out
}

func lineByLine(name string, x, y []byte) (out []string) {
	const most = 10
	a, b := strings.Split(string(x), "\n"), strings.Split(string(y), "\n")
	if len(a) != len(b) {
		out = append(out, fmt.Sprintf("%s: %d and %d lines", name, len(a), len(b)))
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] && len(out) < most {
			out = append(out, fmt.Sprintf("%s:%d\n\t%s", name, i+1, around(a[i], b[i])))
		}
	}
	return out
}

// around shows where two lines part.
func around(a, b string) string {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	const before, after = 60, 60
	show := func(s string) string { return s[max(0, at-before):min(len(s), at+after)] }
	return show(a) + "\n\t" + show(b)
}

// mask returns a file's text with the values replaced that the masks name.
func (b *Bundle) mask(name string, text []byte, masks []Mask) ([]byte, error) {
	mine := make([]int, 0, len(masks))
	for i, m := range masks {
		if ok, _ := path.Match(m.Document, name); ok {
			mine = append(mine, i)
		}
	}
	json := strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".jsonl")
	var edits []edit
	if json {
		var err error
		if edits, err = leaves(text); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	} else {
		edits = []edit{{0, len(text), ""}}
	}
	var out bytes.Buffer
	done := 0
	for _, e := range edits {
		value := text[e.from:e.to]
		for _, i := range mine {
			if at(masks[i].Path, e.path) {
				value = b.part(i, masks[i].Part, value)
			}
		}
		out.Write(text[done:e.from])
		out.Write(value)
		done = e.to
	}
	out.Write(text[done:])
	return out.Bytes(), nil
}

// part masks one value.
func (b *Bundle) part(i int, part *regexp.Regexp, value []byte) []byte {
	if part == nil {
		b.Hits[i] = append(b.Hits[i], string(value))
		return []byte(masked)
	}
	return part.ReplaceAllFunc(value, func(found []byte) []byte {
		b.Hits[i] = append(b.Hits[i], string(found))
		return []byte(masked)
	})
}

// at reports that a mask's path names the value at p.
func at(mask, p string) bool {
	if tail, ok := strings.CutPrefix(mask, "**."); ok {
		return p == tail || strings.HasSuffix(p, "."+tail)
	}
	return p == mask
}

// edit is a JSON string, number, boolean or null, by its place in the text.
type edit struct {
	from, to int
	path     string
}

// leaves finds the values of one or more JSON values, one after the other.
func leaves(text []byte) (out []edit, err error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	for {
		if err := value(dec, text, "", &out); err == io.EOF {
			return out, nil
		} else if err != nil {
			return nil, err
		}
	}
}

// value reads one value.
func value(dec *json.Decoder, text []byte, at string, out *[]edit) error {
	from := int(dec.InputOffset())
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	d, ok := tok.(json.Delim)
	if !ok {
		from += len(text[from:]) - len(bytes.TrimLeft(text[from:], " \t\r\n,:"))
		*out = append(*out, edit{from, int(dec.InputOffset()), at})
		return nil
	}
	for dec.More() {
		inner := at + "[]"
		if d == '{' {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			inner = strings.TrimPrefix(at+"."+key.(string), ".")
		}
		if err := value(dec, text, inner, out); err != nil {
			return err
		}
	}
	_, err = dec.Token() // the closing one
	return err
}
