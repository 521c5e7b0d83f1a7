package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	window      = 200 // commits whose subjects are counted
	longSubject = 72  // characters
)

// repo is a checkout, by its directory.
type repo string

// git runs a git command and returns its output.
func (r repo) git(args ...string) (string, error) {
	c := exec.Command("git", args...)
	c.Dir = string(r)
	out, err := c.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
	}
	return string(out), nil
}

// scan reads the repository's .md and .go files, those included that git does
// not ignore and does not track yet. Hits come in the order of file names.
func (r repo) scan(phrases []phrase) (hits []hit, err error) {
	list, err := r.git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.md", "*.go")
	if err != nil {
		return nil, err
	}
	files := strings.FieldsFunc(list, func(c rune) bool { return c == 0 })
	slices.Sort(files)
	for _, file := range slices.Compact(files) {
		text, err := os.ReadFile(filepath.Join(string(r), file))
		if errors.Is(err, fs.ErrNotExist) { // deleted, and not yet committed
			continue
		}
		if err != nil {
			return nil, err
		}
		hits = append(hits, scan(file, string(text), phrases)...)
	}
	return hits, nil
}

// subjects returns the subjects of the commits since base or, without a base,
// of the last ones. all is false where a shallow clone has fewer than those:
// what it has must not be compared with a count of all.
func (r repo) subjects(base string) (list []string, all bool, err error) {
	rev := "HEAD"
	if base != "" {
		rev = base + "..HEAD"
	}
	args := []string{"log", "--format=%s", rev, "--"}
	if base == "" {
		args = slices.Insert(args, 1, fmt.Sprintf("-n%d", window))
	}
	out, err := r.git(args...)
	if err != nil {
		return nil, false, err
	}
	list = strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if out == "" {
		list = nil
	}
	if base != "" || len(list) == window {
		return list, true, nil
	}
	shallow, err := r.git("rev-parse", "--is-shallow-repository")
	return list, strings.TrimSpace(shallow) == "false", err
}

// tooLong returns the subjects that are longer than they may be.
func tooLong(list []string) (long []string) {
	for _, s := range list {
		if utf8.RuneCountInString(s) > longSubject {
			long = append(long, s)
		}
	}
	return long
}
