// Command generate writes the two lists of families, see package plugins. It runs in
// the directory plugins.
package main

import (
	"fmt"
	"os"
	"os/exec"

	"github.com/hrhost/hrhost/plugins/internal/source"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// generate writes the imports of the Specs first. The second list comes from a program
// that is built with them.
func generate() error {
	names, err := source.Directories(".")
	if err != nil {
		return err
	}
	text, err := source.SpecsOf(names)
	if err != nil {
		return err
	}
	if err := os.WriteFile("../"+source.Specs, text, 0o644); err != nil {
		return err
	}
	cmd := exec.Command("go", "run", "./internal/tables/print", "families")
	cmd.Stderr = os.Stderr
	if text, err = cmd.Output(); err != nil {
		return fmt.Errorf("listing the families of %s: %w", source.Specs, err)
	}
	return os.WriteFile("../"+source.List, text, 0o644)
}
