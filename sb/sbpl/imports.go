package sbpl

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/hrhost/hrhost/sb/sbpl/scheme"
)

// maxImport bounds a file of the import closure.
const maxImport = 4 << 20

// lookup is what looking for a file counts, in steps.
const lookup = 1000

// importFile is (import "name"): the first file of the search path, evaluated
// here and now, as often as it is imported. Only files below the declared roots
// are read.
func importFile(k *scheme.Call) (scheme.Value, error) {
	c := host(k)
	name, err := fileName(k)
	if err != nil {
		return nil, err
	}
	path, text, err := c.find(name)
	if err != nil {
		c.deaf = true
		return nil, k.Errorf("unable to open %q: %s", name, err)
	}
	if slices.Contains(c.loading, path) {
		return nil, &scheme.Error{Pos: k.Pos, Limit: true, Msg: "import cycle: " + strings.Join(append(c.loading, path), " imports ")}
	}
	c.loading = append(c.loading, path)
	defer func() { c.loading = c.loading[:len(c.loading)-1] }()
	c.took(path, text)
	return scheme.Unspecified, c.load(path, text)
}

// fileName is the argument of a procedure that looks for a file.
func fileName(k *scheme.Call) (string, error) {
	name, err := k.Str(0)
	if err == nil {
		err = k.M.Work(k.Pos, lookup)
	}
	return name, err
}

// took notes a file that the profile depends on.
func (c *compiler) took(path string, text []byte) {
	if c.sources[path] == nil {
		sum := sha256.Sum256(text)
		c.imports = append(c.imports, Import{Path: path, SHA256: hex.EncodeToString(sum[:])})
	}
	c.sources[path] = text
}

// openInputFile is #f for what cannot be opened.
func openInputFile(k *scheme.Call) (scheme.Value, error) {
	c := host(k)
	name, err := fileName(k)
	if err != nil {
		return nil, err
	}
	path, text, err := c.find(name)
	if err != nil {
		return false, nil
	}
	c.took(path, text) // what is read may decide what the profile says
	return scheme.NewPort(path, string(text)), c.machine.Alloc(k.Pos, len(text))
}

// find reads a file: an absolute path, or a name below the directory that the
// parameter IMPORT_DIR names, or below a root.
func (c *compiler) find(name string) (string, []byte, error) {
	roots := c.options.ImportRoots
	if len(roots) == 0 {
		return "", nil, errors.New("no import directories were declared")
	}
	dirs := roots
	if d := c.options.Params["IMPORT_DIR"]; d != "" {
		dirs = []string{d}
	}
	if filepath.IsAbs(name) {
		dirs = []string{"/"}
	}
	err := error(fs.ErrNotExist)
	for _, dir := range dirs {
		path := filepath.Join(dir, name)
		i := slices.IndexFunc(roots, func(root string) bool { return within(root, path) })
		if i < 0 {
			err = fmt.Errorf("%s lies outside of the import directories", path)
			continue
		}
		text, rerr := c.read(roots[i], path)
		if rerr == nil {
			return path, text, nil
		}
		if !errors.Is(rerr, fs.ErrNotExist) {
			err = rerr
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("it is not in %s", strings.Join(dirs, ", "))
	}
	return "", nil, err
}

// within reports that a path lies below a root.
func within(root, path string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

// read reads a regular file below a root, to which no symbolic link leads out.
func (c *compiler) read(root, path string) ([]byte, error) {
	if c.options.ReadFile != nil {
		text, err := c.options.ReadFile(path)
		if err == nil && len(text) > maxImport {
			err = fmt.Errorf("it is longer than %d bytes", maxImport)
		}
		return text, err
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return nil, err
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if info, err := r.Stat(rel); err != nil {
		return nil, err
	} else if err := regular(info); err != nil { // opening a device may do something
		return nil, err
	}
	f, err := r.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may be a pipe by now
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if err := regular(info); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxImport+1))
	if err == nil && len(text) > maxImport {
		err = fmt.Errorf("it is longer than %d bytes", maxImport)
	}
	return text, err
}

func regular(info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	return nil
}
