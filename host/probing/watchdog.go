package probing

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// errHung ends a process whose attempt outlived its deadline.
var errHung = errors.New("no event within the attempt's time limit")

// watched calls do, which calls alive whenever the process shows a sign of life. When
// there is none for so long as the limit, the process is killed and do's context ends.
func watched(
	ctx context.Context, limit time.Duration, kill func(), do func(ctx context.Context, alive func()) error,
) (hung bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var silent atomic.Bool
	timer := time.AfterFunc(limit, func() {
		silent.Store(true)
		kill()
		cancel(errHung)
	})
	defer timer.Stop()
	err = do(ctx, func() { timer.Reset(limit) })
	return silent.Load(), err
}
