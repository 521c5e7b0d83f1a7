package sbpl

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/sb/sbpl/scheme"
)

// maxImport bounds a file of the import closure.
const maxImport = 4 << 20

// importFile is (import "name"): the first file of the search path, evaluated
// here and now, as often as it is imported. Only files below the declared roots
// are read.
func (c *compiler) importFile(k *scheme.Call) (scheme.Value, error) {
	name, err := k.Str(0)
	if err != nil {
		return nil, err
	}
	if len(c.options.ImportRoots) == 0 {
		return nil, k.Errorf("cannot import %q: no import directories were declared", name)
	}
	path, text, err := c.find(name)
	if err != nil {
		return nil, k.Errorf("unable to open %s: %s", name, err)
	}
	if slices.Contains(c.loading, path) {
		return nil, k.Errorf("import cycle: %s", strings.Join(append(c.loading, path), " imports "))
	}
	c.loading = append(c.loading, path)
	defer func() { c.loading = c.loading[:len(c.loading)-1] }()
	if c.sources[path] == nil {
		sum := sha256.Sum256(text)
		c.imports = append(c.imports, Import{Path: path, SHA256: hex.EncodeToString(sum[:])})
	}
	c.sources[path] = text
	return scheme.Unspecified, c.load(path, text)
}

func (c *compiler) find(name string) (string, []byte, error) {
	read := c.options.ReadFile
	if read == nil {
		read = os.ReadFile
	}
	err := error(os.ErrNotExist)
	for _, root := range c.options.ImportRoots {
		path := filepath.Join(root, name)
		if filepath.IsAbs(name) {
			path = filepath.Clean(name)
		}
		if rel, rerr := filepath.Rel(root, path); rerr != nil || rel == ".." || strings.HasPrefix(rel, "../") {
			continue
		}
		text, rerr := read(path)
		if rerr == nil && len(text) <= maxImport {
			return path, text, nil
		}
		if rerr != nil {
			err = rerr
		}
	}
	return "", nil, err
}
