package wire

import (
	"testing"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	gproto "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/emptypb"

	pb "github.com/hrhost/hrhost/internal/wire/probev1"
)

// TestCodec: what the plugin's codec writes the usual one reads, and the other
// way round, for each message and each of its fields alone and all together.
func TestCodec(t *testing.T) {
	own, usual := newCodec(), encoding.GetCodecV2(proto.Name)
	all := pb.File_hrhost_probe_v1_probe_proto.Messages()
	tried := 0
	for i := range all.Len() {
		kind, err := protoregistry.GlobalTypes.FindMessageByName(all.Get(i).FullName())
		if err != nil {
			t.Fatal(err)
		}
		filled := []protoreflect.Message{kind.New(), setFields(kind.New(), nil)}
		fields := all.Get(i).Fields()
		for f := range fields.Len() {
			filled = append(filled, setFields(kind.New(), fields.Get(f)))
		}
		for _, m := range filled {
			tried++
			for _, c := range []struct {
				name        string
				write, read encoding.CodecV2
			}{{"written by the plugin's", own, usual}, {"read by the plugin's", usual, own}} {
				b, err := c.write.Marshal(m.Interface())
				if err != nil {
					t.Fatal(err)
				}
				got := kind.New().Interface()
				if err := c.read.Unmarshal(b, got); err != nil || !gproto.Equal(got, m.Interface()) {
					t.Errorf("%s, %s: %v became %v, %v", all.Get(i).Name(), c.name, m.Interface(), got, err)
				}
			}
			if m, ok := m.Interface().(interface{ SizeVT() int }); !ok || m.SizeVT() != gproto.Size(m.(gproto.Message)) {
				t.Errorf("%s: another size", all.Get(i).Name())
			}
		}
	}
	if tried < 50 {
		t.Errorf("only %d messages", tried)
	}
}

// setFields sets one field, or all for nil, to something that is not its zero value.
func setFields(m protoreflect.Message, only protoreflect.FieldDescriptor) protoreflect.Message {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if only != nil && only != f {
			continue
		}
		switch {
		case f.IsMap():
			m.Mutable(f).Map().Set(scalar(f.MapKey()).MapKey(), value(m.Mutable(f).Map().NewValue(), f.MapValue()))
		case f.IsList():
			list := m.Mutable(f).List()
			list.Append(value(list.NewElement(), f))
			list.Append(value(list.NewElement(), f))
		default:
			m.Set(f, value(m.NewField(f), f))
		}
	}
	return m
}

func value(empty protoreflect.Value, f protoreflect.FieldDescriptor) protoreflect.Value {
	if f.Kind() == protoreflect.MessageKind {
		return protoreflect.ValueOfMessage(setFields(empty.Message(), nil))
	}
	return scalar(f)
}

func scalar(f protoreflect.FieldDescriptor) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString("é " + string(f.Name()))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte{0, 0xff, 7})
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(f.Enum().Values().Get(1).Number())
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(-7)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(-1 << 40)
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(1 << 31)
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(1 << 63)
	}
	panic("a field of a kind that the test does not know: " + string(f.FullName()))
}

// TestCodecOfOthers: a service that is not ours may be asked for on the same
// connection.
func TestCodecOfOthers(t *testing.T) {
	b, err := newCodec().Marshal(&emptypb.Empty{})
	if err == nil {
		err = newCodec().Unmarshal(b, &emptypb.Empty{})
	}
	if err != nil {
		t.Error(err)
	}
}
