package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
	pb "github.com/hrhost/hrhost/internal/wire/probev1"
)

// many is enough for a Run to be under way whatever is done to it.
const many = 10_000

func sealsOnce(ctx context.Context, b binary) error {
	return b.with(ctx, 4, func(p *process) error {
		d, err := p.describe(ctx)
		if err != nil {
			return err
		}
		if _, err := p.client.Seal(ctx, wire.SealRequest{Epoch: 1, AppliedByHost: true}); err != nil {
			return err
		}
		if _, err := p.client.Seal(ctx, wire.SealRequest{Epoch: 2, AppliedByHost: true}); !errors.Is(err, wire.ErrSealed) {
			return fmt.Errorf("a second Seal: %v", err)
		}
		if _, err := p.client.Configure(ctx, nil); !errors.Is(err, wire.ErrSealed) && !errors.Is(err, wire.ErrAbsent) {
			return fmt.Errorf("a Configure after Seal: %v", err)
		}
		if _, err := p.client.Prepare(ctx, wire.PrepareRequest{}); !errors.Is(err, wire.ErrSealed) && !errors.Is(err, wire.ErrAbsent) {
			return fmt.Errorf("a Prepare after Seal: %v", err)
		}
		return p.whole(ctx, items(d, 4))
	})
}

// unknownEnum sends what no code of ours can: the values come from a host of
// another version, or from an enemy.
func unknownEnum(ctx context.Context, b binary) error {
	return b.with(ctx, 1, func(p *process) error {
		d, err := p.describe(ctx)
		if err != nil {
			return err
		}
		rpc, op := pb.NewProbePluginClient(p.conn), d.Probes[0].Operation
		for _, arm := range []pb.Arm{pb.Arm_ARM_UNSPECIFIED, 99, -1} {
			_, err := rpc.Prepare(ctx, &pb.PrepareRequest{Targets: []*pb.PrepareTarget{{Operation: op, Target: "x", Arm: arm}}})
			if err == nil {
				return fmt.Errorf("it takes arm %d in Prepare", arm)
			}
			stream, err := rpc.Run(ctx, &pb.RunRequest{Items: []*pb.RunItem{{Operation: op, Target: "x", Arm: arm, Attempt: 1}}})
			if err != nil {
				return err
			}
			if event, err := stream.Recv(); err == nil {
				return fmt.Errorf("it takes arm %d in Run, and sends %v", arm, event)
			}
		}
		_, err = p.describe(ctx)
		return err
	})
}

func unknownOperation(ctx context.Context, b binary) error {
	return b.with(ctx, 1, func(p *process) error {
		var got *wire.Outcome
		_, err := p.client.Run(ctx, []wire.RunItem{item(0, "hrhost-conformance-no-such-operation", "x")}, func(e wire.Event) error {
			if o, ok := e.(wire.Outcome); ok {
				got = &o
			}
			return nil
		})
		switch {
		case err != nil:
			return err
		case got == nil:
			return errors.New("there is no outcome")
		case got.Attempted || got.SkipReason == "":
			return fmt.Errorf("the outcome is %+v, wanted one that was not attempted, and why", *got)
		}
		return nil
	})
}

// streamClosed breaks a Run off at its first outcome. The plugin may need a
// moment to see it, and no longer.
func streamClosed(ctx context.Context, b binary) error {
	return b.with(ctx, many, func(p *process) error {
		d, err := p.describe(ctx)
		if err != nil {
			return err
		}
		if err := p.begin(ctx, items(d, many)); !errors.Is(err, errEnough) {
			return err
		}
		return p.again(ctx, d)
	})
}

// begin starts a Run and leaves it at the first outcome, with errEnough.
func (p *process) begin(ctx context.Context, list []wire.RunItem) error {
	_, err := p.client.Run(ctx, list, func(e wire.Event) error {
		if _, ok := e.(wire.Outcome); ok {
			return errEnough
		}
		return nil
	})
	if err == nil {
		return errors.New("no outcome came before Completed")
	}
	return err
}

// again wants a whole Run out of a plugin whose last one was broken off.
func (p *process) again(ctx context.Context, d wire.Description) error {
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err = p.whole(ctx, items(d, 4)); err == nil {
			return nil
		}
		if _, dead := p.describe(ctx); dead != nil {
			return dead
		}
	}
	return fmt.Errorf("the next Run: %w", err)
}

func stopped(ctx context.Context, b binary) error {
	return b.with(ctx, many, func(p *process) error {
		d, err := p.describe(ctx)
		if err != nil {
			return err
		}
		told := false
		var answer error
		_, err = p.client.Run(ctx, items(d, many), func(e wire.Event) error {
			if _, ok := e.(wire.Outcome); ok && !told {
				told = true
				ctx, cancel := context.WithTimeout(ctx, patience)
				defer cancel()
				if answer = p.client.Stop(ctx); errors.Is(answer, wire.ErrAbsent) {
					answer = nil
				}
				return answer
			}
			return nil
		})
		if answer != nil {
			return answer
		}
		if err != nil && ctx.Err() != nil {
			return fmt.Errorf("the Run goes on: %w", err)
		}
		_, err = p.describe(ctx)
		return err
	})
}

func tenThousand(ctx context.Context, b binary) error {
	return b.with(ctx, many, func(p *process) error {
		d, err := p.describe(ctx)
		if err != nil {
			return err
		}
		return p.whole(ctx, items(d, many))
	})
}

// whole wants one outcome for each item, and counts that agree with what came
// and with the flight recorder.
func (p *process) whole(ctx context.Context, list []wire.RunItem) error {
	d, err := p.describe(ctx)
	if err != nil {
		return err
	}
	var came wire.Completed
	done, err := p.client.Run(ctx, list, func(e wire.Event) error {
		if o, ok := e.(wire.Outcome); ok {
			came.Planned++
			if o.Attempted {
				came.Attempted++
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("after %d of %d outcomes: %w", came.Planned, len(list), err)
	}
	came.Recorded = done.Recorded
	if d.Has(wire.CapRecorder) {
		came.Recorded = p.recorded(len(list))
	}
	if done != came || came.Planned != len(list) {
		return fmt.Errorf("its Completed counts %+v, what came and was recorded %+v, planned were %d", done, came, len(list))
	}
	return nil
}

func (p *process) recorded(slots int) (n int) {
	for i := range slots {
		if p.region.Read(i).State == recorder.Done {
			n++
		}
	}
	return n
}

func connectionLost(ctx context.Context, b binary) error { return b.interrupted(ctx, true) }

func lifePipe(ctx context.Context, b binary) error { return b.interrupted(ctx, false) }

// interrupted closes the life pipe during a Run, with or without the connection.
func (b binary) interrupted(ctx context.Context, connection bool) error {
	return b.with(ctx, many, func(p *process) error {
		d, err := p.describe(ctx)
		if err != nil {
			return err
		}
		var left error
		_, err = p.client.Run(ctx, items(d, many), func(e wire.Event) error {
			if _, ok := e.(wire.Outcome); !ok {
				return nil
			}
			if connection {
				p.conn.Close()
			}
			left = p.leave()
			return errEnough
		})
		if !errors.Is(err, errEnough) {
			return err
		}
		return left
	})
}
