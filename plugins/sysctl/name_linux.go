package sysctl

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// root is where Linux keeps its parameters.
const root = "/proc/sys/"

// pathOf turns a name into a path. As with sysctl(8), the first separator says
// which of the two separates: in "net.ipv4.conf.eth0/100.forwarding" dots do,
// and the slash stands for a component's own dot; in
// "net/ipv4/conf/eth0.100/forwarding" slashes do.
func pathOf(name string) (string, error) {
	relative := name
	if i := strings.IndexAny(name, "./"); i >= 0 && name[i] == '.' {
		relative = swap(name)
	}
	if err := checkPath(name, relative); err != nil {
		return "", fmt.Errorf("reading parameter name %q: %w", name, err)
	}
	return root + relative, nil
}

// nameOf is the dotted name of a path, the form that profiles are written in.
func nameOf(path string) string { return swap(strings.TrimPrefix(path, root)) }

// swap exchanges dots and slashes.
func swap(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '.':
			return '/'
		case '/':
			return '.'
		}
		return r
	}, s)
}

// checkPath refuses what would name something other than one parameter.
func checkPath(name, relative string) error {
	if strings.IndexByte(relative, 0) >= 0 {
		return errors.New("it has a NUL byte")
	}
	if !utf8.ValidString(name) {
		return errors.New("it is not UTF-8")
	}
	for component := range strings.SplitSeq(relative, "/") {
		if component == "" || component == "." || component == ".." {
			return fmt.Errorf("component %q", component)
		}
	}
	return nil
}
