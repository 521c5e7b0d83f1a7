//go:build linux && !amd64

package monitor

// No table of calls was verified on this machine: New refuses.

const (
	nativeArch = 0
	x32Bit     = 0x40000000
	lastKnown  = 0
)

var (
	table  []entry
	absent []uint32
)
