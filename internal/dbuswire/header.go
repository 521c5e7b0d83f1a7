package dbuswire

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/godbus/dbus/v5"
)

// headerSignature is the type of a message's header (D-Bus specification,
// "Message Format").
const headerSignature = "yyyyuua(yv)"

// envelopes are, by byte order, messages whose body is said to be a header. A
// header is marshalled like any body and starts at the same alignment, so that
// godbus decodes a header alone once it stands behind one of these.
var envelopes = map[binary.ByteOrder][]byte{
	binary.LittleEndian: envelope(binary.LittleEndian),
	binary.BigEndian:    envelope(binary.BigEndian),
}

func envelope(order binary.ByteOrder) []byte {
	m := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath:      dbus.MakeVariant(dbus.ObjectPath("/")),
		dbus.FieldInterface: dbus.MakeVariant("a.b"),
		dbus.FieldMember:    dbus.MakeVariant("c"),
		dbus.FieldSignature: dbus.MakeVariant(dbus.ParseSignatureMust(headerSignature)),
	}}
	var b bytes.Buffer
	if err := m.EncodeTo(&b, order); err != nil {
		panic("BUG: " + err.Error())
	}
	return b.Bytes()
}

// decodeHeader fills in m from a header, which ends with its last field.
func (m *Message) decodeHeader(raw []byte) error {
	// "()" occurs in no valid field; godbus would read an array of it for ever.
	if bytes.Contains(raw[fixed:], []byte("()")) {
		return malformed("an empty struct in the header")
	}
	env := bytes.Clone(envelopes[m.order])
	m.order.PutUint32(env[4:], uint32(len(raw)))
	outer, err := decode(append(env, raw...))
	if err != nil {
		return err
	}
	fields, ok := outer.Body[6].([][]any)
	if !ok {
		return malformed("header fields of type %T", outer.Body[6])
	}
	seen := map[byte]bool{}
	for _, f := range fields {
		code, value := f[0].(byte), f[1].(dbus.Variant).Value()
		if seen[code] {
			return malformed("header field %d appears twice", code)
		}
		seen[code] = true
		if !m.field(dbus.HeaderField(code), value) {
			return malformed("header field %d holds a %T", code, value)
		}
	}
	return nil
}

// field files one header field. A field that nobody knows is left out: it is
// not sent on either.
func (m *Message) field(code dbus.HeaderField, value any) (ok bool) {
	switch code {
	case dbus.FieldPath:
		m.Path, ok = value.(dbus.ObjectPath)
	case dbus.FieldInterface:
		m.Interface, ok = value.(string)
	case dbus.FieldMember:
		m.Member, ok = value.(string)
	case dbus.FieldErrorName:
		m.ErrorName, ok = value.(string)
	case dbus.FieldReplySerial:
		m.ReplySerial, ok = value.(uint32)
	case dbus.FieldDestination:
		m.Destination, ok = value.(string)
	case dbus.FieldSender:
		m.Sender, ok = value.(string)
	case dbus.FieldSignature:
		var s dbus.Signature
		s, ok = value.(dbus.Signature)
		m.Signature = s.String()
	case dbus.FieldUnixFDs:
		m.Descriptors, ok = value.(uint32)
	case 0:
	default:
		ok = true
	}
	return ok
}

// message is m for godbus's encoder, without its body.
func (m *Message) message() *dbus.Message {
	h := map[dbus.HeaderField]dbus.Variant{}
	text := func(code dbus.HeaderField, s string) {
		if s != "" {
			h[code] = dbus.MakeVariant(s)
		}
	}
	if m.Path != "" {
		h[dbus.FieldPath] = dbus.MakeVariant(m.Path)
	}
	text(dbus.FieldInterface, m.Interface)
	text(dbus.FieldMember, m.Member)
	text(dbus.FieldErrorName, m.ErrorName)
	text(dbus.FieldDestination, m.Destination)
	text(dbus.FieldSender, m.Sender)
	if m.ReplySerial != 0 {
		h[dbus.FieldReplySerial] = dbus.MakeVariant(m.ReplySerial)
	}
	if sig, err := dbus.ParseSignature(m.Signature); m.Signature != "" && err == nil {
		h[dbus.FieldSignature] = dbus.MakeVariant(sig)
	}
	return &dbus.Message{Type: m.Type, Flags: m.Flags, Headers: h}
}

// check refuses what a bus would close the connection for.
func (m *Message) check() error {
	switch {
	case m.Serial == 0:
		return malformed("serial 0")
	case m.Signature == "" && len(m.Body) > 0:
		return malformed("a body without a signature")
	case m.Destination != "" && !ValidName(m.Destination):
		return malformed("destination %.80q", m.Destination)
	}
	_, err := m.Bytes(m.Serial)
	return err
}

// Bytes is the message as it goes over a wire, its header written anew.
func (m *Message) Bytes(serial uint32) ([]byte, error) {
	var b bytes.Buffer
	if m.order == nil {
		m.order = binary.LittleEndian
	}
	if err := m.message().EncodeTo(&b, m.order); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	out := b.Bytes()
	m.order.PutUint32(out[4:], uint32(len(m.Body)))
	m.order.PutUint32(out[8:], serial)
	return append(out, m.Body...), nil
}

// Args decodes the body. The caller has looked at the Signature: one that holds
// a variant says nothing about what is to be decoded.
func (m *Message) Args() ([]any, error) {
	if m.Signature == "" {
		return nil, nil
	}
	if bytes.Contains(m.Body, []byte("()")) && bytes.ContainsRune([]byte(m.Signature), 'v') {
		return nil, malformed("a body that may hold an empty struct")
	}
	raw, err := m.Bytes(m.Serial)
	if err != nil {
		return nil, err
	}
	whole, err := decode(raw)
	if err != nil {
		return nil, err
	}
	return whole.Body, nil
}

// SetArgs encodes the body.
func (m *Message) SetArgs(args ...any) error {
	if len(args) == 0 {
		return nil
	}
	sig := dbus.SignatureOf(args...)
	carrier := &dbus.Message{Type: dbus.TypeMethodReply, Body: args, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldReplySerial: dbus.MakeVariant(uint32(1)), dbus.FieldSignature: dbus.MakeVariant(sig),
	}}
	var b bytes.Buffer
	if err := carrier.EncodeTo(&b, binary.LittleEndian); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint32(b.Bytes()[4:])
	m.order, m.Signature, m.Body = binary.LittleEndian, sig.String(), b.Bytes()[b.Len()-int(n):]
	return nil
}

// decode is godbus's, with every failure an error.
func decode(raw []byte) (msg *dbus.Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = malformed("%v", p)
		}
	}()
	if msg, err = dbus.DecodeMessage(bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return msg, nil
}
