package launch

import "syscall"

// maxRSS is in KiB, as Linux counts.
func maxRSS(ru *syscall.Rusage) int64 { return ru.Maxrss }
