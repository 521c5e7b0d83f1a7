package sdk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/internal/wire/goplugin"
	"golang.org/x/sys/unix"
)

// The test binary is the plugin when this is set.
const actAsPlugin = "SDK_TEST_PLUGIN"

func TestMain(m *testing.M) {
	if os.Getenv(actAsPlugin) != "" || os.Getenv(wire.EnvChild) != "" {
		Main(testSpec())
		return
	}
	os.Exit(m.Run())
}

func testSpec() *Spec {
	probe := func(operation string, run func(*Recorder) error) *Probe {
		return &Probe{
			Operation: operation, Purpose: "Serves a test.", Carrier: "none", Platforms: []Platform{platform()},
			Results: []Result{{API: "test", Errno: syscall.EPERM, Class: Denied, Source: "this test"}}, Run: run,
		}
	}
	return &Spec{
		Family: "test", Version: "1", Doc: "A plugin for tests.",
		Probes: []*Probe{
			probe("value", func(rec *Recorder) error {
				rec.Attempt(Call{API: "test"}, func() (string, error) { return rec.Target(), nil })
				rec.Effect(EffectSeen)
				return nil
			}),
			probe("denied", func(rec *Recorder) error {
				rec.Attempt(Call{API: "test", TargetPID: 7}, func() (string, error) {
					return "", fmt.Errorf("doing it: %w", syscall.EPERM)
				})
				return nil
			}),
			probe("nothing", func(*Recorder) error { return nil }),
			probe("panic", func(rec *Recorder) error {
				return rec.Attempt(Call{API: "test"}, func() (string, error) { panic("as planned") })
			}),
			probe("child", greet),
			probe("prints", func(rec *Recorder) error {
				return rec.Attempt(Call{API: "test"}, func() (string, error) { fmt.Println("printed by a probe"); return "", nil })
			}),
		},
		Children: map[string]func(){"greet": func() {
			fmt.Printf("hello from %d variables, interrupts ignored: %t", len(os.Environ()), signal.Ignored(os.Interrupt))
		}},
	}
}

// greet passes on what a child says.
func greet(rec *Recorder) error {
	child, err := StartChild("greet", false)
	if err != nil {
		return err
	}
	rec.Attempt(Call{API: "test"}, func() (string, error) {
		b, err := io.ReadAll(child.Out)
		return string(b), err
	})
	return child.Close()
}

// process is a plugin in a process of its own.
type process struct {
	client *wire.Client
	region *recorder.Region
	life   *os.File
	cmd    *exec.Cmd
	exited func() bool
}

func launch(t *testing.T, slots int) *process { t.Helper(); return launchTo(t, slots, io.Discard) }

// launchTo has the process's stderr in log once it has exited.
func launchTo(t *testing.T, slots int, log io.Writer) *process {
	t.Helper()
	file, region, err := recorder.Create(slots)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lifeEnd, life, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer lifeEnd.Close()
	cmd := exec.Command(os.Args[0])
	cmd.ExtraFiles = []*os.File{lifeEnd, file}
	cmd.Env = []string{actAsPlugin + "=1", wire.EnvLife + "=3", wire.EnvRecorder + "=4", "TMPDIR=" + short(t)}
	c := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: goplugin.Handshake, VersionedPlugins: goplugin.Host(), Cmd: cmd, SkipHostEnv: true,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, GRPCDialOptions: wire.DialOptions(),
		Logger: hclog.NewNullLogger(), Stderr: log,
	})
	t.Cleanup(func() {
		life.Close()
		waitExit(t, c.Exited)
		c.Kill()
		region.Close()
	})
	conn, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := conn.Dispense(goplugin.Name)
	if err != nil {
		t.Fatal(err)
	}
	return &process{client: raw.(*wire.Client), region: region, life: life, cmd: cmd, exited: c.Exited}
}

// short is a directory whose sockets have short names, and which is empty at the end.
func short(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "hrs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Remove(dir); err != nil {
			t.Error("the plugin left something behind:", err)
			os.RemoveAll(dir)
		}
	})
	return dir
}

func (p *process) waitExit(t *testing.T) { t.Helper(); waitExit(t, p.exited) }

func waitExit(t *testing.T, exited func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !exited(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the plugin still runs")
		}
	}
}

func items(operations ...string) (list []wire.RunItem) {
	for slot, operation := range operations {
		list = append(list, wire.RunItem{Slot: slot, Operation: operation, Target: "t", Arm: terms.After, Attempt: 1})
	}
	return list
}

func (p *process) run(t *testing.T, list []wire.RunItem) (outcomes []wire.Outcome, done wire.Completed, err error) {
	t.Helper()
	done, err = p.client.Run(t.Context(), list, func(e wire.Event) error {
		if o, ok := e.(wire.Outcome); ok {
			outcomes = append(outcomes, o)
		}
		return nil
	})
	return outcomes, done, err
}

func TestWholeSequence(t *testing.T) {
	p := launch(t, 4)
	ctx := t.Context()
	d, err := p.client.Describe(ctx, wire.DescribeRequest{})
	if err != nil || !d.Has(wire.CapRecorder) || !d.Has(wire.CapLife) {
		t.Fatalf("described as %+v, %v", d, err)
	}
	if diagnostics, err := p.client.Configure(ctx, []byte(`{}`)); err != nil || len(diagnostics) != 1 {
		t.Errorf("options of a plugin that takes none: %v, %v", diagnostics, err)
	}
	target := wire.PrepareTarget{Operation: "value", Target: "t", Arm: terms.After}
	early := wire.PrepareTarget{Operation: "value", Target: "t", Arm: terms.Before}
	r, err := p.client.Prepare(ctx, wire.PrepareRequest{Targets: []wire.PrepareTarget{target, early}})
	if err != nil || len(r.Targets) != 2 || !r.Targets[0].Ready || r.Targets[1].Ready {
		t.Errorf("prepared %+v, %v", r, err)
	}
	p.seal(t, ctx)
	p.attempts(t)
	if err := p.client.Stop(ctx); err != nil {
		t.Error(err)
	}
	p.life.Close()
	p.waitExit(t)
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func (p *process) seal(t *testing.T, ctx context.Context) {
	t.Helper()
	report, err := p.client.Seal(ctx, wire.SealRequest{Epoch: 1, AppliedByHost: true})
	if err != nil || report.PID != p.cmd.Process.Pid || len(report.Descriptors) < 4 {
		t.Errorf("sealed: %+v, %v", report, err)
	}
	if _, err := p.client.Seal(ctx, wire.SealRequest{}); !errors.Is(err, wire.ErrSealed) {
		t.Errorf("second Seal: %v", err)
	}
	if _, err := p.client.Configure(ctx, nil); !errors.Is(err, wire.ErrSealed) {
		t.Errorf("Configure after Seal: %v", err)
	}
}

func (p *process) attempts(t *testing.T) {
	t.Helper()
	outcomes, done, err := p.run(t, items("value", "denied", "nothing", "unheard-of"))
	if err != nil || len(outcomes) != 4 || done != (wire.Completed{Planned: 4, Attempted: 2, Recorded: 2}) {
		t.Fatalf("%d outcomes, %+v, %v", len(outcomes), done, err)
	}
	value, denied := outcomes[0], outcomes[1]
	if value.Result.Value != "t" || *value.Result.Errno != 0 || value.Effect != terms.EffectSeen {
		t.Errorf("value: %+v", value)
	}
	if *denied.Result.Errno != int(syscall.EPERM) || denied.EndNS < denied.StartNS || denied.StartNS < value.EndNS {
		t.Errorf("denied: %+v", denied)
	}
	for _, o := range outcomes[2:] {
		if o.Attempted || o.SkipReason == "" {
			t.Errorf("not attempted: %+v", o)
		}
	}
	s := p.region.Read(1)
	if s.State != recorder.Done || s.Errno != int(syscall.EPERM) || s.TargetPID != 7 || s.Start != denied.StartNS {
		t.Errorf("recorded %+v", s)
	}
	if s := p.region.Read(0); s.Value != "t" || s.Effect != recorder.EffectSeen {
		t.Errorf("recorded %+v", s)
	}
	if p.region.Read(2).State != recorder.Acquiring || p.region.Read(3).State != recorder.NotStarted {
		t.Error("what was not attempted is recorded as attempted")
	}
}

func TestPanicIsNamedByTheRecorder(t *testing.T) {
	p := launch(t, 3)
	outcomes, _, err := p.run(t, items("value", "panic", "value"))
	if err == nil || len(outcomes) > 1 {
		t.Errorf("%d outcomes, %v", len(outcomes), err)
	}
	p.waitExit(t)
	states := []recorder.State{recorder.Done, recorder.Attempting, recorder.NotStarted}
	for slot, want := range states {
		if got := p.region.Read(slot).State; got != want {
			t.Errorf("slot %d is %s, want %s", slot, got, want)
		}
	}
	if p.region.Current() != 1 {
		t.Errorf("current is %d", p.region.Current())
	}
}

func TestInheritedDescriptorsCloseOnExec(t *testing.T) {
	for _, name := range []string{wire.EnvLife, wire.EnvBusSession, wire.EnvBusSystem} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		defer r.Close()
		fd, err := syscall.Dup(int(r.Fd())) // without close-on-exec, as inherited
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv(name, strconv.Itoa(fd))
	}
	got, err := inherit()
	if err != nil {
		t.Fatal(err)
	}
	defer got.life.Close()
	for _, name := range []string{wire.EnvLife, wire.EnvBusSession, wire.EnvBusSystem} {
		fd, _ := strconv.Atoi(os.Getenv(name))
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("%s: flags %#x, %v", name, flags, err)
		}
	}
}

// TestChildMode: what a probe executes starts afresh, also from the one signal
// that a plugin does not end by.
func TestChildMode(t *testing.T) {
	signal.Notify(make(chan os.Signal, 1), os.Interrupt) // or what ignores it may have started this test
	p := launch(t, 1)
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	outcomes, _, err := p.run(t, items("child"))
	if err != nil || outcomes[0].Result.Value != "hello from 2 variables, interrupts ignored: false" {
		t.Errorf("%+v, %+v, %v", outcomes, outcomes[0].Result, err)
	}
}

func TestPrintsGoToTheLog(t *testing.T) {
	var log bytes.Buffer
	p := launchTo(t, 1, &log)
	if outcomes, _, err := p.run(t, items("prints")); err != nil || !outcomes[0].Attempted {
		t.Errorf("%+v, %v", outcomes, err)
	}
	p.life.Close()
	p.waitExit(t)
	if log.String() != "printed by a probe\n" {
		t.Errorf("the log holds %q", log.String())
	}
}

func TestNoSocket(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{actAsPlugin + "=1", wire.MagicCookieKey + "=" + wire.MagicCookieValue, wire.EnvSocketDir + "=" + t.TempDir() + "/gone"}
	var printed, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &said
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != 2 || printed.Len() > 0 || !strings.Contains(said.String(), "gone") {
		t.Errorf("exit status %d, printed %q, said %q", code, printed.String(), said.String())
	}
}

func TestStartedByHand(t *testing.T) {
	cmd := exec.Command(os.Args[0], "--help")
	cmd.Env = []string{actAsPlugin + "=1"}
	out, err := cmd.Output()
	if err != nil {
		t.Error(err)
	}
	for _, want := range []string{
		"hrhost-probe-test 1", "A plugin for tests.", "\nvalue\n  Serves a test.\n  carrier  none\n", "denied   test fails with",
		"hrhost plugin run hrhost-probe-test --probe value:TARGET", "hrhost plugin check hrhost-probe-test", "[plugin.test]",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

func TestBadDescriptor(t *testing.T) {
	for _, env := range []string{wire.EnvLife + "=x", wire.EnvRecorder + "=2", wire.EnvRecorder + "=77"} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = []string{actAsPlugin + "=1", wire.MagicCookieKey + "=" + wire.MagicCookieValue, env}
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != 2 || strings.Contains(string(out), "|") {
			t.Errorf("%s: exit status %d, printed %q", env, code, out)
		}
	}
}
