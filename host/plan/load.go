package plan

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Options choose what of a plan is run, and how its names are read.
type Options struct {
	OS      string // macos or linux; "" is the system we run on
	Release string // release of the operation tables; "" is the newest

	// Filters; an empty one lets everything through. A probe is named by its id
	// or as profile:id.
	Families []string
	Profiles []string
	Probes   []string

	Ran       bool // the plan was run once: names and targets that are only too long are no problem
	AsWritten bool // targets keep their spelling, as in plans that were run before it was chosen

	ReadFile func(path string) ([]byte, error) // reads the plan and what it names; nil = from the file system
}

// maxFile bounds a plan and each file that it names.
const maxFile = 4 << 20

// Load reads the plan at path and every file that it names. Everything wrong
// with it is in the error, an [ErrorList], unless the file itself can't be read.
func Load(path string, opts Options) (*Plan, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("reading plan %q: %w", path, err)
	}
	read := readFile
	if opts.ReadFile != nil {
		read = opts.ReadFile
	}
	src, err := read(abs)
	if err != nil {
		return nil, fmt.Errorf("reading plan %q: %w", path, cause(err))
	}
	return parse(&document{file: path}, abs, src, read, opts)
}

// Parse is Load without a file system: read returns the files that the plan
// names, by path. A relative name makes relative paths.
func Parse(name string, src []byte, read func(string) ([]byte, error), opts Options) (*Plan, error) {
	return parse(&document{file: name}, name, src, read, opts)
}

// DefaultName is what problems call a plan that LoadFS reads: it is no file that
// a person could open.
const DefaultName = "default plan"

// LoadFS is Load for a plan in fsys, the one that is embedded in the program.
// The plan has no path of its own, its profiles keep the names that they have in
// fsys, and out is relative to the working directory.
func LoadFS(fsys fs.FS, name string, opts Options) (*Plan, error) {
	read := func(path string) ([]byte, error) { return fs.ReadFile(fsys, path) }
	src, err := read(name)
	if err != nil {
		return nil, fmt.Errorf("reading the %s: %w", DefaultName, err)
	}
	p, err := parse(&document{file: DefaultName}, name, src, read, opts)
	if err != nil {
		return nil, err
	}
	if p.Run.Out, err = filepath.Abs(p.Run.Out); err != nil {
		return nil, fmt.Errorf("reading the %s: %w", DefaultName, err)
	}
	p.Path = ""
	return p, nil
}

// ReadFile reads a regular file of up to 4 MiB, as Load does. A pipe or a device is
// never opened for reading, and nothing is read beyond the limit, whatever size the
// file says it has.
func ReadFile(path string) ([]byte, error) { return readFile(path) }

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := readable(info); err != nil { // opening a device may do something
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may be a pipe by now
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if err := readable(info); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("it has more than the %d bytes that are read", maxFile)
	}
	return text, err
}

// readable reports why a file is not read.
func readable(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return errors.New("it is a directory, not a file")
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	case info.Size() > maxFile:
		return fmt.Errorf("it has %d bytes, and at most %d are read", info.Size(), maxFile)
	}
	return nil
}

// cause strips the path from an error that the caller names anyway.
func cause(err error) error {
	if pe, ok := err.(*os.PathError); ok {
		return pe.Err
	}
	return err
}

// hostOS is the plan's word for the system we run on.
func hostOS() string {
	if runtime.GOOS == "darwin" {
		return MacOS
	}
	return Linux
}
