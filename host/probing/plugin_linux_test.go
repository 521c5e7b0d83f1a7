package probing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch/trampoline"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/internal/wire/goplugin"
)

// The test binary is also the trampoline, by the name it is executed under, and
// the plugin, which behaves as the name of its file says.
func TestMain(m *testing.M) {
	switch name := filepath.Base(os.Args[0]); {
	case name == "hrhost-trampoline":
		trampoline.Main()
	case name == "child":
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	case strings.HasPrefix(name, "plugin."):
		behave(strings.TrimPrefix(name, "plugin."))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// behave is the plugin. What it does before the first call is here, the rest at
// the calls.
func behave(how string) {
	if odd, ok := strings.CutPrefix(how, "peer."); ok {
		peer(odd)
		return
	}
	switch how {
	case "silent":
		select {}
	case "garbage":
		fmt.Println("hello")
		select {}
	case "future":
		fmt.Println("1|99|unix|/nowhere|grpc")
		select {}
	case "netrpc":
		fmt.Printf("1|%d|unix|/nowhere|netrpc\n", wire.ProtocolMajor)
		select {}
	case "stays":
		signal.Ignore(syscall.SIGTERM)
		defer func() { select {} }()
	}
	if how != "stays" {
		go leave()
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: goplugin.Handshake, VersionedPlugins: goplugin.Plugin(&fakePlugin{how: how}),
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server { return grpc.NewServer(opts...) },
		Logger:     hclog.NewNullLogger(),
	})
}

// leave ends the plugin with its life pipe.
func leave() {
	os.NewFile(trampoline.FDLife, "life").Read(make([]byte, 1))
	os.Exit(0)
}

// fakePlugin does what its name says, and otherwise what it should.
type fakePlugin struct{ how string }

func (p *fakePlugin) Describe(context.Context, wire.DescribeRequest) (wire.Description, error) {
	return wire.Description{
		Family: "fake", Version: "test", Doc: "A test.", ProtocolVersion: wire.ProtocolVersion, Capabilities: []string{wire.CapLife, wire.CapSealSelf, wire.CapRecorder},
		Probes: []wire.Probe{{
			Operation: "sysctl-read", Filter: "sysctl-name", Purpose: "Reads a name.", Carrier: "look NAME",
			Dependencies: []string{"process-exec*"}, Platforms: []wire.Platform{wire.Linux, wire.MacOS},
		}},
	}, nil
}

func (p *fakePlugin) Configure(context.Context, []byte) ([]wire.Diagnostic, error) {
	if p.how == "options" {
		return []wire.Diagnostic{{Severity: wire.Error, Summary: "no such option", Detail: "x"}}, nil
	}
	return nil, nil
}

func (p *fakePlugin) Prepare(_ context.Context, r wire.PrepareRequest) (a wire.PrepareResponse, err error) {
	switch p.how {
	case "unprepared":
		return a, errors.New("nothing is ready")
	case "slow":
		time.Sleep(time.Minute)
	}
	for _, t := range r.Targets {
		a.Targets = append(a.Targets, wire.PreparedTarget{PrepareTarget: t, Ready: true})
	}
	return a, nil
}

func (p *fakePlugin) Seal(context.Context, wire.SealRequest) (wire.SealReport, error) {
	if p.how == "sealless" {
		return wire.SealReport{}, wire.ErrAbsent
	}
	return wire.SealReport{PID: os.Getpid(), InForce: true, Mechanism: "test", Apply: &wire.ApplyReport{API: "test"}}, nil
}

func (p *fakePlugin) Run(_ context.Context, items []wire.RunItem, send func(wire.Event) error) error {
	region, err := recorder.Open(os.NewFile(trampoline.FDRecorder, "flight recorder"))
	if err != nil {
		return err
	}
	for i, it := range items {
		if i == 1 {
			p.midway()
		}
		if p.how == "parent" {
			child := startChild()
			defer child.Close()
		}
		if err := send(wire.Intent{Slot: it.Slot, API: "look", Carrier: "look " + it.Target, FilterValue: it.Target}); err != nil {
			return err
		}
		region.Begin(it.Slot)
		start := region.Attempt(it.Slot, 0)
		end := region.Done(it.Slot, recorder.Result{})
		region.Leave()
		if err := send(wire.Outcome{
			Slot: it.Slot, Attempted: true, Carrier: "look " + it.Target, FilterValue: it.Target, Effect: lane.EffectUnobservable,
			StartNS: start, EndNS: end, Result: &wire.Result{API: "look", Errno: new(int)},
		}); err != nil {
			return err
		}
	}
	done := wire.Completed{Planned: len(items), Attempted: len(items), Recorded: len(items)}
	if p.how == "miscounts" {
		done.Attempted++
	}
	return send(done)
}

// midway is what becomes of a plugin in its second attempt.
func (p *fakePlugin) midway() {
	switch p.how {
	case "exits":
		syscall.Write(2, []byte("that was that\n")) // go-plugin has taken os.Stderr
		os.Exit(3)
	case "killed":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "hangs":
		select {}
	}
}

// startChild starts a process that lives until it is told to end.
func startChild() io.Closer {
	c := exec.Command("/proc/self/exe")
	c.Args = []string{"child"}
	c.Stdout, c.Stderr = os.Stderr, os.Stderr // the containment may not let it open /dev/null
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		panic(err)
	}
	return in
}

func (*fakePlugin) Enumerate(context.Context, string, func(wire.Target) error) error {
	return wire.ErrAbsent
}

func (*fakePlugin) Stop(context.Context) error { return nil }
