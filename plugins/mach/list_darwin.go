package mach

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"howett.net/plist"
)

// jobDirectories hold the jobs that launchd knows without being told (launchd(8),
// FILES). Everybody may read the first four.
var jobDirectories = []string{
	"/System/Library/LaunchDaemons", "/System/Library/LaunchAgents",
	"/Library/LaunchDaemons", "/Library/LaunchAgents", "~/Library/LaunchAgents",
}

// maxJob bounds a job's file.
const maxJob = 1 << 20

// listed passes the names in the MachServices of every job on disk to yield,
// each once (launchd.plist(5)). It is what can be had without privileges: names
// of services that processes, XPC bundles or jobs submitted by hand registered
// are not among them, and launchd lists them to root alone. A file that cannot be
// read is left out.
func listed(yield func(string) error) error {
	names := map[string]bool{}
	for _, dir := range jobDirectories {
		if rest, ok := cutHome(dir); ok {
			home, err := os.UserHomeDir()
			if err != nil {
				continue
			}
			dir = filepath.Join(home, rest)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*.plist"))
		for _, file := range files {
			for _, name := range servicesOf(file) {
				names[name] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if err := yield(name); err != nil {
			return err
		}
	}
	return nil
}

func cutHome(dir string) (string, bool) {
	if dir[0] != '~' {
		return "", false
	}
	return dir[1:], true
}

// servicesOf are the names that one job's file declares.
func servicesOf(file string) []string {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxJob {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	var job struct{ MachServices map[string]any }
	if _, err := plist.Unmarshal(text, &job); err != nil {
		return nil
	}
	return slices.Collect(maps.Keys(job.MachServices))
}
