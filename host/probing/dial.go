package probing

import (
	"context"
	"errors"
	"net"
	"runtime"

	"google.golang.org/grpc"

	"github.com/hrhost/hrhost/internal/wire"
)

// knowsPeer reports that both ends of the connection can be asked for their
// process: on Linux, where no wrapper stands between.
func (s *session) knowsPeer() bool {
	wrapped := s.job.Seal == SealWrap && s.job.Policy != nil
	return runtime.GOOS == "linux" && !wrapped
}

// dialOptions are the connection's. Its address is the plugin's word, so that
// the process behind it is asked for.
func (s *session) dialOptions() []grpc.DialOption {
	options := s.job.Trace.dialOptions()
	if !s.knowsPeer() {
		return options
	}
	return append(options, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		conn, err := wire.DialPlugin(ctx, s.runner.Address(), s.process().PID)
		var pe *wire.ProtocolError
		if errors.As(err, &pe) {
			s.impostor.Store(pe)
		}
		return conn, err
	}))
}
