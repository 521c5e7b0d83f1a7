package monitor

import (
	"slices"

	"github.com/hrhost/hrhost/host/enforce"
)

// The operations of the profile language that are mediated on Linux.
const (
	opFileRead    = "file-read-data"
	opFileWrite   = "file-write-data"
	opListPids    = "process-info-listpids"
	opPidFDInfo   = "process-info-pidfdinfo"
	opPidInfo     = "process-info-pidinfo"
	opRusage      = "process-info-rusage"
	opSetControl  = "process-info-setcontrol"
	opSignal      = "signal"
	opSocket      = "system-socket"
	opSysctlRead  = "sysctl-read"
	opSysctlWrite = "sysctl-write"
)

// The calls by which an object is reached. TestEveryPair and everyPairSeen hold
// these lists against what sealed processes were seen to do.
var (
	opens   = []string{"open", "openat", "openat2"}
	lookups = []string{
		"access", "chdir", "faccessat", "faccessat2", "getxattr", "inotify_add_watch", "lgetxattr", "listxattr",
		"llistxattr", "lstat", "newfstatat", "readlink", "readlinkat", "stat", "statfs", "statx",
	}
	changes = []string{
		"chmod", "chown", "fchmodat", "fchmodat2", "fchownat", "futimesat", "lchown", "lremovexattr", "lsetxattr",
		"removexattr", "setxattr", "truncate", "utime", "utimensat", "utimes",
	}
	pidReads = []string{
		"capget", "clock_getres", "clock_gettime", "clock_nanosleep", "get_robust_list", "getpgid", "getpriority", "getsid",
		"ioprio_get", "pidfd_open", "prlimit64", "sched_getaffinity", "sched_getattr", "sched_getparam",
		"sched_getscheduler", "sched_rr_get_interval", "timer_create",
	}
	pidWrites = []string{
		"ioprio_set", "migrate_pages", "move_pages", "prlimit64", "sched_setaffinity", "sched_setattr", "sched_setparam",
		"sched_setscheduler", "setpgid", "setpriority",
	}
	signals = []string{
		"fcntl", "ioctl", "kill", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tgkill", "tkill",
	}
)

const laneName = "witness, complete: the monitor"

// Operations lists what the monitor decides, by name. Any other operation of a
// profile is never reported as decided.
func Operations() []enforce.Mediation {
	target, device := []string{"target"}, []string{"path", "vnode-type", "device-major", "device-minor", "file-mode"}
	return []enforce.Mediation{
		mediation(opFileRead, "character and block devices, and names below /dev with nothing behind them", device, opens),
		mediation(opFileWrite, "devices, as file-read-data", device, opens, []string{"creat"}),
		mediation(opListPids, "/proc", nil, opens),
		mediation(opPidFDInfo, "/proc/PID/fd, fdinfo", target, opens, lookups),
		mediation(opPidInfo, "processes: their other files below /proc/PID, and calls with a pid", target, opens, lookups, pidReads),
		mediation(opRusage, "/proc/PID/io, sched, schedstat", target, opens, lookups),
		mediation(opSetControl, "processes: writing below /proc/PID, and calls with a pid", target, opens, []string{"creat"}, changes, pidWrites),
		mediation(opSignal, "processes and groups", []string{"target", "signal-number"}, signals),
		mediation(opSysctlRead, "/proc/sys", []string{"sysctl-name"}, opens, lookups, []string{"uname"}),
		mediation(opSysctlWrite, "/proc/sys", []string{"sysctl-name"}, opens, []string{"creat"}, changes),
		mediation(opSocket, "sockets of every family but IP and Unix",
			[]string{"socket-domain", "socket-type", "socket-protocol"}, []string{"socket", "socketpair"}),
	}
}

func mediation(op, objects string, filters []string, calls ...[]string) enforce.Mediation {
	all := slices.Concat(calls...)
	slices.Sort(all)
	if filters == nil {
		filters = []string{}
	}
	return enforce.Mediation{Operation: op, Objects: objects, Filters: filters, Carriers: all, Lane: laneName}
}

// Mediated lists the operations by name.
func Mediated() []string { return enforce.Names(Operations()) }
