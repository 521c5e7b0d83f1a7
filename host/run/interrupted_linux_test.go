package run

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
)

// told keeps what is said of profiles.
type told struct {
	watcher
	profiles []ProfileDone
}

func (w *told) Profile(p ProfileDone) { w.profiles = append(w.profiles, p) }

// A plugin that ends because the run was interrupted is not said to have died,
// hung or failed.
func TestInterruptionBlamesNoPlugin(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"p.sb": "(version 1)\n(allow default)\n",
		"plan.toml": `schema = 1
id = "interrupted"
[[profile]]
id = "p"
family = "sysctl"
source = "p.sb"
probes = [ { id = "x", op = "sysctl-read", target = "kernel.ostype", expect = "allow" } ]
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Load(filepath.Join(dir, "plan.toml"), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	w, held := &told{}, false
	trace := &probing.Trace{Hold: func(context.Context, int) error {
		held = true
		stop()
		return ctx.Err()
	}}
	out := filepath.Join(dir, "out")
	res, err := Run(ctx, Options{Plan: p, Shown: "plan.toml", Out: out, Bin: bin, TempDir: "/tmp", Channel: "direct", Version: "test", Watch: w, Trace: trace, Point: tampered(nil)})
	if !held {
		needSeal(t, w.lines)
		t.Fatal("nothing was sealed")
	}
	if err == nil {
		t.Fatalf("the run came to an end: %+v", res)
	}
	if len(w.profiles) > 0 {
		t.Errorf("said of the plugin: %+v", w.profiles)
	}
	partial, _ := filepath.Glob(filepath.Join(out, "runs", "*.partial"))
	if len(partial) != 1 {
		t.Fatalf("partial directories: %q", partial)
	}
	var status bundle.RunStatus
	if err := bundle.ReadDocument(partial[0], bundle.RunStatusJSON, &status); err != nil || status.State != bundle.Interrupted {
		t.Errorf("%+v, %v", status, err)
	}
}
