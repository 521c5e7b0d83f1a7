package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/enforce/linux"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// TestMemoryDoesNotGrow runs batch after batch of one profile and weighs what
// the host still holds at the end of each.
func TestMemoryDoesNotGrow(t *testing.T) {
	const probes, repeat = 8, 700 // two probes in a process
	var b strings.Builder
	fmt.Fprintf(&b, "schema = 1\nid = \"many\"\n[[profile]]\nid = \"p\"\nfamily = \"sysctl\"\nsource = \"strict.sb\"\nrepeat = %d\nprobes = [\n", repeat)
	for i := range probes {
		fmt.Fprintf(&b, "  { id = \"n%d\", op = \"sysctl-read\", target = \"kernel.ostype\", expect = \"allow\" },\n", i)
	}
	b.WriteString("]\n")
	var held []uint64
	f := runHere(t, b.String(), &setup{line: func(run.Line) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		held = append(held, m.HeapAlloc)
	}})
	f.sealedHere()
	f.whole(probes * repeat)
	t.Logf("bytes held after each probe of %d attempts: %d", repeat, held)
	// What is under way beside it moves single readings.
	first, last := slices.Max(held[:probes/2]), slices.Min(held[probes/2:])
	if last > first+512<<10 {
		t.Errorf("the host holds at most %d bytes after the first two processes and at least %d after the others", first, last)
	}
}

// TestNothingLeaks launches plugins that do well and plugins that fail, and
// counts descriptors and goroutines.
func TestNothingLeaks(t *testing.T) {
	l, err := launch.NewLauncher(filepath.Join(bin(t), "hrhost-trampoline"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	policy, err := sbpl.Compile([]byte(strict), sbpl.Options{Name: "strict.sb"})
	if err != nil {
		t.Fatal(err)
	}
	h := &probing.Host{Launcher: l, TempDir: tempDir(t), Version: "test", Deadlines: probing.Deadlines{Start: patience}}
	h.Point = linux.New(point.Config{Launcher: l, TempDir: h.TempDir})
	var binaries []*launch.Binary
	for _, name := range []string{"slow", "segv", "garbage", "liar", "grandchild"} {
		path := filepath.Join(h.TempDir, "hrhost-probe-"+name)
		if err := os.Symlink(filepath.Join(bin(t), "hrhost-probe-fault"), path); err != nil {
			t.Fatal(err)
		}
		b, err := launch.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		binaries = append(binaries, b)
	}
	launchAll := func(times int) {
		for range times {
			for _, b := range binaries {
				family := strings.TrimPrefix(filepath.Base(b.Path), "hrhost-probe-")
				r := h.Run(t.Context(), probing.Job{
					Name: family, Family: family, Binary: b, Policy: policy, Timeout: patience,
					Items: []wire.RunItem{{ID: "p:n", Operation: "sysctl-read", FilterName: "sysctl-name", Target: "kernel.version", Arm: terms.After, Attempt: 1}},
				})
				if family == "slow" && r.Completed == nil {
					t.Fatalf("the plugin without a fault failed at %q: %v", r.Failed, r.Err)
				}
			}
		}
	}
	launchAll(1)
	files, routines := steady()
	launchAll(3)
	moreFiles, moreRoutines := steady()
	for end := time.Now().Add(patience); (moreFiles > files || moreRoutines > routines) && time.Now().Before(end); {
		moreFiles, moreRoutines = steady()
	}
	t.Logf("after 5 launches %d descriptors and %d goroutines, after 20 %d and %d", files, routines, moreFiles, moreRoutines)
	if moreFiles > files || moreRoutines > routines {
		buf := make([]byte, 1<<20)
		t.Errorf("leaked:\n%s", buf[:runtime.Stack(buf, true)])
	}
}

// steady waits for what ends by itself, until nothing has ended for a while.
func steady() (files, routines int) {
	for calm := 0; calm < 5; calm++ {
		runtime.GC() // files that nobody holds are closed
		time.Sleep(20 * time.Millisecond)
		if f, r := openFiles(), runtime.NumGoroutine(); f != files || r != routines {
			files, routines, calm = f, r, 0
		}
	}
	return files, routines
}

func openFiles() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}
