//go:build !linux

package launch

// PeakBytes is not known while the process runs; its [Exit] tells.
func (p *Process) PeakBytes() int64 { return 0 }

// PeakOf is not known.
func PeakOf(int) int64 { return 0 }
