package wire

import (
	"context"
	"fmt"
	"path"

	"google.golang.org/grpc"
)

// maxTraced is how much of a message is worth reading, in bytes.
const maxTraced = 400

// TraceMessages has every message of a connection said, in either direction, one line
// each: "-> Run items:{...}".
func TraceMessages(say func(line string)) []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, request, answer any, c *grpc.ClientConn, next grpc.UnaryInvoker, o ...grpc.CallOption) error {
			say(chat("->", method, request))
			err := next(ctx, method, request, answer, c, o...)
			if err != nil {
				say(chat("<-", method, err))
				return err
			}
			say(chat("<-", method, answer))
			return nil
		}),
		grpc.WithChainStreamInterceptor(func(ctx context.Context, d *grpc.StreamDesc, c *grpc.ClientConn, method string, next grpc.Streamer, o ...grpc.CallOption) (grpc.ClientStream, error) {
			s, err := next(ctx, d, c, method, o...)
			if err != nil {
				say(chat("<-", method, err))
				return nil, err
			}
			return &chatty{ClientStream: s, method: method, say: say}, nil
		}),
	}
}

// chatty is a stream that is overheard.
type chatty struct {
	grpc.ClientStream
	method string
	say    func(string)
}

func (c *chatty) SendMsg(m any) error {
	c.say(chat("->", c.method, m))
	return c.ClientStream.SendMsg(m)
}

func (c *chatty) RecvMsg(m any) error {
	err := c.ClientStream.RecvMsg(m)
	if err != nil {
		c.say(chat("<-", c.method, err))
		return err
	}
	c.say(chat("<-", c.method, m))
	return nil
}

func chat(way, method string, what any) string {
	text := fmt.Sprint(what)
	if len(text) > maxTraced {
		text = fmt.Sprintf("%s... (%d bytes)", text[:maxTraced], len(text))
	}
	return fmt.Sprintf("%s %s %s", way, path.Base(method), text)
}
