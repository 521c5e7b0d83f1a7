package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/host/verify"
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

// TestInterruptedVerification: a signal while the bundle is verified ends the run at
// once, and the error names the bundle, which is whole.
func TestInterruptedVerification(t *testing.T) {
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Load(write(t, "sysctl", "(allow default)", `sweep = { op = "sysctl-read", match = "kernel.os*" }`), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	forever := make(chan struct{})
	defer close(forever)
	check := func(string) (verify.Report, error) {
		stop()
		select {
		case <-forever:
		case <-time.After(10 * time.Second): // so that the test fails where Run waits for the verification
		}
		return verify.Report{}, nil
	}
	out := t.TempDir()
	res, err := Run(ctx, Options{
		Plan: p, Out: out, Bin: bin, TempDir: "/tmp", Channel: "direct", Point: tampered(nil), Version: "test", Watch: &told{}, check: check,
	})
	var unverified *Unverified
	if !errors.As(err, &unverified) || !errors.Is(err, context.Canceled) {
		t.Fatalf("%+v, %v", res, err)
	}
	if latest, err := filepath.EvalSymlinks(filepath.Join(out, "LATEST")); err != nil || filepath.Base(latest) != filepath.Base(unverified.Dir) {
		t.Errorf("LATEST is %s (%v), the error names %s", latest, err, unverified.Dir)
	}
	if rep, err := verify.Bundle(unverified.Dir); err != nil || !rep.Valid {
		t.Errorf("the bundle is not whole: %+v, %v", rep.Findings, err)
	}
}

// TestVerified: a verification that came to its end counts, whatever it found.
func TestVerified(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name  string
		check func(string) (verify.Report, error)
		valid bool
		want  string
	}{
		{"valid", func(string) (verify.Report, error) { return verify.Report{Valid: true}, nil }, true, ""},
		{"fails", func(string) (verify.Report, error) { return verify.Report{}, broken }, false, "verifying the bundle: broken"},
		{"panics", func(string) (verify.Report, error) { panic(sunk) }, false, "verifying the bundle: "},
	} {
		rep, err := verified(t.Context(), "dir", c.check)
		if rep.Valid != c.valid || (err != nil) != (c.want != "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v", c.name, rep, err)
		}
	}
}
