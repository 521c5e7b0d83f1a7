package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
)

// byHand starts the plugin as a person would: nothing in its environment, and
// nothing to read.
func byHand(ctx context.Context, b binary) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, string(b), "--help")
	cmd.Env = []string{}
	cmd.WaitDelay = patience
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("it still runs after %s", patience)
	case err != nil:
		return err
	case len(bytes.TrimSpace(out)) == 0:
		return errors.New("it printed nothing to stdout")
	}
	return nil
}

func describes(ctx context.Context, b binary) error {
	return b.with(ctx, 1, func(p *process) error {
		first, err := p.describe(ctx)
		if err != nil {
			return err
		}
		second, err := p.describe(ctx)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(first, second) {
			return errors.New("two answers differ")
		}
		return whole(first)
	})
}

// whole says what is missing of a description.
func whole(d wire.Description) error {
	var all []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			all = append(all, fmt.Errorf(format, args...))
		}
	}
	need(d.Family != "", "no family")
	need(d.Version != "", "no version")
	need(d.Doc != "", "no doc")
	need(d.ProtocolVersion != "", "no protocol version")
	need(d.Has(wire.CapLife), "no capability %q", wire.CapLife)
	need(len(d.Probes) > 0, "no probes")
	for i, p := range d.Probes {
		need(p.Operation != "", "probe %d has no operation", i)
		need(p.Purpose != "" && p.Carrier != "", "probe %q has no purpose or no carrier", p.Operation)
		need(len(p.Platforms) > 0, "probe %q is for no platform", p.Operation)
		need(d.Probe(p.Operation) == &d.Probes[i], "probe %q appears twice", p.Operation)
		denied := false
		for _, r := range p.Results {
			denied = denied || r.Class == terms.Denied
			need(r.API != "" && r.Source != "", "probe %q has a result without an api or a source", p.Operation)
			need((r.Errno == nil) != (r.Native == nil), "probe %q has a result with both codes or none", p.Operation)
		}
		need(denied, "probe %q reads no result as denied", p.Operation)
	}
	return errors.Join(all...)
}

func options(ctx context.Context, b binary) error {
	return b.with(ctx, 1, func(p *process) error {
		for _, text := range []string{`{"hrhost-conformance-no-such-option":true}`, `{`} {
			diagnostics, err := p.client.Configure(ctx, []byte(text))
			refused := errors.Is(err, wire.ErrAbsent)
			for _, d := range diagnostics {
				refused = refused || d.Severity == wire.Error
			}
			if !refused {
				return fmt.Errorf("Configure(%s) is no refusal: %v, %v", text, diagnostics, err)
			}
		}
		_, err := p.describe(ctx)
		return err
	})
}

// errEnough breaks a stream off.
var errEnough = errors.New("enough")

// listsTargets takes an error for an answer, if the plugin goes on: there may be
// no bus or no device here to list.
func listsTargets(ctx context.Context, b binary) error {
	return b.with(ctx, 1, func(p *process) error {
		d, err := p.describe(ctx)
		if err != nil {
			return err
		}
		some := false
		for _, probe := range d.Probes {
			err := p.client.Enumerate(ctx, probe.Operation, func(wire.Target) error { return errEnough })
			if errors.Is(err, wire.ErrAbsent) {
				continue
			}
			some = true
			if _, dead := p.describe(ctx); dead != nil {
				return fmt.Errorf("%w, after Enumerate said %v", dead, err)
			}
		}
		if some != d.Has(wire.CapEnumerate) {
			return fmt.Errorf("it claims capability %q: %t, and lists targets: %t", wire.CapEnumerate, d.Has(wire.CapEnumerate), some)
		}
		return nil
	})
}

// longSocketPath does not ask for the exit status: go-plugin's server gives 0.
func longSocketPath(_ context.Context, b binary) error {
	p := &process{stderr: &text{}, exited: make(chan struct{})}
	defer p.release()
	dir, err := os.MkdirTemp("/tmp", "hrc")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if dir = filepath.Join(dir, strings.Repeat("d", 120)); os.Mkdir(dir, 0o700) != nil {
		return fmt.Errorf("making %q failed", dir)
	}
	line, err := b.launch(p, 1, dir)
	if err == nil && line != "" {
		err = fmt.Errorf("it printed %q", line)
	}
	if err == nil {
		err = p.wait()
	}
	if err == nil && p.stderr.last() == "" {
		err = errors.New("it ended without a word")
	}
	return err
}
