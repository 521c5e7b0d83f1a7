package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/hrhost/hrhost/host/enforce/bus/fixture"
)

// owners are the processes that own names on the session-like bus.
var owners = [][]string{{NameOne, NameAlso}, {NameTwo}}

// fixtures starts the processes at the other end of the probes: owners of names
// on the session-like bus, and a subscriber on each bus that has posts.
func (b *Buses) fixtures(ctx context.Context, o Options) error {
	var tasks []func() error
	for _, names := range owners {
		tasks = append(tasks, func() error {
			_, err := b.fixture(ctx, o.Fixture, fixture.Serve, Session, names)
			if err != nil {
				err = fmt.Errorf("owning %s: %w", strings.Join(names, " and "), err)
			}
			return err
		})
	}
	for _, k := range []Kind{Session, System} {
		names := slices.DeleteFunc(slices.Clone(o.Posts[k]), func(n string) bool { _, _, ok := fixture.Split(n); return !ok })
		if len(names) == 0 {
			continue
		}
		tasks = append(tasks, func() (err error) {
			if b.subscribers[k], err = b.fixture(ctx, o.Fixture, fixture.Subscribe, k, names); err != nil {
				err = fmt.Errorf("subscribing to notifications: %w", err)
			}
			return err
		})
	}
	return together(tasks...)
}

func (b *Buses) fixture(ctx context.Context, program, mode string, k Kind, names []string) (*process, error) {
	p, err := b.run(ctx, exec.Command(program, append([]string{mode, b.sockets[k]}, names...)...))
	if err == nil && !strings.HasPrefix(p.first, fixture.Ready) {
		err = fmt.Errorf("it printed %q", p.first)
	}
	return p, err
}

// seenTimeout bounds a subscriber's answer.
const seenTimeout = 30 * time.Second

// Delivered asks the subscriber of a bus which notifications whose nonce begins
// with prefix have arrived, by name. Everything that the bus had sent to it
// before the question is counted.
func (b *Buses) Delivered(ctx context.Context, k Kind, prefix string) (map[string][]string, error) {
	p := b.subscribers[k]
	if p == nil {
		return nil, errors.New("nobody subscribes on the " + k.String() + "-like bus")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := fmt.Fprintln(p.stdin, prefix); err != nil {
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
