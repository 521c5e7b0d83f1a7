// Package dbuswire frames D-Bus messages around godbus's codec and makes calls
// over one connection, one at a time, with no goroutine of its own.
//
// godbus decodes whole messages and trusts their signatures: an array of empty
// structs has it loop for ever. Here a message is read in one bounded piece, its
// header is decoded alone, and its body only when the reader asks for it and
// knows the signature. A message is written again from its decoded header, so
// that whoever reads it next cannot see another header than was judged.
package dbuswire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/godbus/dbus/v5"
)

// Bounds of one message, in bytes.
const (
	MaxHeader = 16 << 10 // of the header's fields
	fixed     = 16       // the header up to the length of its fields, included
)

// ErrTooLarge is a message over the limit.
var ErrTooLarge = errors.New("message too large")

// ErrMalformed is what is no valid message.
var ErrMalformed = errors.New("malformed message")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Message is one message: its header decoded, its body as it came.
type Message struct {
	Type        dbus.Type
	Flags       dbus.Flags
	Serial      uint32
	ReplySerial uint32
	Path        dbus.ObjectPath
	Interface   string
	Member      string
	ErrorName   string
	Destination string
	Sender      string
	Signature   string // of the body
	Descriptors uint32 // how many are said to come along
	Body        []byte

	order binary.ByteOrder
}

// Read takes one message of at most limit bytes. Its error is io.EOF when the
// stream ends between two messages, wraps ErrTooLarge or ErrMalformed when the
// peer is to blame, and is the reader's otherwise.
func Read(r io.Reader, limit int) (*Message, error) {
	head := make([]byte, fixed, 256)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	m := new(Message)
	fields, padded, body, err := m.extent(head)
	if err != nil {
		return nil, err
	}
	if fields > MaxHeader || fixed+padded+body > uint64(limit) {
		return nil, fmt.Errorf("%w: %d bytes of header and %d of body, the limit is %d and %d", ErrTooLarge, fields, body, MaxHeader, limit)
	}
	rest := make([]byte, padded+body)
	if _, err := io.ReadFull(r, rest); err != nil {
		return nil, unexpected(err)
	}
	m.Type, m.Flags, m.Serial = dbus.Type(head[1]), dbus.Flags(head[2]), m.order.Uint32(head[8:])
	m.Body = rest[padded:]
	if len(bytes.Trim(rest[fields:padded], "\x00")) > 0 {
		return nil, malformed("padding that is not zero")
	}
	if err := m.decodeHeader(append(head, rest[:fields]...)); err != nil {
		return nil, err
	}
	return m, m.check()
}

// extent reads the byte order and the lengths of the fields, without and with
// their padding, and of the body.
func (m *Message) extent(head []byte) (fields, padded, body uint64, err error) {
	switch head[0] {
	case 'l':
		m.order = binary.LittleEndian
	case 'B':
		m.order = binary.BigEndian
	default:
		return 0, 0, 0, malformed("byte order %#x", head[0])
	}
	if head[3] != 1 {
		return 0, 0, 0, malformed("protocol version %d", head[3])
	}
	fields, body = uint64(m.order.Uint32(head[12:])), uint64(m.order.Uint32(head[4:]))
	return fields, (fields + 7) &^ 7, body, nil
}

// ReadOn is Read for who gets messages from everybody through a bus: what is
// larger than limit, or malformed within its lengths, is read past.
func ReadOn(r *bufio.Reader, limit int) (*Message, error) {
	for {
		head, err := r.Peek(fixed)
		if len(head) == 0 {
			return nil, err
		} else if err != nil {
			return nil, unexpected(err)
		}
		_, padded, body, err := new(Message).extent(head)
		if err != nil {
			return nil, err
		}
		one := &io.LimitedReader{R: r, N: int64(fixed + padded + body)}
		m, err := Read(one, limit)
		if !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrMalformed) {
			return m, err
		}
		if _, err := io.CopyN(io.Discard, one, one.N); err != nil {
			return nil, unexpected(err)
		}
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
