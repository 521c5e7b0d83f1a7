package run

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

// BenchmarkRun reports the whole default run (preflight, buses, both lanes of
// five families, decisions, bundle and its verification) against two floors
// measured in the same run: bare starts of as many plugin programs, which only
// print their help, as many at a time as there are processors; and the same plan
// with a process for each probe.
func BenchmarkRun(b *testing.B) {
	if _, err := programs(); err != nil { // built before the clock runs
		b.Fatal(err)
	}
	isolated := rewritten(b, `isolation = "probe"`)
	var run, starts, perProbe time.Duration
	var processes, perProbeProcesses int
	for b.Loop() {
		n := timedRun(b, defaultPlan, &run)
		processes += n
		starts += bareStarts(b, n)
		perProbeProcesses += timedRun(b, isolated, &perProbe)
	}
	b.ReportMetric(float64(run)/float64(starts), "x-bare-starts")
	b.ReportMetric(float64(run)/float64(perProbe), "x-process-a-probe")
	b.ReportMetric(float64(processes)/float64(b.N), "processes")
	b.ReportMetric(float64(perProbeProcesses)/float64(b.N), "processes-isolated")
	b.ReportMetric(0, "ns/op")
}

// timedRun runs a plan, adds its time, and counts the sealed plugin processes.
func timedRun(b *testing.B, path string, total *time.Duration) int {
	start := time.Now()
	got := runPlan(b, path, nil)
	*total += time.Since(start)
	pids := map[int]bool{}
	for _, r := range runtimeRows(b, got.Dir) {
		pids[r.PID] = true
	}
	return len(pids)
}

// bareStarts is how long n starts of a plugin program take.
func bareStarts(b *testing.B, n int) time.Duration {
	bin, err := programs()
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	slots := make(chan struct{}, runtime.NumCPU())
	var all sync.WaitGroup
	for range n {
		slots <- struct{}{}
		all.Go(func() {
			if err := exec.Command(filepath.Join(bin, "hrhost-probe-sysctl")).Run(); err != nil {
				b.Error(err)
			}
			<-slots
		})
	}
	all.Wait()
	return time.Since(start)
}
