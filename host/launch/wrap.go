//go:build linux || darwin

package launch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// The variables of a wrapper's command.
const (
	VarPlugin    = "{plugin}"     // a read-only copy of the plugin
	VarSocketDir = "{socket_dir}" // where the one connection to the host is made
)

// wrapperPath is where a command without a slash is looked for.
var wrapperPath = []string{"/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"}

func fillIn(command []string, vars map[string]string) []string {
	argv := make([]string, len(command))
	for i, word := range command {
		for name, value := range vars {
			word = strings.ReplaceAll(word, name, value)
		}
		argv[i] = word
	}
	return argv
}

func findWrapper(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, dir := range wrapperPath {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("no command %q in %s", name, strings.Join(wrapperPath, ", "))
}

// copyTo writes the hashed bytes to a file that nobody may change.
func (b *Binary) copyTo(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o500)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, io.NewSectionReader(b.file, 0, b.Size))
	return errors.Join(err, f.Close())
}
