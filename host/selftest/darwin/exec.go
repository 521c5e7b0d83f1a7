//go:build darwin || linux

package darwin

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// replace executes a program in this process's place.
func replace(path string, args []string) error {
	return unix.Exec(path, append([]string{path}, args[1:]...), os.Environ())
}

// quote is a string of the profile language.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
