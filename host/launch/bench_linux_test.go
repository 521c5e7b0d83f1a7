package launch

import (
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// BenchmarkLaunch reports how many bare launches (fork, exec, exit of the same
// program) a contained one costs: its directory, the trampoline, the limits, the
// Landlock rules and the end of everything that it left. Both are measured in
// the same run, in turns.
func BenchmarkLaunch(b *testing.B) {
	l, err := shared()
	if err != nil {
		b.Fatal(err)
	}
	bin, err := Open("/proc/self/exe")
	if err != nil {
		b.Fatal(err)
	}
	defer bin.Close()
	args := []string{"plugin", "exit", "0"}
	var bare, contained time.Duration
	for b.Loop() {
		t0 := time.Now()
		if err := exec.Command("/proc/self/exe", args...).Run(); err != nil {
			b.Fatal(err)
		}
		t1 := time.Now()
		launchOnce(b, l, bin, args)
		bare, contained = bare+t1.Sub(t0), contained+time.Since(t1)
	}
	b.ReportMetric(float64(contained)/float64(bare), "x-bare-launch")
	b.ReportMetric(0, "ns/op") // two launches and their clean-up: no figure of its own
}

func launchOnce(b *testing.B, l *Launcher, bin *Binary, args []string) {
	d, err := NewDir(os.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer d.Remove()
	p, err := l.Start(Spec{Name: "bench", Binary: bin, Args: args, Dir: d, Sealed: true, Log: io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	if e := p.Wait(); e.Code != 0 {
		b.Fatalf("exit %+v", e)
	}
}
