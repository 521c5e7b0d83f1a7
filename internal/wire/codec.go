package wire

import (
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// codec is the plugin's. It writes and reads messages by code that was generated
// for each of them; the usual codec makes tables of every kind of message at its
// first use, a tenth of all that a plugin's process does. It takes text that is not
// UTF-8, so that the host, whose peer is not trusted, keeps the usual one.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(proto.Name)} }

func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	m, generated := v.(interface{ MarshalVT() ([]byte, error) })
	if !generated {
		return c.CodecV2.Marshal(v)
	}
	b, err := m.MarshalVT()
	return mem.BufferSlice{mem.SliceBuffer(b)}, err
}

func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	m, generated := v.(interface{ UnmarshalVT([]byte) error })
	if !generated {
		return c.CodecV2.Unmarshal(data, v)
	}
	return m.UnmarshalVT(data.Materialize())
}
