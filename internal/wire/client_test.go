package wire

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/terms"
	pb "github.com/hrhost/hrhost/internal/wire/probev1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// rawServer is a plugin that sends what it likes.
type rawServer struct {
	pb.UnimplementedProbePluginServer
	run func(grpc.ServerStreamingServer[pb.Event]) error
}

func (s *rawServer) Run(_ *pb.RunRequest, stream grpc.ServerStreamingServer[pb.Event]) error {
	return s.run(stream)
}

func connect(t *testing.T, register func(*grpc.Server)) *Client {
	t.Helper()
	dir, err := os.MkdirTemp("", "hr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(ServerOptions()...)
	register(server)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	options := append(DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	conn, err := grpc.NewClient("unix:"+listener.Addr().String(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return NewClient(conn)
}

func hostile(t *testing.T, run func(grpc.ServerStreamingServer[pb.Event]) error) *Client {
	return connect(t, func(s *grpc.Server) { pb.RegisterProbePluginServer(s, &rawServer{run: run}) })
}

func runOne(t *testing.T, c *Client) (events int, err error) {
	_, err = c.Run(t.Context(), []RunItem{{Slot: 3, Arm: terms.After}}, func(Event) error { events++; return nil })
	return events, err
}

func TestHostileStreams(t *testing.T) {
	outcome := eventMessage(Outcome{Slot: 3, Effect: terms.EffectUnobservable})
	for name, c := range map[string]struct {
		send []*pb.Event
		want string
	}{
		"truncated":      {[]*pb.Event{outcome}, ErrTruncated.Error()},
		"foreign slot":   {[]*pb.Event{eventMessage(Intent{Slot: 4})}, "slot 4, which was not asked for"},
		"second outcome": {[]*pb.Event{outcome, outcome}, "a second outcome of slot 3"},
		"no kind":        {[]*pb.Event{{}}, "no known kind"},
		"over the limit": {[]*pb.Event{eventMessage(Observation{Slot: 3, Value: strings.Repeat("v", MaxEvent)})},
			"a message over the limit"},
	} {
		t.Run(name, func(t *testing.T) {
			client := hostile(t, func(stream grpc.ServerStreamingServer[pb.Event]) error {
				for _, e := range c.send {
					stream.Send(e)
				}
				return nil
			})
			if _, err := runOne(t, client); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
		})
	}
}

func TestFlood(t *testing.T) {
	client := hostile(t, func(stream grpc.ServerStreamingServer[pb.Event]) error {
		for {
			if err := stream.Send(eventMessage(Observation{Slot: 3})); err != nil {
				return err
			}
		}
	})
	events, err := runOne(t, client)
	var bad *ProtocolError
	if !errors.As(err, &bad) || events != eventsPerRun+eventsPerItem {
		t.Errorf("%d events, then %v", events, err)
	}
}

func TestUnimplementedIsAbsent(t *testing.T) {
	client := hostile(t, nil)
	if _, err := client.Describe(t.Context(), DescribeRequest{}); !errors.Is(err, ErrAbsent) {
		t.Errorf("Describe: %v", err)
	}
	if err := client.Stop(t.Context()); !errors.Is(err, ErrAbsent) {
		t.Errorf("Stop: %v", err)
	}
}

// refusing is a Server that answers every call with one error.
type refusing struct {
	Server
	err error
}

func (r refusing) Seal(context.Context, SealRequest) (SealReport, error) { return SealReport{}, r.err }

func (r refusing) Configure(context.Context, []byte) ([]Diagnostic, error) { return nil, r.err }

func TestSealedAndAbsentReachTheHost(t *testing.T) {
	for _, want := range []error{ErrSealed, ErrAbsent} {
		client := connect(t, func(s *grpc.Server) { Register(s, refusing{err: want}) })
		if _, err := client.Seal(t.Context(), SealRequest{}); !errors.Is(err, want) {
			t.Errorf("Seal: %v, want %v", err, want)
		}
		if _, err := client.Configure(t.Context(), nil); !errors.Is(err, want) {
			t.Errorf("Configure: %v, want %v", err, want)
		}
	}
}

func TestLargeRequestRefused(t *testing.T) {
	client := connect(t, func(s *grpc.Server) { Register(s, refusing{}) })
	if _, err := client.Configure(t.Context(), make([]byte, MaxMessage-1024)); err != nil {
		t.Errorf("below the limit: %v", err)
	}
	var bad *ProtocolError
	if _, err := client.Configure(t.Context(), make([]byte, MaxMessage)); !errors.As(err, &bad) {
		t.Errorf("over the limit: %v", err)
	}
}

func TestErrorOfTheFunctionEndsRun(t *testing.T) {
	ended := make(chan struct{})
	client := hostile(t, func(stream grpc.ServerStreamingServer[pb.Event]) error {
		defer close(ended)
		stream.Send(eventMessage(Intent{Slot: 3}))
		<-stream.Context().Done()
		return nil
	})
	enough := errors.New("enough")
	_, err := client.Run(t.Context(), []RunItem{{Slot: 3, Arm: terms.After}}, func(Event) error { return enough })
	if !errors.Is(err, enough) {
		t.Errorf("error is %v", err)
	}
	<-ended
}
