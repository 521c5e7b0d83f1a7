// Command mac is a plugin for the tests that behaves on any system as the mach
// family does on macOS: it says that it applied the profile to itself, and
// bootstrap_look_up answers by the name it is asked for.
package main

import (
	"context"
	"os"
	"strings"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/hrhost/hrhost/internal/monotonic"
	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/internal/wire/goplugin"
)

const api = "bootstrap_look_up"

type mac struct{ sealed bool }

func (*mac) Describe(context.Context, wire.DescribeRequest) (wire.Description, error) {
	code := func(n int64, class terms.Class) wire.ResultCode {
		return wire.ResultCode{API: api, Native: &wire.Native{API: api, Code: n}, Class: class, Source: "test"}
	}
	return wire.Description{
		Family: "mach", Version: "test", Doc: "A test.", ProtocolVersion: wire.ProtocolVersion,
		Capabilities: []string{wire.CapLife, wire.CapSealSelf},
		Probes: []wire.Probe{{
			Operation: "mach-lookup", Filter: "global-name", Purpose: "Looks one service name up.", Carrier: "bootstrap_look_up NAME",
			PolicyBeforeExistence: true, Platforms: []wire.Platform{wire.Linux, wire.MacOS},
			Results: []wire.ResultCode{code(1100, terms.Denied), code(1102, terms.Missing)},
		}},
	}, nil
}

func (*mac) Configure(context.Context, []byte) ([]wire.Diagnostic, error) { return nil, nil }

func (*mac) Prepare(_ context.Context, r wire.PrepareRequest) (a wire.PrepareResponse, err error) {
	for _, t := range r.Targets {
		a.Targets = append(a.Targets, wire.PreparedTarget{PrepareTarget: t, Ready: true})
	}
	return a, nil
}

func (m *mac) Seal(_ context.Context, r wire.SealRequest) (wire.SealReport, error) {
	report := wire.SealReport{PID: os.Getpid(), Mechanism: "none", Apply: &wire.ApplyReport{API: "sandbox_init_with_parameters"}}
	if strings.Contains(r.SBPL, "; nested") {
		report.Apply.RC, report.Apply.Errno, report.Detail = -1, 1, "already_sandboxed"
		return report, nil
	}
	m.sealed, report.InForce, report.Mechanism = true, true, report.Apply.API
	return report, nil
}

func (m *mac) Run(_ context.Context, items []wire.RunItem, send func(wire.Event) error) error {
	clock := monotonic.New()
	for _, it := range items {
		o := wire.Outcome{Slot: it.Slot, Attempted: true, Effect: terms.EffectUnobservable, Carrier: api + " " + it.Target, FilterValue: it.Target}
		o.StartNS = clock.Now()
		o.Result = m.lookUp(it.Target)
		o.EndNS = clock.Now()
		if err := send(o); err != nil {
			return err
		}
	}
	return send(wire.Completed{Planned: len(items), Attempted: len(items)})
}

func (m *mac) lookUp(name string) *wire.Result {
	native := func(n int64) *wire.Result { return &wire.Result{API: api, Native: &wire.Native{API: api, Code: n}} }
	switch {
	case m.sealed && strings.Contains(name, ".denied"):
		return native(1100)
	case strings.Contains(name, ".missing"):
		return native(1102)
	}
	return &wire.Result{API: api, Errno: new(int)}
}

func (*mac) Enumerate(context.Context, string, func(wire.Target) error) error { return wire.ErrAbsent }
func (*mac) Stop(context.Context) error                                       { os.Stdin.Close(); return nil }

func main() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: goplugin.Handshake, VersionedPlugins: goplugin.Plugin(&mac{}),
		GRPCServer: func(o []grpc.ServerOption) *grpc.Server { return grpc.NewServer(append(o, wire.ServerOptions()...)...) },
	})
}
