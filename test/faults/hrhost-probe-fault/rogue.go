//go:build linux

package main

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/internal/wire/goplugin"
)

// rogue speaks the protocol without the SDK, so that it can break it.
type rogue struct {
	family    string
	doc       string
	bare      bool // describes no probe
	prepare   func()
	seal      func()
	run       func(items []wire.RunItem, send func(wire.Event) error) error
	platforms []wire.Platform // said instead of Linux
	lookUp    bool            // its operation is mach-lookup
	stays     bool            // does not leave when it is told to
	targets   int             // so many can be listed
}

// region is the flight recorder that was inherited.
var region *recorder.Region

// serveRogue serves r. One that stays does not watch its life pipe: it must be
// killed.
func serveRogue(r rogue) func(string) {
	return func(family string) {
		r.family = family
		region, _ = recorder.Open(os.NewFile(7, "flight recorder"))
		if r.stays {
			signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
			defer hang()
		} else {
			go leave()
		}
		plugin.Serve(&plugin.ServeConfig{
			HandshakeConfig: goplugin.Handshake, VersionedPlugins: goplugin.Plugin(&r),
			GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
				return grpc.NewServer(append(opts, grpc.MaxSendMsgSize(64<<20))...)
			},
			Logger: hclog.NewNullLogger(),
		})
	}
}

// leave ends the process with its life pipe.
func leave() {
	os.NewFile(6, "life pipe").Read(make([]byte, 1))
	os.Exit(0)
}

func (r *rogue) Describe(context.Context, wire.DescribeRequest) (wire.Description, error) {
	d := wire.Description{Family: r.family, Version: "0", Doc: r.doc, ProtocolVersion: wire.ProtocolVersion, Capabilities: []string{wire.CapRecorder}}
	if r.bare {
		return d, nil
	}
	zero, eperm, enoent := 0, int(syscall.EPERM), int(syscall.ENOENT)
	d.Probes = []wire.Probe{{
		Operation: "sysctl-read", Filter: "sysctl-name", Purpose: "Reads one kernel parameter.",
		Carrier: "open /proc/sys/NAME", Platforms: []wire.Platform{wire.Linux},
		Results: []wire.ResultCode{
			{API: "open", Errno: &zero, Class: terms.OK, Source: "open(2)"},
			{API: "open", Errno: &eperm, Class: terms.Denied, Source: "the monitor's answer"},
			{API: "open", Errno: &enoent, Class: terms.Missing, Source: "open(2)"},
		},
	}}
	if r.lookUp {
		d.Probes[0].Operation, d.Probes[0].Filter = "mach-lookup", "global-name"
	}
	if r.platforms != nil {
		d.Probes[0].Platforms = r.platforms
	}
	return d, nil
}

func (r *rogue) Configure(context.Context, []byte) ([]wire.Diagnostic, error) { return nil, nil }

func (r *rogue) Prepare(context.Context, wire.PrepareRequest) (wire.PrepareResponse, error) {
	if r.prepare != nil {
		r.prepare()
	}
	return wire.PrepareResponse{}, nil
}

func (r *rogue) Seal(context.Context, wire.SealRequest) (wire.SealReport, error) {
	sealed = true
	if r.seal != nil {
		r.seal()
	}
	return wire.SealReport{InForce: true, Mechanism: "seccomp", PID: os.Getpid()}, nil
}

func (r *rogue) Run(_ context.Context, items []wire.RunItem, send func(wire.Event) error) error {
	return r.run(items, send)
}

func (r *rogue) Enumerate(_ context.Context, _ string, send func(wire.Target) error) error {
	if r.targets == 0 {
		return wire.ErrAbsent
	}
	return list(r.targets, func(name string) error { return send(wire.Target{Value: name}) })
}

func (r *rogue) Stop(context.Context) error { return nil }

// outcome makes the call of an item and says what came of it.
func outcome(it wire.RunItem) wire.Outcome {
	region.Begin(it.Slot)
	start := region.Attempt(it.Slot, 0)
	b, err := os.ReadFile("/proc/sys/" + strings.ReplaceAll(it.Target, ".", "/"))
	errno := 0
	if e, ok := err.(*os.PathError); ok {
		errno = int(e.Err.(syscall.Errno))
	}
	end := region.Done(it.Slot, recorder.Result{Kind: recorder.KindErrno, Errno: errno})
	region.Leave()
	return wire.Outcome{
		Slot: it.Slot, StartNS: start, EndNS: end, Attempted: true, Effect: terms.EffectUnobservable, Carrier: "open", FilterValue: it.Target,
		Result: &wire.Result{API: "open", Errno: &errno, Value: string(b)},
	}
}

func honest(items []wire.RunItem, send func(wire.Event) error) error {
	for _, it := range items {
		if err := send(outcome(it)); err != nil {
			return err
		}
	}
	return send(wire.Completed{Planned: len(items), Attempted: len(items), Recorded: len(items)})
}

// twice sends one outcome twice.
func twice(items []wire.RunItem, send func(wire.Event) error) error {
	o := outcome(items[0])
	send(o)
	send(o)
	hang()
	return nil
}

// foreign sends an outcome that nobody asked for.
func foreign(items []wire.RunItem, send func(wire.Event) error) error {
	o := outcome(items[0])
	o.Slot = 4711
	send(o)
	hang()
	return nil
}

// floodEvents never comes to an end.
func floodEvents(items []wire.RunItem, send func(wire.Event) error) error {
	for {
		if err := send(wire.Observation{Slot: 0, Name: "flood", Value: strings.Repeat("x", 1000)}); err != nil {
			return err
		}
	}
}

// truncated ends the stream after one outcome, without Completed.
func truncated(items []wire.RunItem, send func(wire.Event) error) error {
	return send(outcome(items[0]))
}

// early says that all is done after one outcome.
func early(items []wire.RunItem, send func(wire.Event) error) error {
	send(outcome(items[0]))
	return send(wire.Completed{Planned: len(items), Attempted: len(items), Recorded: len(items)})
}
