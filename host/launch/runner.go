package launch

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/go-plugin/runner"
)

// Runner gives go-plugin a process that this package started, and keeps what a
// hostile plugin could do to go-plugin in bounds: the transport must accept the
// address that it prints, its first line must be short.
type Runner struct {
	start     func() (*Process, error)
	transport Transport
	name      string
	proc      *Process

	line     atomic.Pointer[string] // the first of stdout, nil until it came
	diagnose sync.Once
	verdict  string
}

// NewRunner wraps start, which is called once, by go-plugin.
func NewRunner(name string, t Transport, start func() (*Process, error)) *Runner {
	return &Runner{name: name, transport: t, start: start}
}

var _ runner.Runner = (*Runner)(nil)

// Process is the started process, nil before Start.
func (r *Runner) Process() *Process { return r.proc }

func (r *Runner) Start(context.Context) (err error) {
	r.proc, err = r.start()
	return err
}

// Diagnose says in words what became of a plugin that did not shake hands. The
// first answer stays: go-plugin asks before it kills, and what is dead by our
// own hand has no more to tell.
func (r *Runner) Diagnose(context.Context) string {
	if r.proc == nil {
		return ""
	}
	r.diagnose.Do(func() { r.verdict = diagnose(r.proc, r.FirstLine()) })
	return r.verdict
}

// FirstLine is what the plugin printed first, where the handshake belongs; ""
// when it printed nothing.
func (r *Runner) FirstLine() string {
	if l := r.line.Load(); l != nil {
		return *l
	}
	return ""
}

func (r *Runner) Stdout() io.ReadCloser {
	return io.NopCloser(firstLine(r.transport.Handshake(r.proc), func(l string) { r.line.Store(&l) }))
}

// Log takes what the plugin sends over its connection as its own output: go-plugin
// puts streams of its own in the place of a plugin's os.Stdout and os.Stderr.
func (r *Runner) Log() io.Writer { return (*sentLog)(r) }

type sentLog Runner

func (l *sentLog) Write(b []byte) (int, error) { return l.proc.log.Write(b) }

// Stderr is empty: the process's own goes to its log without go-plugin.
func (r *Runner) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }
func (r *Runner) Name() string          { return r.name }
func (r *Runner) ID() string            { return fmt.Sprint(r.proc.PID) }

func (r *Runner) Wait(context.Context) error {
	if e := r.proc.Wait(); e.Code != 0 {
		return fmt.Errorf("%s", e)
	}
	return nil
}

func (r *Runner) Kill(context.Context) error {
	r.proc.Kill()
	return nil
}

// PluginToHost checks the address that the plugin printed.
func (r *Runner) PluginToHost(network, addr string) (string, string, error) {
	if err := r.transport.Accept(network, addr); err != nil {
		return "", "", err
	}
	return network, addr, nil
}

// Dial is for gRPC, whose own target go-plugin fills with the plugin's word.
func (r *Runner) Dial(ctx context.Context, _ string) (net.Conn, error) {
	return r.transport.Dial(ctx, r.proc)
}

func (r *Runner) HostToPlugin(network, addr string) (string, string, error) {
	return network, addr, nil
}
