package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/hrhost/hrhost/release/archive"
)

// packer makes bundles and writes them as archives.
type packer struct {
	out    *os.Root
	traces []string // of the machine, which no bundle may hold
}

// record makes a case's bundle, and those broken from it, and writes each as an
// archive.
func (p packer) record(c bundleCase) error {
	start := time.Now()
	dir, err := c.make()
	if err != nil {
		return err
	}
	files, err := p.load(dir)
	if err != nil {
		return err
	}
	name := filepath.Base(dir)
	if err := p.write(c.name, name, files); err != nil {
		return err
	}
	for _, b := range c.broken {
		changed, err := b.apply(files)
		if err != nil {
			return fmt.Errorf("breaking it by %s: %w", b.name, err)
		}
		if err := p.write("broken-"+b.name, name, changed); err != nil {
			return err
		}
	}
	fmt.Printf("%-12s  %d files, %.1f s\n", c.name, len(files), time.Since(start).Seconds())
	return nil
}

// load reads every file of a bundle and refuses one that holds a trace of the
// machine.
func (p packer) load(dir string) ([]archive.File, error) {
	var files []archive.File
	below := os.DirFS(dir)
	err := fs.WalkDir(below, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(below, name)
		if err != nil {
			return err
		}
		for _, trace := range p.traces {
			if bytes.Contains(data, []byte(trace)) {
				return fmt.Errorf("%s holds %s, a trace of this machine", name, trace)
			}
		}
		files = append(files, archive.File{Name: name, Data: data})
		return nil
	})
	return files, err
}

// write packs the files below dir. Equal files make equal archives.
func (p packer) write(name, dir string, files []archive.File) error {
	var b bytes.Buffer
	if err := archive.Write(&b, dir, time.Unix(0, 0), files); err != nil {
		return err
	}
	return p.out.WriteFile(name+".tar.gz", b.Bytes(), 0o644)
}
