package probing

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"

	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/internal/wire/goplugin"
)

// connection is the host's one way to a plugin's process: go-plugin's client over a
// transport. The zero connection has no process.
type connection struct {
	name      string // of the job, for people
	transport launch.Transport
	limits    Deadlines
	runner    *launch.Runner
	plugin    *plugin.Client
	client    *wire.Client                       // nil until connected
	patience  *time.Timer                        // kills a plugin that accepts no connection
	late      atomic.Bool                        // it did
	impostor  atomic.Pointer[wire.ProtocolError] // who answers at the plugin's address, when it is not the plugin
	unwatch   func() bool                        // forgets to kill the process when the run is cancelled
}

// process returns the started process, nil when there is none.
func (c *connection) process() *launch.Process {
	if c.runner == nil {
		return nil
	}
	return c.runner.Process()
}

// open launches through go-plugin and makes the one connection. Of go-plugin's command
// start gets the environment, and nothing of ours is inherited. sockets is the parent
// of the directory that go-plugin tells the plugin for its socket.
func (c *connection) open(
	ctx context.Context, sockets string, trace *Trace, start func(env []string) (*launch.Process, error),
) error {
	c.plugin = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  goplugin.Handshake,
		VersionedPlugins: goplugin.Host(),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, _ string) (runner.Runner, error) {
			c.runner = launch.NewRunner(c.name, c.transport, func() (*launch.Process, error) {
				p, err := start(cmd.Env)
				if err == nil {
					c.watch(ctx, p)
				}
				return p, err
			})
			return c.runner, nil
		},
		SkipHostEnv:      true,
		StartTimeout:     c.limits.Start,
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: sockets},
		GRPCDialOptions:  append(trace.dialOptions(), grpc.WithContextDialer(c.dial)),
		Logger:           hclog.NewNullLogger(), // stderr is in the log already
		SyncStdout:       sent{c},
		SyncStderr:       sent{c},
	})
	conn, err := c.plugin.Client()
	if err != nil {
		return c.explainStart(ctx, err)
	}
	c.patience.Stop()
	raw, err := conn.Dispense(goplugin.Name)
	if err != nil {
		return err
	}
	client, ok := raw.(*wire.Client)
	if !ok {
		return fmt.Errorf("the plugin set holds a %T", raw)
	}
	c.client = client
	return nil
}

// watch ends the process with the run, or when it accepts no connection: go-plugin
// connects without a deadline.
func (c *connection) watch(ctx context.Context, p *launch.Process) {
	c.unwatch = context.AfterFunc(ctx, p.Kill)
	c.patience = time.AfterFunc(c.limits.Start+c.limits.Call, func() {
		c.late.Store(true)
		p.Kill()
	})
}

// dial connects to the process that was started. Its address is the plugin's word, so
// that another process may be behind it.
func (c *connection) dial(ctx context.Context, address string) (net.Conn, error) {
	conn, err := c.runner.Dial(ctx, address)
	var pe *wire.ProtocolError
	if errors.As(err, &pe) {
		c.impostor.Store(pe)
	}
	return conn, err
}

// sent takes the output that comes over the connection into the log.
type sent struct{ *connection }

func (s sent) Write(b []byte) (int, error) { return s.runner.Log().Write(b) }

// reap waits for the process to leave, and ends one that does not. The zero Exit and
// false mean that there was no process.
func (c *connection) reap() (launch.Exit, bool) {
	p := c.process()
	if p == nil {
		return launch.Exit{}, false
	}
	p.Release()
	e := p.WaitFor(c.limits.Stop)
	go c.plugin.Kill() // the process is dead and our ends are closed
	return e, true
}

// close stops watching the process.
func (c *connection) close() {
	if c.patience != nil {
		c.patience.Stop()
		c.unwatch()
	}
}
