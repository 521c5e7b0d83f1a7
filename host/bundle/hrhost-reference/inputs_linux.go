package main

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hrhost/hrhost"
)

//go:embed inputs
var inputs embed.FS

// writeInputs puts plans and profiles into dir: those of this program, the
// profiles of the default plan, and the example of a wrapper from the checkout. The
// default plan itself is left out: hrhost runs the one that it was built with.
func writeInputs(dir, checkout string) error {
	own, err := fs.Sub(inputs, "inputs")
	if err != nil {
		return err
	}
	profiles, err := fs.Sub(hrhost.DefaultPlan, "sb")
	if err != nil {
		return err
	}
	wrap := os.DirFS(filepath.Join(checkout, "examples", "wrap"))
	for _, in := range []struct {
		to   string
		from fs.FS
	}{{".", own}, {"sb", profiles}, {"wrap", wrap}} {
		if err := os.CopyFS(filepath.Join(dir, in.to), in.from); err != nil {
			return err
		}
	}
	return nil
}
