package bundle

import (
	"os"
	"path/filepath"
)

// Kind is what a directory holds the evidence of.
type Kind string

const (
	KindRun      Kind = "run"
	KindSelfTest Kind = "selftest" // of `hrhost selftest`: facts of a system, tried
)

// KindOf says what the directory that dir means (see [Resolve]) holds, by the
// documents that are there.
func KindOf(dir string) (Kind, error) {
	real, err := Resolve(dir)
	if err != nil {
		return "", err
	}
	if there(real, SelfTestJSON) && !there(real, RunManifest) {
		return KindSelfTest, nil
	}
	return KindRun, nil
}

func there(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return err == nil
}
