package clean

import (
	"io/fs"
	"os"
	"time"
)

// removeAll is patient: a process that is just dying may still make a file. A
// plugin may have left directories that their owner may not enter.
func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	for range 5 {
		if err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
		permit(dir)
		err = os.RemoveAll(dir)
	}
	return err
}

// permit lets us enter and change every directory below dir, and none elsewhere.
func permit(dir string) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return
	}
	defer root.Close()
	fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			root.Chmod(path, 0o700)
		}
		return nil // what can't be entered all the same is told by RemoveAll
	})
}
