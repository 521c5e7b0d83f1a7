package run

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
)

// oneShot, in the environment of the test binary, is a parameter's path: it
// reads that and exits. It stands in for sysctl(8) where there is none.
const oneShot = "HRHOST_TEST_ONE_SHOT"

func init() {
	if path := os.Getenv(oneShot); path != "" {
		f, err := os.Open(path)
		if err == nil {
			io.Copy(os.Stdout, f)
		}
		os.Exit(0)
	}
}

// strictSweep allows part of the parameters by three kinds of filter.
const strictSweep = `(deny default)
(allow sysctl-read (sysctl-name "kernel.hostname"))
(allow sysctl-read (sysctl-name-prefix "net.ipv4."))
(allow sysctl-read (sysctl-name-regex #"^vm\.[a-m]"))`

// BenchmarkSweep sweeps all parameters of this machine under a strict profile,
// and in the same run starts one process a target that reads it with no
// sandbox: the floor that a sweep is held against. Launches are apart.
func BenchmarkSweep(b *testing.B) {
	bin, err := programs()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	for name, text := range map[string]string{
		"p.sb":      "(version 1)" + strictSweep,
		"plan.toml": "schema = 1\nid = \"bench\"\n[[profile]]\nid = \"p\"\nfamily = \"sysctl\"\nsource = \"p.sb\"\nsweep = { op = \"sysctl-read\" }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	p, err := plan.Load(filepath.Join(dir, "plan.toml"), plan.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var swept, alone, whole time.Duration
	var last bundle.SweepResult
	targets, processes := 0, 0
	for b.Loop() {
		begun := time.Now()
		res, err := Run(b.Context(), Options{Plan: p, Shown: "p", Out: filepath.Join(dir, "out"), Bin: bin, TempDir: "/tmp", Channel: "direct", Version: "bench", Watch: &watcher{}, Point: tampered(nil)})
		if err != nil || res.Exit != ExitOK {
			b.Fatalf("%v, %+v", err, res)
		}
		whole += time.Since(begun)
		last = res.Sweeps[0]
		targets += last.Targets
		swept += time.Duration(last.SealedUS) * time.Microsecond
		n, took := processEach(b, res.Dir)
		processes, alone = processes+n, alone+took
	}
	perTarget, perProcess := swept/time.Duration(targets), alone/time.Duration(processes)
	b.ReportMetric(float64(last.Targets), "targets")
	b.ReportMetric(float64(last.PerSecond), "sealed/s")
	b.ReportMetric(float64(time.Second)/float64(perProcess), "processes/s")
	b.ReportMetric(float64(perProcess)/float64(perTarget), "x-processes")
	b.ReportMetric(float64(perProcess)*float64(targets)/float64(whole), "x-processes-whole-run")
	b.ReportMetric(float64(last.LaunchUS)/1e3, "ms-launch")
	b.ReportMetric(float64(last.HostPeak)/1e6, "MB-host")
	b.ReportMetric(float64(last.PluginPeak)/1e6, "MB-plugin")
	b.ReportMetric(0, "ns/op")
}

// processEach starts one process for each target of a sweep.
func processEach(b *testing.B, dir string) (n int, took time.Duration) {
	b.Helper()
	tool, err := exec.LookPath("sysctl")
	self, _ := os.Executable()
	begun := time.Now()
	readErr := bundle.ReadRows(dir, bundle.BaselineResults, func(row lane.BaselineRow) error {
		n++
		argv, env := []string{tool, "-n", row.Filter.Value}, []string(nil)
		if err != nil {
			argv, env = []string{self}, []string{oneShot + "=" + row.Path.Requested}
		}
		null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer null.Close()
		pid, err := syscall.ForkExec(argv[0], argv, &syscall.ProcAttr{Env: env, Files: []uintptr{null.Fd(), null.Fd(), null.Fd()}})
		if err != nil {
			return err
		}
		_, err = syscall.Wait4(pid, nil, 0, nil)
		return err
	})
	if readErr != nil {
		b.Fatal(readErr)
	}
	return n, time.Since(begun)
}
