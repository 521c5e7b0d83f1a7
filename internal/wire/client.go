package wire

import (
	"context"
	"errors"
	"io"

	pb "github.com/hrhost/hrhost/internal/wire/probev1"
	"google.golang.org/grpc"
)

// Client is the host's end. Each method's deadline is its context's. An error
// is a failure of the run, never an outcome: [ErrAbsent], [ErrSealed],
// [ErrTruncated] and [*ProtocolError] can be told apart with errors.Is and
// errors.As, and a dead process shows as gRPC's Unavailable.
type Client struct{ rpc pb.ProbePluginClient }

// NewClient speaks over an open connection.
func NewClient(conn grpc.ClientConnInterface) *Client {
	return &Client{rpc: pb.NewProbePluginClient(conn)}
}

// Describe asks what the plugin can do. It changes nothing.
func (c *Client) Describe(ctx context.Context, r DescribeRequest) (Description, error) {
	m := &pb.DescribeRequest{HostVersion: mend(r.HostVersion), Capabilities: mendAll(r.Capabilities)}
	answer, err := c.rpc.Describe(ctx, m, limits(MaxMessage)...)
	if err != nil {
		return Description{}, explain("Describe", err)
	}
	return descriptionFrom(answer)
}

// Configure hands over options as JSON, nil when the plan has none. A
// diagnostic of severity error means that the options are refused.
func (c *Client) Configure(ctx context.Context, optionsJSON []byte) ([]Diagnostic, error) {
	answer, err := c.rpc.Configure(ctx, &pb.ConfigureRequest{Options: optionsJSON}, limits(MaxMessage)...)
	if err != nil {
		return nil, explain("Configure", err)
	}
	return tryEach(answer.GetDiagnostics(), diagnosticFrom)
}

// Prepare names the plan's targets before sealing.
func (c *Client) Prepare(ctx context.Context, r PrepareRequest) (PrepareResponse, error) {
	answer, err := c.rpc.Prepare(ctx, r.message(), limits(MaxMessage)...)
	if err != nil {
		return PrepareResponse{}, explain("Prepare", err)
	}
	return prepareResponseFrom(answer)
}

// Seal puts the policy in force. A second Seal is ErrSealed.
func (c *Client) Seal(ctx context.Context, r SealRequest) (SealReport, error) {
	answer, err := c.rpc.Seal(ctx, r.message(), limits(MaxMessage)...)
	if err != nil {
		return SealReport{}, explain("Seal", err)
	}
	return sealReportFrom(answer), nil
}

// Run has the items attempted in order and passes each event on, Completed too,
// on the caller's goroutine. An error of the function ends the Run and is
// returned. Events for slots that were not asked for, a second outcome of a
// slot and a flood are protocol violations.
func (c *Client) Run(ctx context.Context, items []RunItem, each func(Event) error) (Completed, error) {
	return c.RunAs(ctx, RunRequest{Items: items}, each)
}

// RunAs is Run with a choice of how the events come. Those of a batch are passed
// on one by one.
func (c *Client) RunAs(ctx context.Context, r RunRequest, each func(Event) error) (Completed, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the stream on every early return
	stream, err := c.rpc.Run(ctx, r.message(), limits(MaxEvent)...)
	if err != nil {
		return Completed{}, explain("Run", err)
	}
	judge := newOrderCheck(r.Items)
	admitted := func(e Event) error {
		if err := judge.admit(e); err != nil {
			return err
		}
		return each(e)
	}
	for {
		events, err := receive(stream, r.Batch)
		if err != nil {
			return Completed{}, err
		}
		for _, e := range events {
			if err := admitted(e); err != nil {
				return Completed{}, err
			}
			if done, ok := e.(Completed); ok {
				return done, nil
			}
		}
	}
}

func (r RunRequest) message() *pb.RunRequest {
	return &pb.RunRequest{Items: each(r.Items, RunItem.message), Batch: r.Batch}
}

// receive reads one message: one event or, when asked for, a batch.
func receive(stream grpc.ServerStreamingClient[pb.Event], batch bool) ([]Event, error) {
	m, err := stream.Recv()
	if errors.Is(err, io.EOF) {
		return nil, ErrTruncated
	}
	if err != nil {
		return nil, explain("Run", err)
	}
	if several := m.GetOutcomes(); batch && several != nil {
		return tryEach(several.GetOutcomes(), outcomeFrom)
	}
	e, err := eventFrom(m)
	return []Event{e}, err
}

// Enumerate passes on every target of an operation known on this host. One
// without a name, too long a name and a list without end are protocol violations.
func (c *Client) Enumerate(ctx context.Context, operation string, each func(Target) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.rpc.Enumerate(ctx, &pb.EnumerateRequest{Operation: mend(operation)}, limits(MaxEvent)...)
	if err != nil {
		return explain("Enumerate", err)
	}
	for n := 1; ; n++ {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return explain("Enumerate", err)
		}
		if err := unlisted(n, m.GetValue()); err != nil {
			return err
		}
		if err := each(Target{Operation: m.GetOperation(), Value: m.GetValue()}); err != nil {
			return err
		}
	}
}

// Stop has the plugin cancel a Run and release its fixtures. The process ends
// when the host closes the life pipe afterwards.
func (c *Client) Stop(ctx context.Context) error {
	_, err := c.rpc.Stop(ctx, &pb.StopRequest{}, limits(MaxMessage)...)
	return explain("Stop", err)
}
