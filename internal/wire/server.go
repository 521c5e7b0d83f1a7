package wire

import (
	"context"
	"errors"

	pb "github.com/hrhost/hrhost/internal/wire/probev1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Server is the plugin's end. [ErrSealed] and [ErrAbsent] reach the host as
// such; any other error is a failure of the run.
type Server interface {
	Describe(context.Context, DescribeRequest) (Description, error)
	Configure(ctx context.Context, optionsJSON []byte) ([]Diagnostic, error)
	Prepare(context.Context, PrepareRequest) (PrepareResponse, error)
	Seal(context.Context, SealRequest) (SealReport, error)
	// Run sends every event, Completed last. Send must not be called by two
	// goroutines at once, nor after Run returned.
	Run(ctx context.Context, items []RunItem, send func(Event) error) error
	Enumerate(ctx context.Context, operation string, send func(Target) error) error
	Stop(context.Context) error
}

// Register makes the gRPC server answer for s.
func Register(server grpc.ServiceRegistrar, s Server) {
	pb.RegisterProbePluginServer(server, &adapter{to: s})
}

// adapter turns messages into calls of a Server.
type adapter struct {
	pb.UnimplementedProbePluginServer
	to Server
}

func (a *adapter) Describe(ctx context.Context, m *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	d, err := a.to.Describe(ctx, DescribeRequest{HostVersion: m.GetHostVersion(), Capabilities: m.GetCapabilities()})
	if d.Has(CapRecorder) {
		d.Capabilities = append(d.Capabilities, CapBatch) // any Server's outcomes are put together here
	}
	return d.message(), coded(err)
}

func (a *adapter) Configure(ctx context.Context, m *pb.ConfigureRequest) (*pb.ConfigureResponse, error) {
	list, err := a.to.Configure(ctx, m.GetOptions())
	return &pb.ConfigureResponse{Diagnostics: each(list, Diagnostic.message)}, coded(err)
}

func (a *adapter) Prepare(ctx context.Context, m *pb.PrepareRequest) (*pb.PrepareResponse, error) {
	r, err := prepareRequestFrom(m)
	if err != nil {
		return nil, coded(err)
	}
	answer, err := a.to.Prepare(ctx, r)
	return answer.message(), coded(err)
}

func (a *adapter) Seal(ctx context.Context, m *pb.SealRequest) (*pb.SealResponse, error) {
	report, err := a.to.Seal(ctx, sealRequestFrom(m))
	return report.message(), coded(err)
}

func (a *adapter) Run(m *pb.RunRequest, stream grpc.ServerStreamingServer[pb.Event]) error {
	items, err := tryEach(m.GetItems(), runItemFrom)
	if err != nil {
		return coded(err)
	}
	send := func(e Event) error { return stream.Send(eventMessage(e)) }
	if !m.GetBatch() {
		return coded(a.to.Run(stream.Context(), items, send))
	}
	b := batch{send: stream.Send}
	err = a.to.Run(stream.Context(), items, b.add)
	return coded(errors.Join(err, b.flush()))
}

func (a *adapter) Enumerate(m *pb.EnumerateRequest, stream grpc.ServerStreamingServer[pb.Target]) error {
	send := func(t Target) error {
		return stream.Send(&pb.Target{Operation: mend(t.Operation), Value: mend(t.Value)})
	}
	return coded(a.to.Enumerate(stream.Context(), m.GetOperation(), send))
}

func (a *adapter) Stop(ctx context.Context, _ *pb.StopRequest) (*pb.StopResponse, error) {
	return &pb.StopResponse{}, coded(a.to.Stop(ctx))
}

// coded gives an error the status code that explain reads.
func coded(err error) error {
	var bad *ProtocolError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrSealed):
		return status.Error(codes.FailedPrecondition, err.Error())
	case errors.Is(err, ErrAbsent):
		return status.Error(codes.Unimplemented, err.Error())
	case errors.As(err, &bad):
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return status.Error(codes.Unknown, err.Error())
}
