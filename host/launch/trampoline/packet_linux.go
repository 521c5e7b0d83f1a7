package trampoline

import (
	"encoding/binary"
	"errors"
	"strings"
	"syscall"
)

// MaxPacket bounds a Setup's packet, maxStrings its arguments and variables
// together.
const (
	MaxPacket  = 1 << 18
	maxStrings = 1 << 10

	maxWords = 2 + maxStrings + 2 // the path and them, each list with a nil at its end
)

// Packet is the Setup as one packet, numbers in this machine's byte order:
//
//	u64         1 when FDLandlock is a ruleset
//	u64         the number of limits, then for each its resource and its value
//	u64         1 when the filter has a listener
//	u64, bytes  the length of the filter, and the filter
//	u64, bytes  1 when there is a Path, and it with a NUL at its end
//	u64, bytes  the number of arguments, and each likewise
//	u64, bytes  the variables, likewise
func (s *Setup) Packet() ([]byte, error) {
	b := number(nil, flag(s.Landlock))
	b = number(b, uint64(len(s.Limits)))
	for _, l := range s.Limits {
		b = number(number(b, uint64(l.Resource)), l.Value)
	}
	b = number(b, flag(s.Listener))
	b = append(number(b, uint64(len(s.Program))), s.Program...)
	path := []string{}
	if s.Path != "" {
		path = append(path, s.Path)
	}
	for _, words := range [][]string{path, s.Argv, s.Env} {
		b = number(b, uint64(len(words)))
		for _, w := range words {
			if strings.IndexByte(w, 0) >= 0 {
				return nil, syscall.EINVAL
			}
			b = append(append(b, w...), 0)
		}
	}
	if len(b) > MaxPacket || len(s.Argv)+len(s.Env) > maxStrings {
		return nil, syscall.E2BIG
	}
	return b, nil
}

func flag(set bool) uint64 {
	if set {
		return 1
	}
	return 0
}

func number(b []byte, n uint64) []byte { return binary.NativeEndian.AppendUint64(b, n) }

// packet is what is left of a Setup's packet. Once something in it is not right,
// bad is set and what is read is empty.
type packet struct {
	rest []byte
	bad  bool
}

func (p *packet) number() uint64 {
	b := p.bytes(8)
	if p.bad {
		return 0
	}
	return binary.NativeEndian.Uint64(b)
}

func (p *packet) bytes(n uint64) []byte {
	if p.bad || n > uint64(len(p.rest)) {
		p.bad = true
		return nil
	}
	b := p.rest[:n]
	p.rest = p.rest[n:]
	return b
}

// words puts pointers to as many strings as are said and a nil after them into
// list, and returns what is free of it.
func (p *packet) words(list []*byte) []*byte {
	n := p.number()
	if n >= uint64(len(list)) {
		p.bad = true
		return list
	}
	for i := range n {
		list[i] = p.word()
	}
	list[n] = nil
	return list[n+1:]
}

func (p *packet) word() *byte {
	for i, c := range p.rest {
		if c == 0 {
			return &p.bytes(uint64(i) + 1)[0]
		}
	}
	p.bad = true
	return nil
}

// ParseFailure reads what the trampoline says when it could not take a step: 'E',
// the error's number in eight bytes, the step. ok is false for any other message.
func ParseFailure(msg []byte) (f Failure, ok bool, err error) {
	if len(msg) == 0 || msg[0] != MsgError {
		return f, false, nil
	}
	p := packet{rest: msg[1:]}
	f.Errno = syscall.Errno(p.number())
	f.Step = string(p.rest)
	if p.bad || f.Step == "" {
		return f, true, errors.New("the trampoline's last words are cut short")
	}
	return f, true, nil
}
