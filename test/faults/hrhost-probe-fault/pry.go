//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// others are the names of what is not this plugin's: private directories of the
// run, its bundle and earlier ones. The test writes them to a file beside the
// programs, since the plugin itself can't list them, but might guess.
func others(own string) (paths []string) {
	b, _ := os.ReadFile(filepath.Join(filepath.Dir(os.Args[0]), "known"))
	for _, path := range strings.Fields(string(b)) {
		if path != own && !strings.HasPrefix(path, own+"/") && !strings.HasPrefix(own, path+"/") {
			paths = append(paths, path)
		}
	}
	return paths
}

// pry tries to get at the contents of a file, or at the names in a directory, in
// every way that there is, and says when it could.
func pry(path, scratch string) {
	ways := []string{path, "/proc/self/root" + path, scratch + strings.Repeat("/..", 9) + path}
	link := filepath.Join(scratch, "link")
	if os.Symlink(path, link) == nil {
		ways = append(ways, link)
		defer os.Remove(link)
	}
	if fd, err := unix.Open(path, unix.O_PATH, 0); err == nil {
		ways = append(ways, fmt.Sprintf("/proc/self/fd/%d", fd))
		defer unix.Close(fd)
	}
	for _, way := range ways {
		if fd, err := unix.Open(way, unix.O_RDONLY|unix.O_NONBLOCK, 0); err == nil {
			unix.Close(fd)
			complain("TRESPASSED: read %s as %s", path, way)
		}
	}
	stolen := filepath.Join(scratch, "stolen")
	for name, take := range map[string]func(string, string) error{"link": os.Link, "rename": os.Rename} {
		if take(path, stolen) == nil {
			complain("TRESPASSED: %s of %s", name, path)
			os.Rename(stolen, path)
		}
	}
	if strings.HasSuffix(path, ".run") {
		c := exec.Command(path)
		c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stderr, os.Stderr
		if c.Run() == nil {
			complain("TRESPASSED: ran %s", path)
		}
	}
}

// kind is what a path belongs to.
func kind(path string) string {
	for _, k := range []string{"earlier.partial", "earlier", ".partial", "hr.planted/scratch", "hr.planted/s", "/t/hr."} {
		if strings.Contains(path, k) {
			return k
		}
	}
	return "tops"
}
