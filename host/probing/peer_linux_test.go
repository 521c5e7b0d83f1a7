package probing

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/hrhost/hrhost/internal/wire"
)

// peer is a plugin that speaks the protocol's carrier as it should not be spoken:
// the handshake's line, HTTP/2 and gRPC.
func peer(how string) {
	path := filepath.Join(os.Getenv(wire.EnvSocketDir), "s")
	socket, err := net.Listen("unix", path)
	if err != nil {
		panic(err)
	}
	line := fmt.Sprintf("1|%d|unix|%s|grpc|", wire.ProtocolMajor, path)
	if how == "certificate" {
		line += certificate()
	}
	fmt.Println(line)
	go leave()
	if speak, ok := frames[how]; ok {
		for {
			conn, err := socket.Accept()
			if err != nil {
				return
			}
			go func() {
				io.ReadFull(conn, make([]byte, 24)) // the client's preface
				speak(conn)
				conn.Close()
			}()
		}
	}
	serveOdd(how, socket)
}

// certificate is one that a host with TLS would trust from here on.
func certificate() string {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err)
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(nil, t, t, public, private)
	if err != nil {
		panic(err)
	}
	return base64.RawStdEncoding.EncodeToString(der)
}

// Kinds of frames of HTTP/2 (RFC 9113).
const (
	frameData, frameHeaders, frameSettings, frameGoAway, frameContinuation = 0, 1, 4, 7, 9
)

func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind))
	b = append(b, flags)
	return append(binary.BigEndian.AppendUint32(b, stream), payload...)
}

// again writes until nobody reads any more.
func again(conn net.Conn, b []byte) {
	for {
		if _, err := conn.Write(b); err != nil {
			return
		}
	}
}

func drain(conn net.Conn) { io.Copy(io.Discard, conn) }

// frames are what is said to a client that has just connected.
var frames = map[string]func(net.Conn){
	"closes": func(net.Conn) {},
	"text":   func(c net.Conn) { c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")); drain(c) },
	"goaway": func(c net.Conn) {
		c.Write(frame(frameSettings, 0, 0, nil))
		c.Write(frame(frameGoAway, 0, 0, make([]byte, 8)))
		drain(c)
	},
	"continuation": func(c net.Conn) {
		go drain(c)
		c.Write(frame(frameSettings, 0, 0, nil))
		c.Write(frame(frameHeaders, 0, 1, nil))
		again(c, frame(frameContinuation, 0, 1, make([]byte, 16<<10)))
	},
	"huge-frame": func(c net.Conn) {
		go drain(c)
		c.Write(frame(frameSettings, 0, 0, nil))
		b := frame(frameData, 0, 1, make([]byte, 1<<24-1))
		again(c, b)
	},
}

// serveOdd serves gRPC, and something that no plugin should.
func serveOdd(how string, socket net.Listener) {
	options := []grpc.ServerOption{grpc.MaxSendMsgSize(64 << 20)}
	long := strings.Repeat("x", 8<<20)
	switch how {
	case "status":
		options = append(options, grpc.StreamInterceptor(func(_ any, s grpc.ServerStream, _ *grpc.StreamServerInfo, _ grpc.StreamHandler) error {
			return status.Error(codes.Internal, long)
		}))
	case "headers":
		options = append(options, grpc.StreamInterceptor(func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			s.SetHeader(metadata.Pairs("x", long))
			return next(srv, s)
		}))
	}
	server := grpc.NewServer(options...)
	wire.Register(server, &fakePlugin{how: how})
	if how == "broker" {
		server.RegisterService(&broker, nil)
	}
	server.Serve(socket)
}

// broker offers go-plugin's own service without end: a ConnInfo's first field is a
// number, as an UInt32Value's.
var broker = grpc.ServiceDesc{ServiceName: "plugin.GRPCBroker", HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{{
	StreamName: "StartStream", ServerStreams: true, ClientStreams: true,
	Handler: func(_ any, s grpc.ServerStream) error {
		for i := uint32(1); ; i++ {
			if err := s.SendMsg(wrapperspb.UInt32(i)); err != nil {
				return err
			}
		}
	},
}}}
