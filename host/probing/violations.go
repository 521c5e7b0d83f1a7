package probing

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/english"
	"github.com/hrhost/hrhost/internal/wire"
)

// MaxScratch and MaxScratchFiles are how much a process may have below its
// private directory at one time.
const (
	MaxScratch      = 256 << 20 // bytes on disk
	MaxScratchFiles = 10_000
)

// scratchEvery is how often that is looked at. What a process can write in
// between is bounded by the disk's speed only.
const scratchEvery = 200 * time.Millisecond

// violations says what a process did that a plugin should not do, apart from what
// its attempts show. None of it changes a row. failed is what the process failed of:
// one that was found overfull needs no second sentence then. leaving says that it was
// told to leave, for which it had the limit.
func violations(
	p *launch.Process, e launch.Exit, overfull *wire.ProtocolError, leaving bool, limit time.Duration, failed error,
) (said []string) {
	tell := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	if overfull != nil && failed == nil {
		tell("%s, and was killed", overfull.What)
	} else if e.Killed && leaving {
		tell("the plugin did not leave within %s of being told to, and was killed", limit)
	}
	if n := p.Orphans(); n > 0 {
		tell("the plugin left %s behind in a session of its own, which was ended", english.Count(n, "process", "processes"))
	}
	if p.LogCut() {
		tell("the plugin wrote more than %d MiB to its log, the rest was dropped", launch.MaxLog>>20)
	}
	return said
}

// watchScratch ends a process that fills the disk, and says with what. It returns when
// the process has ended.
func watchScratch(root string, p *launch.Process, found *atomic.Pointer[wire.ProtocolError]) {
	tick := time.NewTicker(scratchEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.Done():
			return
		case <-tick.C:
		}
		if what := overfull(root, p.PID); what != "" {
			found.Store(&wire.ProtocolError{What: what})
			p.Kill()
			return
		}
	}
}

// overfull says what is too much below a process's directory, "" when nothing
// is. What cannot be looked at is too much: it could hold anything.
func overfull(root string, pid int) string {
	var bytes int64
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) {
				return nil // gone since it was listed
			}
			return err
		}
		files++
		if info, err := d.Info(); err == nil {
			bytes += onDisk(info)
		}
		if files > MaxScratchFiles || bytes > MaxScratch {
			return fs.SkipAll
		}
		return nil
	})
	bytes += unlinked(root, pid)
	switch {
	case err != nil:
		return fmt.Sprintf("the plugin's scratch directory cannot be looked at: %v", err)
	case files > MaxScratchFiles:
		return fmt.Sprintf("the plugin has more than %d files in its scratch directory", MaxScratchFiles)
	case bytes > MaxScratch:
		return fmt.Sprintf("the plugin has more than %d MiB in its scratch directory", MaxScratch>>20)
	}
	return ""
}

func onDisk(info fs.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Blocks * 512
	}
	return info.Size()
}

// unlinked counts what a process has open on the disk of root without a name.
func unlinked(root string, pid int) (bytes int64) {
	at, err := os.Stat(root)
	if err != nil {
		return 0
	}
	home, _ := at.Sys().(*syscall.Stat_t)
	dir := "/proc/" + strconv.Itoa(pid) + "/fd"
	entries, _ := os.ReadDir(dir) // none outside of Linux
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok && home != nil && st.Nlink == 0 && st.Dev == home.Dev {
			bytes += st.Blocks * 512
		}
	}
	return bytes
}
