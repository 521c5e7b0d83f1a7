// Package wire is the probe plugin protocol: the generated messages of
// hrhost.probe.v1, plain structs that stand for them, and the two ends, [Client]
// for the host and [Server] for the plugin.
//
// Nobody outside this package handles a generated type, but for package
// conformance, which sends what the protocol does not allow. Conversions to messages
// are total: text that is not UTF-8 is mended, long values are cut.
// Conversions from messages refuse, with a [*ProtocolError], whatever the
// protocol does not allow: an enum's zero or an unknown value, an event of no
// kind. The peer is not trusted: no message makes this package panic.
package wire

import (
	"context"
	"strconv"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// ProtocolMajor is negotiated in go-plugin's handshake and is part of the
	// proto package's name.
	ProtocolMajor = 1
	// ProtocolVersion is the version in the header of probe.proto.
	ProtocolVersion = "1.1"

	// MagicCookieKey and MagicCookieValue are go-plugin's: a variable in the
	// environment of whoever is started as a plugin.
	MagicCookieKey   = "HRHOST_PROBE_PLUGIN"
	MagicCookieValue = "hrhost.probe"

	// MaxMessage limits a message in either direction, in bytes.
	MaxMessage = 4 << 20
	// MaxEvent limits one event of a Run, in bytes.
	MaxEvent = 1 << 20
	// MaxValue limits a result's value, in bytes.
	MaxValue = 4 << 10
)

// EnvSocketDir is go-plugin's: where the plugin makes its socket.
const EnvSocketDir = "PLUGIN_UNIX_SOCKET_DIR"

// The environment of a plugin process. Each is the decimal number of an
// inherited descriptor, but for the last six.
const (
	EnvLife           = "HRHOST_LIFE_FD"          // pipe held by the host: end of file means exit
	EnvRecorder       = "HRHOST_RECORDER_FD"      // flight recorder
	EnvBusSession     = "HRHOST_BUS_SESSION_FD"   // connected session bus
	EnvBusSystem      = "HRHOST_BUS_SYSTEM_FD"    // connected system bus
	EnvBusSessionPath = "HRHOST_BUS_SESSION_PATH" // under a wrapper: the session bus's socket, to be connected to
	EnvBusSystemPath  = "HRHOST_BUS_SYSTEM_PATH"  // the system bus's
	EnvScratch        = "HRHOST_SCRATCH"          // the one directory that may be written
	EnvHost           = "HRHOST_HOST_PID"         // the one process to be answered; not under a wrapper
	EnvNonce          = "HRHOST_NONCE"            // what no other process was given; with a slot it names an attempt
	EnvChild          = "HRHOST_CHILD"            // name of the child mode, set by the plugin itself
)

// Capabilities that a plugin may claim.
const (
	CapRecorder  = "recorder"  // writes the flight recorder
	CapLife      = "life_pipe" // ends at the life pipe's end of file
	CapEnumerate = "enumerate" // answers Enumerate
	CapSealSelf  = "seal_self" // can apply a profile to itself
	CapBatch     = "batch"     // may be asked for outcomes several at a time
)

// ServerOptions sets the message limits of a plugin's server.
func ServerOptions() []grpc.ServerOption {
	return append(peerOptions(), grpc.ForceServerCodecV2(newCodec()), grpc.MaxRecvMsgSize(MaxMessage), grpc.MaxSendMsgSize(MaxMessage))
}

// DialOptions is for ClientConfig.GRPCDialOptions. The one connection is never
// given up for idleness, because a sealed plugin's socket can't be dialled
// again. Nobody listens to go-plugin's broker: it keeps something of each message
// that a plugin sends it, and a goroutine.
func DialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithIdleTimeout(0),
		grpc.WithDefaultCallOptions(limits(MaxMessage)...),
		grpc.WithChainStreamInterceptor(func(ctx context.Context, d *grpc.StreamDesc, c *grpc.ClientConn, method string, next grpc.Streamer, o ...grpc.CallOption) (grpc.ClientStream, error) {
			if strings.HasPrefix(method, brokerService) {
				return nil, status.Error(codes.Unimplemented, "there is no broker here")
			}
			return next(ctx, d, c, method, o...)
		}),
	}
}

const brokerService = "/plugin.GRPCBroker/"

func limits(receive int) []grpc.CallOption {
	return []grpc.CallOption{grpc.MaxCallRecvMsgSize(receive), grpc.MaxCallSendMsgSize(MaxMessage)}
}

// Nonce names one attempt of the process that was given the text of EnvNonce.
func Nonce(process string, slot int) string { return process + "/" + strconv.Itoa(slot) }
