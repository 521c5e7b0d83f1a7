//go:build linux

package monitor

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/internal/monotonic"
)

// Monitor answers the calls of one sealed process tree.
type Monitor struct {
	cfg Config

	proc     int    // O_PATH descriptor of /proc
	procDev  uint64 // its file system
	stop     int    // eventfd that ends the receiver
	listener *os.File
	fd       int // the listener's number

	root      int    // the plugin's process
	rootStart uint64 // and when it started

	// mu is held while one notification is handled; Seal takes it, so that no
	// call is judged by two policies.
	mu      gate
	inForce enforce.InForce
	seq     int64
	seen    map[int]uint64 // processes met on the listener, with start times
	stats   Stats
	buf     [4096]byte // paths read from the plugin

	clock monotonic.Clock

	started   atomic.Bool
	closed    atomic.Bool
	abandoned atomic.Bool // Close did not wait for the call in hand: its rows come too late
	finished  chan struct{}
	patience  time.Duration // see the constant
}

// New prepares a monitor; nothing runs until Listen. Close must be called even
// when Listen never was.
func New(cfg Config) (*Monitor, error) {
	if len(table) == 0 {
		return nil, fmt.Errorf("%w: the table of system calls was not verified on this machine", ErrUnsupported)
	}
	if cfg.Emit == nil {
		return nil, errors.New("monitor: no Emit: a judgement without a witness row is not allowed")
	}
	m := &Monitor{
		cfg: cfg, proc: -1, stop: -1, fd: -1, mu: newGate(), patience: patience,
		seen: map[int]uint64{}, clock: monotonic.New(), finished: make(chan struct{}),
	}
	m.stats.ByContainment = map[string]int64{}
	var err error
	if m.proc, err = unix.Open("/proc", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("opening /proc: %w", err)
	}
	var fs unix.Statfs_t
	var st unix.Stat_t
	if err := errors.Join(unix.Fstatfs(m.proc, &fs), unix.Fstat(m.proc, &st)); err != nil {
		unix.Close(m.proc)
		return nil, fmt.Errorf("looking at /proc: %w", err)
	}
	if fs.Type != unix.PROC_SUPER_MAGIC || st.Ino != procRootIno {
		unix.Close(m.proc)
		return nil, errors.New("monitor: /proc is not the root of a proc file system")
	}
	m.procDev = st.Dev
	if m.stop, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		unix.Close(m.proc)
		return nil, fmt.Errorf("making an eventfd: %w", err)
	}
	return m, nil
}

// Listen serves the listener of the process pid, which waits until it is served.
// The monitor owns the listener from here on, also when Listen fails.
func (m *Monitor) Listen(listener *os.File, pid int) error {
	if m.started.Load() {
		listener.Close()
		return errors.New("monitor: started twice")
	}
	if err := m.sameView(pid); err != nil {
		listener.Close()
		return err
	}
	st, ok := m.readStat(pid)
	if !ok {
		listener.Close()
		return fmt.Errorf("monitor: no process %d", pid)
	}
	m.root, m.rootStart = pid, st.start
	m.listener, m.fd = listener, int(listener.Fd())
	syncWakeup(m.fd) // an older kernel is only slower
	m.started.Store(true)
	go m.receive()
	return nil
}

// sameView refuses a plugin that sees another file system or other processes
// than the host: names and pids would mean different things to the two.
func (m *Monitor) sameView(pid int) error {
	for _, ns := range []string{"mnt", "pid"} {
		ours, err1 := os.Readlink("/proc/self/ns/" + ns)
		theirs, err2 := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, ns))
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("comparing %s namespaces with process %d: %w", ns, pid, err)
		}
		if ours != theirs {
			return fmt.Errorf("monitor: process %d is in another %s namespace than the host", pid, ns)
		}
	}
	var ours, theirs unix.Stat_t
	if err := errors.Join(unix.Stat("/", &ours), unix.Stat(fmt.Sprintf("/proc/%d/root", pid), &theirs)); err != nil {
		return fmt.Errorf("comparing roots with process %d: %w", pid, err)
	}
	if ours.Dev != theirs.Dev || ours.Ino != theirs.Ino {
		return fmt.Errorf("monitor: process %d has another root directory than the host", pid)
	}
	return nil
}

// Seal puts the policy in force for every call judged from now on and returns
// its epoch. It waits for the call in hand, at most [patience]. Sealing is one-way.
func (m *Monitor) Seal(p Policy) (epoch int, err error) {
	if !m.mu.enterWithin(m.patience) {
		return 0, fmt.Errorf("sealing %s: %w", m.cfg.Name, m.stuck())
	}
	defer m.mu.leave()
	return m.inForce.Seal("monitor", p)
}

// Close ends the receiver and closes every descriptor. Call it when the plugin
// is dead; a plugin that still lives gets ENOSYS for each mediated call. A receiver
// that does not end within [patience] is left behind with its descriptors, and the
// call that it was handling gets no row.
func (m *Monitor) Close() (Stats, error) {
	if m.closed.Swap(true) {
		return m.statsNow(), nil
	}
	if m.started.Load() {
		if err := m.stopReceiver(); err != nil {
			m.abandoned.Store(true)
			return m.statsNow(), err
		}
		m.listener.Close()
	}
	unix.Close(m.stop)
	if !m.mu.enterWithin(m.patience) { // Ask is looking something up
		return Stats{}, fmt.Errorf("closing %s: %w", m.cfg.Name, m.stuck())
	}
	defer m.mu.leave()
	unix.Close(m.proc)
	return m.stats.clone(), nil
}

// statsNow returns the counts, and none while a receiver that is stuck changes them.
func (m *Monitor) statsNow() Stats {
	if !m.mu.enterWithin(0) {
		return Stats{}
	}
	defer m.mu.leave()
	return m.stats.clone()
}

// stuck says that the receiver does not come back from a call.
func (m *Monitor) stuck() error {
	return fmt.Errorf("monitor: the call in hand has taken more than %s", m.patience)
}

func (s Stats) clone() Stats {
	s.ByContainment = maps.Clone(s.ByContainment)
	return s
}
