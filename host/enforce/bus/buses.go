package bus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/internal/guard"
)

// Names of the fixtures on the session-like bus. Any other name below Prefix
// has no owner.
const (
	Prefix   = "org.hrhost.fixture."
	NameOne  = Prefix + "One"  // owned, together with NameAlso, by one connection
	NameAlso = Prefix + "Also" // so that a unique name stands for two names
	NameTwo  = Prefix + "Two"  // owned by another
	NameLazy = Prefix + "Lazy" // activatable: the bus starts its owner
)

// Options say which buses a run wants.
type Options struct {
	Dir     string // parent of the private directory; short: sockets live in it
	User    bool   // the user's own buses, not private ones
	Fixture string // path of hrhost-fixture
	// Posts are the notifications that the plan posts, by bus.
	Posts [2][]string
	// Start starts a process that must not outlive the host; nil is
	// (*exec.Cmd).Start.
	Start func(*exec.Cmd) error
}

// Buses are the two buses of a run with their fixtures.
type Buses struct {
	dir         string
	sockets     [2]string
	program     string // dbus-daemon's path, "" for the user's own
	start       func(*exec.Cmd) error
	peers       *peers
	registering sync.Mutex

	mu        sync.Mutex // guards processes while they start
	processes []*process
}

// Exclusive waits until no other process of the run registers names, and keeps
// others from it until release is called: two that register the same name at
// once would each see the other instead of the policy.
func (b *Buses) Exclusive() (release func()) {
	b.registering.Lock()
	return b.registering.Unlock
}

// MissingError says that there is no dbus-daemon on this host.
type MissingError struct{}

func (*MissingError) Error() string {
	return "there is no dbus-daemon on PATH; install it with: sudo apt-get install dbus-daemon"
}

// Start makes the buses, the owners of names, and the subscribers.
// On an error nothing is left behind.
func Start(ctx context.Context, o Options) (*Buses, error) {
	b := &Buses{start: o.Start}
	if b.start == nil {
		b.start = (*exec.Cmd).Start
	}
	if err := b.open(ctx, o); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// open starts what the options want. On an error some of it may run.
func (b *Buses) open(ctx context.Context, o Options) (err error) {
	if o.User {
		b.sockets, err = userBuses()
	} else {
		err = b.private(ctx, o)
	}
	if err != nil {
		return err
	}
	return b.attend(ctx, o)
}

// Socket is where a bus listens; a leading @ means an abstract socket.
func (b *Buses) Socket(k Kind) string { return b.sockets[k] }

// Open connects to both buses for a process that is to inherit the sockets: a
// baseline. They are authenticated, and Hello is the process's to say.
func (b *Buses) Open() (files [2]*os.File, err error) {
	for _, k := range []Kind{Session, System} {
		c, err := dbuswire.Dial(b.sockets[k])
		if err == nil {
			files[k], err = c.File()
			c.Close()
		}
		if err != nil {
			closeAll(files)
			return [2]*os.File{}, fmt.Errorf("connecting to the %s-like bus: %w", k, err)
		}
	}
	return files, nil
}

func closeAll(files [2]*os.File) {
	for _, f := range files {
		f.Close() // nil is harmless
	}
}

// String says which buses these are, for the manifest.
func (b *Buses) String() string {
	if b.program == "" {
		return "the user's own"
	}
	return "private, " + b.program
}

// Close ends what was started and removes the directory.
func (b *Buses) Close() error {
	var tasks []func() error
	for _, p := range b.processes {
		tasks = append(tasks, p.end)
	}
	errs := []error{together(tasks...)}
	b.processes = nil
	if b.dir != "" {
		errs = append(errs, os.RemoveAll(b.dir))
	}
	return errors.Join(errs...)
}

// private starts two dbus-daemons in a directory of their own.
func (b *Buses) private(ctx context.Context, o Options) (err error) {
	if b.program, err = findDaemon(); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp(o.Dir, "hr.bus."); err != nil {
		return fmt.Errorf("making the buses' directory: %w", err)
	}
	start := func(k Kind) func() error {
		return func() (err error) {
			if b.sockets[k], err = b.daemon(ctx, k, o.Fixture); err != nil {
				err = fmt.Errorf("starting the %s-like bus: %w", k, err)
			}
			return err
		}
	}
	return together(start(Session), start(System))
}

// together runs tasks at once and joins their errors.
func together(tasks ...func() error) error {
	errs := make([]error, len(tasks))
	var wg sync.WaitGroup
	for i, do := range tasks {
		wg.Go(func() { errs[i] = guard.Do(do) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func findDaemon() (string, error) {
	path, err := exec.LookPath("dbus-daemon")
	if err != nil {
		return "", &MissingError{}
	}
	return filepath.Abs(path)
}

// busConfig is a whole configuration: nothing of the host's own is included.
// Everybody may do everything; what a sealed plugin may do is the gateway's
// business, and the baseline's is to show what there is. The first list of
// limits that a flood meets is the gateway's. Who sends more at once than the
// fixtures take is disconnected by the bus, or he would end them; and the
// subscriber has a rule for each notification of the plan.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>%s</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <servicedir>%s</servicedir>
  <limit name="max_message_size">%d</limit>
  <limit name="max_match_rules_per_connection">65536</limit>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// daemon starts one bus and waits until it listens.
func (b *Buses) daemon(ctx context.Context, k Kind, fixtureProgram string) (socket string, err error) {
	dir := filepath.Join(b.dir, k.String())
	services := filepath.Join(dir, "services")
	if err := os.MkdirAll(services, 0o700); err != nil {
		return "", err
	}
	socket = filepath.Join(dir, "bus")
	if err := checkSocket(socket); err != nil {
		return "", err
	}
	if k == Session {
		if err := writeService(services, fixtureProgram, socket); err != nil {
			return "", err
		}
	}
	conf := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, busConfig, k, socket, services, dbuswire.MaxMessage), 0o600); err != nil {
		return "", err
	}
	cmd := exec.Command(b.program, "--config-file="+conf, "--nofork", "--nopidfile", "--nosyslog", "--print-address=1")
	p, err := b.run(ctx, cmd)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(p.first, "unix:path=") {
		p.end()
		return "", fmt.Errorf("dbus-daemon printed %q%s", p.first, p.complaint())
	}
	return socket, nil
}

// writeService makes NameLazy activatable.
func writeService(dir, program, socket string) error {
	text := fmt.Sprintf("[D-BUS Service]\nName=%s\nExec=%s activated %s %s\n", NameLazy, quote(program), socket, NameLazy)
	return os.WriteFile(filepath.Join(dir, NameLazy+".service"), []byte(text), 0o600)
}

// quote is for a service file's Exec line, which is split like a shell's.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`").Replace(s) + `"`
}

// maxSocket is the longest path of a Unix socket everywhere, without its NUL.
const maxSocket = 103

func checkSocket(path string) error {
	if len(path) > maxSocket {
		return fmt.Errorf("a socket at %q has a path of %d bytes, the limit is %d; set TMPDIR to a shorter directory", path, len(path), maxSocket)
	}
	return nil
}
