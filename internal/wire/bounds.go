package wire

import (
	"github.com/hrhost/hrhost/internal/text"
	pb "github.com/hrhost/hrhost/internal/wire/probev1"
)

// MaxText limits what is read of any text but a value, in bytes: each stands in every
// row that it is about, and some in several places.
const MaxText = 8 << 10

// short is a text of the peer's, cut at MaxText.
func short(s string) string { return text.Clip(s, MaxText) }

// Bounds of a description. A probe's table is gone through for every attempt.
const (
	maxProbes = 1 << 10
	maxCodes  = 1 << 10 // of one probe
)

// excessive is an error about a description that says more than anybody can mean.
func excessive(m *pb.DescribeResponse) error {
	if n := len(m.GetProbes()); n > maxProbes {
		return violation("a description of %d probes, more than %d", n, maxProbes)
	}
	for _, p := range m.GetProbes() {
		if n := len(p.GetResults()); n > maxCodes {
			return violation("a probe with %d result codes, more than %d", n, maxCodes)
		}
	}
	return nil
}

// Bounds of what an outcome may claim. Beyond them it is no result of any call,
// and no reader of a bundle could take it.
const (
	maxErrno  = 4095      // MAX_ERRNO of Linux; Darwin's are smaller
	maxNative = 1<<53 - 1 // what a reader with doubles still reads right
)

// implausible is an error about what no call returns, nil when all could be.
func (o Outcome) implausible() error {
	if o.StartNS < 0 || o.EndNS < o.StartNS {
		return violation("an outcome of slot %d from %d to %d ns", o.Slot, o.StartNS, o.EndNS)
	}
	r := o.Result
	if r == nil {
		return nil
	}
	if e := r.Errno; e != nil && (*e < 0 || *e > maxErrno) {
		return violation("an outcome of slot %d with errno %d", o.Slot, *e)
	}
	if n := r.Native; n != nil && (n.Code < -maxNative || n.Code > maxNative) {
		return violation("an outcome of slot %d with native code %d", o.Slot, n.Code)
	}
	return nil
}

// Bounds of a listing. Names are far shorter and hosts have far fewer; without
// bounds, a plugin that never ends its list fills the disk. A whole batch of the
// longest targets still fits into one message.
const (
	MaxTarget  = 2048    // bytes
	MaxTargets = 1 << 20 // of one operation
)

// unlisted is an error about the nth target that a plugin lists.
func unlisted(n int, value string) error {
	switch {
	case n > MaxTargets:
		return violation("more than %d targets of one operation", MaxTargets)
	case value == "":
		return violation("target %d has no name", n)
	case len(value) > MaxTarget:
		return violation("target %d has a name of %d bytes, more than %d", n, len(value), MaxTarget)
	}
	return nil
}
