package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"github.com/hrhost/hrhost/host/enforce/bus/fixture"
	"github.com/hrhost/hrhost/internal/dbuswire"
)

// owners are who owns names on the session-like bus, a connection each.
var owners = [][]string{{NameOne, NameAlso}, {NameTwo}}

// peers is the process at the other end of the probes: owners of names on the
// session-like bus, and a subscriber on each bus that has posts. Each is a
// connection of its own, which is all that a bus knows of anybody; that they
// share a process saves the starts of three.
type peers struct {
	*process
	subscriber [2]int            // the number of a bus's subscriber among the roles, -1 for none
	owner      map[string]string // of each name: the unique name, which no bus gives twice
	gone       error             // how the process ended, once that was noticed; guarded by mu
}

func (b *Buses) attend(ctx context.Context, o Options) (err error) {
	a := &peers{subscriber: [2]int{-1, -1}}
	var args []string
	roles := 0
	add := func(mode string, k Kind, names []string) {
		if roles++; roles > 1 {
			args = append(args, fixture.Next)
		}
		args = append(append(args, mode, b.sockets[k]), names...)
	}
	for _, names := range owners {
		add(fixture.Serve, Session, names)
	}
	for _, k := range []Kind{Session, System} {
		names := slices.DeleteFunc(slices.Clone(o.Posts[k]), func(n string) bool { _, _, ok := fixture.Split(n); return !ok })
		if len(names) > 0 {
			a.subscriber[k] = roles
			add(fixture.Subscribe, k, names)
		}
	}
	a.process, err = b.run(ctx, exec.Command(o.Fixture, args...))
	if err == nil && a.first != fixture.Ready {
		err = fmt.Errorf("it printed %q", a.first)
	}
	if err != nil {
		return fmt.Errorf("starting who owns names and sees notifications: %w", err)
	}
	if a.owner, err = b.owning(); err != nil {
		return err
	}
	b.peers = a
	return nil
}

// owning asks the session-like bus who owns the fixtures' names.
func (b *Buses) owning() (map[string]string, error) {
	rw, err := dbuswire.Dial(b.sockets[Session])
	if err != nil {
		return nil, err
	}
	defer rw.Close()
	rw.SetDeadline(time.Now().Add(seenTimeout))
	d := &directory{conn: dbuswire.NewConn(rw)}
	if err := d.conn.Hello(); err != nil {
		return nil, err
	}
	owner := map[string]string{}
	for _, name := range slices.Concat(owners...) {
		if owner[name], err = d.owner(name); err != nil {
			return nil, err
		}
	}
	return owner, nil
}

// Attended returns nil when those who own names and see notifications have been
// there from Start until now: whoever found one of the names without an owner, or
// a notification not delivered, found so for another reason. The error says how
// they ended. They are not started again.
func (b *Buses) Attended() error {
	if err := b.peers.known(); err != nil {
		return err
	}
	now, err := b.owning()
	for _, name := range slices.Concat(owners...) {
		if unique := b.peers.owner[name]; err == nil && now[name] != unique {
			err = fmt.Errorf("%s is owned by %q, not by %s", name, now[name], unique)
		}
	}
	if err == nil {
		return nil
	}
	return b.peers.lost(err)
}

func (a *peers) known() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.gone
}

// lost ends the process, if it has not ended by itself, and says how it did; a
// bus may notice later than we do.
func (a *peers) lost(err error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone == nil {
		a.end()
		a.gone = fmt.Errorf("who owns names and sees notifications on the buses has ended (%s%s): %w", a.cmd.ProcessState, a.complaint(), err)
	}
	return a.gone
}

// ErrOverflow says that more notifications were posted than a subscriber keeps.
var ErrOverflow = errors.New("the subscriber was flooded and remembers no more")

// seenTimeout bounds a subscriber's answer.
const seenTimeout = 30 * time.Second

// Delivered asks the subscriber of a bus which notifications whose nonce begins
// with prefix have arrived, by name. Everything that the bus had sent to it
// before the question is counted. Any error but ErrOverflow is one of Attended.
func (b *Buses) Delivered(ctx context.Context, k Kind, prefix string) (map[string][]string, error) {
	p := b.peers
	if p == nil || p.subscriber[k] < 0 {
		return nil, errors.New("nobody subscribes on the " + k.String() + "-like bus")
	}
	got, err := p.seen(ctx, fixture.Question(p.subscriber[k], prefix))
	if err != nil {
		return nil, p.lost(fmt.Errorf("asking the subscriber: %w", err))
	}
	if got.Overflow {
		return nil, ErrOverflow
	}
	return got.Delivered, nil
}

func (a *peers) seen(ctx context.Context, question string) (got fixture.Seen, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, err := fmt.Fprintln(a.stdin, question); err != nil {
		return got, err
	}
	line, err := a.line(ctx, seenTimeout)
	if err != nil {
		return got, err
	}
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		return got, fmt.Errorf("it answers %.80q", line)
	}
	return got, nil
}
