package probing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hrhost/hrhost/internal/wire"
)

// configure gives the plugin its options.
func configure(ctx context.Context, c *wire.Client, options json.RawMessage) error {
	diags, err := c.Configure(ctx, options)
	if err != nil && !errors.Is(err, wire.ErrAbsent) {
		return err
	}
	return refused(diags)
}

// prepare has the plugin make ready what the items need.
func prepare(ctx context.Context, c *wire.Client, items []wire.RunItem) ([]wire.PreparedTarget, error) {
	r, err := c.Prepare(ctx, wire.PrepareRequest{Targets: targets(items)})
	if errors.Is(err, wire.ErrAbsent) {
		return nil, nil
	}
	if err != nil {
		return r.Targets, err
	}
	return r.Targets, refused(r.Diagnostics)
}

// refused turns the first error among diagnostics into one.
func refused(diags []wire.Diagnostic) error {
	for _, d := range diags {
		if d.Severity == wire.Error {
			return fmt.Errorf("the plugin refuses: %s %s", d.Summary, d.Detail)
		}
	}
	return nil
}

// targets lists what the items need, each once.
func targets(items []wire.RunItem) []wire.PrepareTarget {
	var out []wire.PrepareTarget
	seen := map[wire.PrepareTarget]bool{}
	for _, it := range items {
		t := wire.PrepareTarget{Operation: it.Operation, Target: it.Target, Arm: it.Arm}
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}

// stop asks the plugin to leave. One that does not answer is ended anyway.
func stop(ctx context.Context, c *wire.Client) error {
	if err := c.Stop(ctx); err != nil && !errors.Is(err, wire.ErrAbsent) {
		return err
	}
	return nil
}
