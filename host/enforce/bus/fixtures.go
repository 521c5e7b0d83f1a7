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
)

// owners are who owns names on the session-like bus, a connection each.
var owners = [][]string{{NameOne, NameAlso}, {NameTwo}}

// attendants is the process at the other end of the probes: owners of names on the
// session-like bus, and a subscriber on each bus that has posts. Each is a
// connection of its own, which is all that a bus knows of anybody; that they
// share a process saves the starts of three.
type attendants struct {
	*process
	subscriber [2]int // the number of a bus's subscriber among the roles, -1 for none
}

func (b *Buses) attend(ctx context.Context, o Options) (err error) {
	a := &attendants{subscriber: [2]int{-1, -1}}
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
	b.attendants = a
	return nil
}

// seenTimeout bounds a subscriber's answer.
const seenTimeout = 30 * time.Second

// Delivered asks the subscriber of a bus which notifications whose nonce begins
// with prefix have arrived, by name. Everything that the bus had sent to it
// before the question is counted.
func (b *Buses) Delivered(ctx context.Context, k Kind, prefix string) (map[string][]string, error) {
	p := b.attendants
	if p == nil || p.subscriber[k] < 0 {
		return nil, errors.New("nobody subscribes on the " + k.String() + "-like bus")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := fmt.Fprintln(p.stdin, fixture.Question(p.subscriber[k], prefix)); err != nil {
		return nil, fmt.Errorf("asking the subscriber: %w", err)
	}
	line, err := p.line(ctx, seenTimeout)
	if err != nil {
		return nil, fmt.Errorf("asking the subscriber: %w", err)
	}
	var got fixture.Seen
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		return nil, fmt.Errorf("asking the subscriber: it answers %.80q", line)
	}
	if got.Overflow {
		return nil, errors.New("the subscriber was flooded and remembers no more")
	}
	return got.Delivered, nil
}
