package conformance

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
)

// patience is how long a plugin may take to exit, or to answer when it has
// nothing else to do.
var patience = 10 * time.Second

// process is the plugin's binary, running.
type process struct {
	cmd    *exec.Cmd
	dir    string
	life   *os.File // our end; closing it tells the plugin to exit
	region *recorder.Region
	conn   *grpc.ClientConn
	client *wire.Client
	stderr *text
	exited chan struct{}
}

// start launches the plugin and shakes hands, by hand: a hostile host owes
// go-plugin's client nothing.
func (b binary) start(ctx context.Context, slots int) (*process, error) {
	p := &process{stderr: &text{}, exited: make(chan struct{})}
	line, err := b.launch(p, slots, "")
	if err == nil {
		err = p.shake(ctx, line)
	}
	if err != nil {
		err = p.explain(err)
		p.release()
		return nil, err
	}
	return p, nil
}

// launch starts the plugin in a process group of its own and reads its first
// line. A socket directory of "" is a short one.
func (b binary) launch(p *process, slots int, sockets string) (line string, err error) {
	if p.dir, err = os.MkdirTemp("/tmp", "hrc"); err != nil {
		return "", err
	}
	file, region, err := recorder.Create(slots)
	if err != nil {
		return "", err
	}
	defer file.Close()
	p.region = region
	theirs, life, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer theirs.Close()
	p.life = life
	p.cmd = exec.Command(string(b))
	p.cmd.ExtraFiles = []*os.File{theirs, file}
	p.cmd.Env = environment(p.dir, sockets)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Stderr = p.stderr
	p.cmd.WaitDelay = time.Second // for a grandchild that holds stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := p.cmd.Start(); err != nil {
		p.cmd = nil
		return "", err
	}
	return p.firstLine(stdout)
}

func environment(dir, sockets string) []string {
	if sockets == "" {
		sockets = dir
	}
	return []string{
		wire.MagicCookieKey + "=" + wire.MagicCookieValue,
		fmt.Sprintf("PLUGIN_PROTOCOL_VERSIONS=%d", wire.ProtocolMajor),
		"PLUGIN_UNIX_SOCKET_DIR=" + sockets,
		wire.EnvLife + "=3", wire.EnvRecorder + "=4", wire.EnvScratch + "=" + dir, "TMPDIR=" + dir,
	}
}

// firstLine is what the plugin prints first, "" when it ends without a word.
func (p *process) firstLine(stdout io.Reader) (string, error) {
	first := make(chan string, 1)
	go func() {
		r := bufio.NewReaderSize(stdout, 4096)
		line, _, _ := r.ReadLine()
		first <- string(line)
		io.Copy(io.Discard, r)
		p.cmd.Wait()
		close(p.exited)
	}()
	select {
	case line := <-first:
		return line, nil
	case <-time.After(patience):
		return "", fmt.Errorf("it printed no handshake within %s", patience)
	}
}

// shake reads CORE|VERSION|NETWORK|ADDRESS|PROTOCOL and connects.
func (p *process) shake(ctx context.Context, line string) error {
	f := strings.Split(line, "|")
	if len(f) < 5 || f[0] != "1" || f[1] != fmt.Sprint(wire.ProtocolMajor) || f[2] != "unix" || f[4] != "grpc" {
		return fmt.Errorf("its handshake is %q, wanted 1|%d|unix|SOCKET|grpc", line, wire.ProtocolMajor)
	}
	options := append(wire.DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	var err error
	if p.conn, err = grpc.NewClient("unix:"+f[3], options...); err != nil {
		return err
	}
	p.client = wire.NewClient(p.conn)
	_, err = p.describe(ctx)
	return err
}

// describe is a call that every living plugin answers.
func (p *process) describe(ctx context.Context) (wire.Description, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	d, err := p.client.Describe(ctx, wire.DescribeRequest{HostVersion: "conformance"})
	if err == nil && len(d.Probes) == 0 { // there is nothing to order
		err = errors.New("it describes no probes")
	}
	return d, err
}

// leave closes the life pipe, and wants the process and its group gone.
func (p *process) leave() error {
	p.life.Close()
	if err := p.wait(); err != nil {
		return fmt.Errorf("the life pipe is closed: %w", err)
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return p.explain(fmt.Errorf("it ended with %s, wanted exit status 0", p.cmd.ProcessState))
	}
	for deadline := time.Now().Add(patience); syscall.Kill(-p.cmd.Process.Pid, 0) == nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			return errors.New("it is gone, and processes that it started are not")
		}
	}
	return nil
}

func (p *process) wait() error {
	select {
	case <-p.exited:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("it still runs after %s", patience)
	}
}

// release ends what is left, by the group that we made.
func (p *process) release() {
	if p.conn != nil {
		p.conn.Close()
	}
	if p.life != nil {
		p.life.Close()
	}
	if p.cmd != nil {
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.exited
	}
	if p.region != nil {
		p.region.Close()
	}
	if p.dir != "" {
		os.RemoveAll(p.dir)
	}
}

// explain adds how the process ended, if it did, and its last words.
func (p *process) explain(err error) error {
	select {
	case <-p.exited:
		err = fmt.Errorf("%w; the process ended: %s", err, p.cmd.ProcessState)
	case <-time.After(100 * time.Millisecond):
	}
	if last := p.stderr.last(); last != "" {
		err = fmt.Errorf("%w; last on stderr: %q", err, last)
	}
	return err
}

// text keeps the first bytes of what is written.
type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

const maxText = 64 << 10

func (t *text) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b.Write(b[:min(len(b), max(0, maxText-t.b.Len()))])
	return len(b), nil
}

func (t *text) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(t.b.String()), "\n")
	return lines[len(lines)-1]
}
