package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// socket is one target: FAMILY/TYPE/PROTOCOL.
type socket struct {
	domainName, kindName   string
	domain, kind, protocol int
}

func (s socket) String() string {
	return s.domainName + "/" + s.kindName + "/" + strconv.Itoa(s.protocol)
}

var kinds = map[string]int{
	"SOCK_STREAM": syscall.SOCK_STREAM, "SOCK_DGRAM": syscall.SOCK_DGRAM, "SOCK_RAW": syscall.SOCK_RAW,
	"SOCK_RDM": syscall.SOCK_RDM, "SOCK_SEQPACKET": syscall.SOCK_SEQPACKET,
}

// enumerate lists every family of this system with every type, of protocol 0.
func enumerate(yield func(target string) error) error {
	for _, family := range slices.Sorted(maps.Keys(families)) {
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			if err := yield(family + "/" + kind + "/0"); err != nil {
				return err
			}
		}
	}
	return nil
}

// parse reads a target. All three parts are needed: what a socket is asked for
// is never guessed.
func parse(target string) (socket, error) {
	parts := strings.Split(target, "/")
	if len(parts) != 3 {
		return socket{}, fmt.Errorf("target %q is not FAMILY/TYPE/PROTOCOL, such as %s", target, exampleTarget)
	}
	s := socket{domainName: parts[0], kindName: parts[1]}
	var ok bool
	if s.domain, ok = families[s.domainName]; !ok {
		return socket{}, fmt.Errorf("unknown family %q in target %q", s.domainName, target)
	}
	if s.kind, ok = kinds[s.kindName]; !ok {
		return socket{}, fmt.Errorf("unknown type %q in target %q", s.kindName, target)
	}
	protocol, err := strconv.ParseUint(parts[2], 10, 31)
	if err != nil {
		return socket{}, fmt.Errorf("protocol %q in target %q is no number", parts[2], target)
	}
	s.protocol = int(protocol)
	return s, nil
}
