// Command hrhost-release makes a release from the checkout that it is run in:
// see `make dist`.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hrhost/hrhost/release"
)

func main() {
	out := flag.String("out", "dist", "directory for the archives")
	version := flag.String("version", "", "the release's version (default: what git describe says)")
	only := flag.String("target", "", "one target, as linux/amd64 (default: all)")
	flag.Parse()
	if err := run(*out, *version, *only, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "hrhost-release: error:", err)
		os.Exit(1)
	}
}

func run(out, version, only string, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unexpected argument %q", args[0])
	}
	targets := release.Targets
	if only != "" {
		targets = slices.DeleteFunc(slices.Clone(targets), func(t release.Target) bool { return t.String() != only })
		if len(targets) == 0 {
			return fmt.Errorf("no target %q among %v", only, release.Targets)
		}
	}
	when, err := sourceTime()
	if err != nil {
		return err
	}
	if version == "" {
		if version, err = git("describe", "--tags", "--always", "--dirty", "--match", "v[0-9]*"); err != nil {
			return fmt.Errorf("finding the version: %w; give it with -version", err)
		}
	}
	return release.Make(release.Options{
		Root: ".", Out: out, Version: strings.TrimPrefix(version, "v"), Time: when, Targets: targets,
		Log: func(format string, args ...any) { fmt.Printf(format+"\n", args...) },
	})
}

// sourceTime is SOURCE_DATE_EPOCH, else the commit's time.
func sourceTime() (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		var err error
		if text, err = git("log", "-1", "--format=%ct"); err != nil {
			return time.Time{}, fmt.Errorf("finding the commit's time: %w; set SOURCE_DATE_EPOCH", err)
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("the commit's time %q is no number of seconds", text)
	}
	return time.Unix(n, 0), nil
}

func git(args ...string) (string, error) {
	out, err := exec.Command("git", args...).Output()
	return strings.TrimSpace(string(out)), err
}
