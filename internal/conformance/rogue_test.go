package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/internal/wire/goplugin"
	pb "github.com/hrhost/hrhost/internal/wire/probev1"
)

// rogue speaks the protocol without the SDK, and breaks it where a function is
// given.
type rogue struct {
	check string // that finds it; "" for one that keeps every duty
	want  string // in the error

	start     func()
	describe  func(*wire.Description)
	configure func() []wire.Diagnostic
	enumerate func(send func(wire.Target) error) error
	seal      func() error
	item      func(wire.RunItem, *wire.Outcome)
	cancel    func(context.Context) error // during a Run
	completed func(*wire.Completed)
	stop      func() error
	life      func() // at its end
	lax       bool   // takes every enum
}

var rogues = map[string]*rogue{
	"rogue":      {},
	"hangs":      {check: "by-hand", want: "still runs", start: hang},
	"mute":       {check: "by-hand", want: "nothing to stdout", start: func() { os.Exit(0) }},
	"changes":    {check: "describes", want: "differ", describe: func(d *wire.Description) { d.Version = strconv.Itoa(int(calls.Add(1))) }},
	"no-denial":  {check: "describes", want: "reads no result as denied", describe: func(d *wire.Description) { d.Probes[0].Results = nil }},
	"empty":      {check: "ten-thousand", want: "no probes", describe: func(d *wire.Description) { d.Probes = nil }},
	"takes-all":  {check: "options", want: "no refusal", configure: func() []wire.Diagnostic { return nil }},
	"claims":     {check: "lists-targets", want: "lists targets: false", enumerate: func(func(wire.Target) error) error { return wire.ErrAbsent }},
	"lists-exit": {check: "lists-targets", want: "exit status 4", enumerate: func(func(wire.Target) error) error { os.Exit(4); return nil }},
	"no-bus":     {enumerate: func(func(wire.Target) error) error { return errors.New("no bus") }},
	"seals":      {check: "seals-once", want: "second Seal", seal: func() error { return nil }},
	"lax":        {check: "unknown-enum", want: "takes arm", lax: true},
	"obliging":   {check: "unknown-operation", want: "not attempted", item: func(_ wire.RunItem, o *wire.Outcome) { o.Attempted, o.SkipReason = true, "" }},
	"stubborn":   {check: "stream-closed", want: "next Run", cancel: func(context.Context) error { hang(); return nil }},
	"dies":       {check: "stopped", want: "exit status 3", stop: func() error { os.Exit(3); return nil }},
	"miscounts":  {check: "ten-thousand", want: "Completed counts", completed: func(c *wire.Completed) { c.Planned-- }},
	"gives-up":   {check: "ten-thousand", want: "after ", item: func(it wire.RunItem, _ *wire.Outcome) { exitAt(it.Slot, 5000) }},
	"deaf":       {check: "stopped", want: "not now", stop: func() error { return errors.New("not now") }},
	"stays":      {check: "connection-lost", want: "still runs", life: hang},
	"exit-9":     {check: "life-pipe", want: "exit status 9", life: func() { os.Exit(9) }},
	"leaves":     {check: "life-pipe", want: "processes that it started", life: leave},
	"says-wrong": {check: "long-socket-path", want: "without a word", start: silent},
}

var calls atomic.Int32

func hang() {
	signal.Ignore(syscall.SIGTERM)
	for {
		time.Sleep(time.Hour)
	}
}

func exitAt(slot, at int) {
	if slot == at {
		os.Exit(1)
	}
}

// leave goes and leaves a child in its process group.
func leave() {
	child := exec.Command(os.Args[0])
	child.Env = []string{actAs + "=hangs"}
	child.Start()
	os.Exit(0)
}

// silent is go-plugin without its one line about the socket.
func silent() {
	if len(os.Getenv("PLUGIN_UNIX_SOCKET_DIR")) > 100 {
		os.Exit(0)
	}
}

// region is the flight recorder that was inherited.
var region *recorder.Region

func serveRogue(r *rogue) {
	if r.start != nil {
		r.start()
	}
	if os.Getenv(wire.MagicCookieKey) == "" {
		fmt.Println("A plugin for tests.")
		return
	}
	region, _ = recorder.Open(os.NewFile(4, "flight recorder"))
	go func() {
		os.NewFile(3, "life pipe").Read(make([]byte, 1))
		if r.life != nil {
			r.life()
		}
		os.Exit(0)
	}()
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: goplugin.Handshake, VersionedPlugins: goplugin.Plugin(r),
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			if r.lax {
				opts = append(opts, grpc.ChainUnaryInterceptor(laxCall))
			}
			return grpc.NewServer(append(opts, wire.ServerOptions()...)...)
		},
		Logger: hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr, JSONFormat: true}),
	})
}

// laxCall takes what the conversions refuse.
func laxCall(ctx context.Context, m any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	answer, err := next(ctx, m)
	if err != nil {
		return answerTo(info.FullMethod), nil
	}
	return answer, err
}

func (r *rogue) Describe(context.Context, wire.DescribeRequest) (wire.Description, error) {
	eperm := int(syscall.EPERM)
	d := wire.Description{
		Family: "rogue", Version: "1", Doc: "A plugin for tests.", ProtocolVersion: wire.ProtocolVersion,
		Capabilities: []string{wire.CapLife, wire.CapRecorder, wire.CapEnumerate},
		Probes: []wire.Probe{{
			Operation: "value", Purpose: "Serves a test.", Carrier: "none", Platforms: []wire.Platform{wire.Linux, wire.MacOS},
			Results: []wire.ResultCode{{API: "test", Errno: &eperm, Class: terms.Denied, Source: "this test"}},
		}},
	}
	if r.describe != nil {
		r.describe(&d)
	}
	return d, nil
}

var sealed atomic.Bool

func (r *rogue) Configure(_ context.Context, options []byte) ([]wire.Diagnostic, error) {
	switch {
	case sealed.Load():
		return nil, wire.ErrSealed
	case r.configure != nil:
		return r.configure(), nil
	}
	return []wire.Diagnostic{{Severity: wire.Error, Summary: "no options"}}, nil
}

func (r *rogue) Prepare(context.Context, wire.PrepareRequest) (wire.PrepareResponse, error) {
	if sealed.Load() {
		return wire.PrepareResponse{}, wire.ErrSealed
	}
	return wire.PrepareResponse{}, nil
}

func (r *rogue) Seal(context.Context, wire.SealRequest) (wire.SealReport, error) {
	if sealed.Swap(true) {
		if r.seal != nil {
			return wire.SealReport{}, r.seal()
		}
		return wire.SealReport{}, wire.ErrSealed
	}
	return wire.SealReport{Mechanism: "none"}, nil
}

var running atomic.Bool

func (r *rogue) Run(ctx context.Context, items []wire.RunItem, send func(wire.Event) error) error {
	if !running.CompareAndSwap(false, true) {
		return errors.New("a Run is in progress")
	}
	defer running.Store(false)
	done := wire.Completed{Planned: len(items)}
	for _, it := range items {
		if ctx.Err() != nil && r.cancel != nil {
			return r.cancel(ctx)
		}
		o := wire.Outcome{Slot: it.Slot, Effect: terms.EffectUnobservable, SkipReason: "no such operation"}
		if it.Operation == "value" {
			o.Attempted, o.SkipReason = true, ""
			region.Begin(it.Slot)
			region.Attempt(it.Slot, 0)
			region.Done(it.Slot, recorder.Result{Kind: recorder.KindErrno})
			o.Result = &wire.Result{API: "test", Errno: new(int)}
			done.Attempted++
			done.Recorded++
		}
		if r.item != nil {
			r.item(it, &o)
		}
		if err := send(o); err != nil && r.cancel == nil {
			return err
		}
	}
	if r.completed != nil {
		r.completed(&done)
	}
	return send(done)
}

func (r *rogue) Enumerate(_ context.Context, _ string, send func(wire.Target) error) error {
	if r.enumerate != nil {
		return r.enumerate(send)
	}
	return send(wire.Target{Operation: "value", Value: "one"})
}

func (r *rogue) Stop(context.Context) error {
	if r.stop != nil {
		return r.stop()
	}
	return nil
}

// answerTo is an empty answer.
func answerTo(method string) any {
	if method == pb.ProbePlugin_Prepare_FullMethodName {
		return &pb.PrepareResponse{}
	}
	return nil
}
