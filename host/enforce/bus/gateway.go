package bus

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Bounds of one plugin's connection. No probe comes near them.
const (
	MaxMessage  = 64 << 10 // bytes of one message from a plugin
	MaxMessages = 100_000  // messages in a connection's life
	MaxPending  = 128      // calls that wait for their reply
)

// Why a plugin's connection was closed, besides dbuswire.ErrMalformed and
// dbuswire.ErrTooLarge.
var (
	ErrFlood       = errors.New("too many messages")
	ErrDescriptors = errors.New("a message with descriptors")
	ErrStalled     = errors.New("the plugin does not read its answers")
	ErrBusClosed   = errors.New("the bus closed the connection")
	ErrFault       = errors.New("a fault while judging")
)

// Stats counts what a gateway did.
type Stats struct {
	Messages      int64 // from the plugin
	Rows          int64
	Forwarded     int64
	Denied        int64 // by the policy
	ByContainment int64 // refused by containment
	Filtered      int64 // kept from the plugin
	Faults        int64 // panics while judging or passing on
	Closed        []error
}

// Gateway stands between one sealed plugin and the two buses.
type Gateway struct {
	cfg   enforce.Config
	lines [2]*line
	pid   atomic.Int64
	wg    sync.WaitGroup

	// mu is held while one message is judged; Seal takes it, so that no message
	// is judged by two policies.
	mu      sync.Mutex
	inForce enforce.InForce
	seq     int64
	stats   Stats
	closed  atomic.Bool
}

// New connects to both buses. Nothing is read before Serve; Close must be
// called even when Serve never was.
func New(cfg enforce.Config, buses *Buses) (*Gateway, error) {
	if cfg.Emit == nil {
		return nil, errors.New("bus: no Emit: a judgement without a witness row is not allowed")
	}
	g := &Gateway{cfg: cfg}
	for _, kind := range []Kind{Session, System} {
		l, err := newLine(g, kind, buses.Socket(kind))
		if err != nil {
			g.Close()
			return nil, fmt.Errorf("connecting %s to the %s-like bus: %w", cfg.Name, kind, err)
		}
		g.lines[kind] = l
	}
	return g, nil
}

// Files are the plugin's ends, session-like and system-like, to be inherited.
// They stay the gateway's.
func (g *Gateway) Files() [2]*os.File {
	return [2]*os.File{g.lines[Session].theirs, g.lines[System].theirs}
}

// Serve reads what the process pid sends from here on. Whoever else holds the
// sockets counts as that process.
func (g *Gateway) Serve(pid int) {
	g.pid.Store(int64(pid))
	for _, l := range g.lines {
		g.wg.Go(func() { l.carry(l.outbound) })
		g.wg.Go(func() { l.carry(l.inbound) })
	}
}

// Inherited closes the host's copies of the plugin's ends, so that the plugin's
// exit is seen.
func (g *Gateway) Inherited() {
	for _, l := range g.lines {
		l.theirs.Close()
	}
}

// Seal puts the policy in force for every message judged from now on and
// returns its epoch. It waits for the message in hand. Sealing is one-way.
func (g *Gateway) Seal(p enforce.Policy) (epoch int, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.inForce.Seal("bus", p)
}

// Ask is monitor_check for the bus operations: what the live gateway would
// answer to process pid, without sending anything.
func (g *Gateway) Ask(pid int, q sbpl.Query) enforce.Answer {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := enforce.Answer{Prediction: "unknown", Epoch: g.inForce.Epoch}
	switch served := int(g.pid.Load()); {
	case g.closed.Load() || served == 0:
		a.Detail = "no live gateway"
	case served != pid:
		a.Detail = fmt.Sprintf("process %d is not behind this gateway", pid)
	case !Needed(q.Operation):
		a.Detail = q.Operation + " is not decided by the gateway"
	default:
		a.Predict(enforce.Judge(g.inForce.Policy, q.Operation, q.Filters))
	}
	return a
}

// Close ends every connection and waits for the gateway's goroutines. It does not wait
// for the message in hand before: closing the connections ends what that waits for.
func (g *Gateway) Close() (Stats, error) {
	g.closed.Store(true)
	for _, l := range g.lines {
		if l != nil {
			l.close()
		}
	}
	g.wg.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stats, nil
}

func (g *Gateway) fault() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stats.Faults++
}
