//go:build linux

package monitor

import "golang.org/x/sys/unix"

const (
	nativeArch = unix.AUDIT_ARCH_X86_64
	x32Bit     = 0x40000000 // __X32_SYSCALL_BIT

	// lastKnown is the newest call that was looked at (open_tree_attr, 6.15).
	// Whatever comes later does not exist for the plugin.
	lastKnown = unix.SYS_OPEN_TREE_ATTR
)

// absent are calls that do not exist for the plugin. What leads to them is
// refused with a witness row, so these need none.
var absent = []uint32{
	unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_SETXATTRAT, unix.SYS_GETXATTRAT, unix.SYS_LISTXATTRAT, unix.SYS_REMOVEXATTRAT,
}

// Flags of clone and unshare that make namespaces. CLONE_NEWTIME lies in
// clone's exit signal and means nothing there.
const (
	newNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
		unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET
	cloneFence   = newNamespaces | unix.CLONE_PARENT
	unshareFence = newNamespaces | unix.CLONE_NEWTIME
)

// table is every call that the filter sends to the monitor, for amd64.
var table = append([]entry{
	// Opening.
	{unix.SYS_OPENAT, "openat", nil, openatCall},
	{unix.SYS_OPEN, "open", nil, openCall},
	{unix.SYS_OPENAT2, "openat2", nil, openat2Call},
	{unix.SYS_CREAT, "creat", nil, creatCall},

	// Names and metadata.
	{unix.SYS_NEWFSTATAT, "newfstatat", nil, fstatatCall},
	{unix.SYS_STAT, "stat", nil, statCall},
	{unix.SYS_LSTAT, "lstat", nil, lstatCall},
	{unix.SYS_STATX, "statx", nil, statxCall},
	{unix.SYS_ACCESS, "access", nil, accessCall},
	{unix.SYS_FACCESSAT, "faccessat", nil, faccessatCall},
	{unix.SYS_FACCESSAT2, "faccessat2", nil, faccessat2Call},
	{unix.SYS_READLINK, "readlink", nil, readlinkCall},
	{unix.SYS_READLINKAT, "readlinkat", nil, readlinkatCall},
	{unix.SYS_CHDIR, "chdir", nil, chdirCall},
	{unix.SYS_STATFS, "statfs", nil, statfsCall},
	{unix.SYS_GETXATTR, "getxattr", nil, xattrCall},
	{unix.SYS_LISTXATTR, "listxattr", nil, xattrCall},
	{unix.SYS_LGETXATTR, "lgetxattr", nil, lxattrCall},
	{unix.SYS_LLISTXATTR, "llistxattr", nil, lxattrCall},
	{unix.SYS_INOTIFY_ADD_WATCH, "inotify_add_watch", nil, inotifyCall},
	{unix.SYS_TRUNCATE, "truncate", nil, truncateCall},
	{unix.SYS_CHMOD, "chmod", nil, changeCall(-1, 0, true)},
	{unix.SYS_FCHMODAT, "fchmodat", nil, changeCall(0, 1, true)},
	{unix.SYS_FCHMODAT2, "fchmodat2", nil, changeCall(0, 1, true)},
	{unix.SYS_CHOWN, "chown", nil, changeCall(-1, 0, true)},
	{unix.SYS_LCHOWN, "lchown", nil, changeCall(-1, 0, false)},
	{unix.SYS_FCHOWNAT, "fchownat", nil, changeCall(0, 1, false)},
	{unix.SYS_UTIME, "utime", nil, changeCall(-1, 0, true)},
	{unix.SYS_UTIMES, "utimes", nil, changeCall(-1, 0, true)},
	{unix.SYS_FUTIMESAT, "futimesat", nil, changeCall(0, 1, true)},
	{unix.SYS_UTIMENSAT, "utimensat", nil, changeCall(0, 1, true)},
	{unix.SYS_SETXATTR, "setxattr", nil, changeCall(-1, 0, true)},
	{unix.SYS_LSETXATTR, "lsetxattr", nil, changeCall(-1, 0, false)},
	{unix.SYS_REMOVEXATTR, "removexattr", nil, changeCall(-1, 0, true)},
	{unix.SYS_LREMOVEXATTR, "lremovexattr", nil, changeCall(-1, 0, false)},
	{unix.SYS_UNAME, "uname", nil, unameCall},

	// Signals. The Go runtime preempts its own threads with tgkill.
	{unix.SYS_KILL, "kill", nil, killCall},
	{unix.SYS_TKILL, "tkill", nil, tkillCall},
	{unix.SYS_TGKILL, "tgkill", whenNotPreempting, tgkillCall},
	{unix.SYS_RT_SIGQUEUEINFO, "rt_sigqueueinfo", nil, sigqueueCall},
	{unix.SYS_RT_TGSIGQUEUEINFO, "rt_tgsigqueueinfo", nil, tgsigqueueCall},
	{unix.SYS_PIDFD_SEND_SIGNAL, "pidfd_send_signal", nil, pidfdSignalCall},
	{unix.SYS_FCNTL, "fcntl", whenArg(1, unix.F_SETOWN, unix.F_SETOWN_EX), setownCall},
	{unix.SYS_IOCTL, "ioctl", whenArg(1, ioctlFIOSETOWN, ioctlSIOCSPGRP, ioctlTIOCSTI, ioctlTIOCLINUX), fiosetownCall},

	// Sockets, by the three scalars that say which.
	{unix.SYS_SOCKET, "socket", whenJudgedSocket, socketCall},
	{unix.SYS_SOCKETPAIR, "socketpair", whenJudgedSocket, socketCall},

	// Other processes by pid.
	{unix.SYS_PIDFD_OPEN, "pidfd_open", nil, pidfdOpenCall},
	{unix.SYS_GETPGID, "getpgid", whenOther(0), pidRead(0)},
	{unix.SYS_GETSID, "getsid", whenOther(0), pidRead(0)},
	{unix.SYS_SETPGID, "setpgid", whenOther(0), pidWrite(0)},
	{unix.SYS_SCHED_GETAFFINITY, "sched_getaffinity", whenOther(0), pidRead(0)},
	{unix.SYS_SCHED_SETAFFINITY, "sched_setaffinity", whenOther(0), pidWrite(0)},
	{unix.SYS_SCHED_GETSCHEDULER, "sched_getscheduler", whenOther(0), pidRead(0)},
	{unix.SYS_SCHED_SETSCHEDULER, "sched_setscheduler", whenOther(0), pidWrite(0)},
	{unix.SYS_SCHED_GETPARAM, "sched_getparam", whenOther(0), pidRead(0)},
	{unix.SYS_SCHED_SETPARAM, "sched_setparam", whenOther(0), pidWrite(0)},
	{unix.SYS_SCHED_GETATTR, "sched_getattr", whenOther(0), pidRead(0)},
	{unix.SYS_SCHED_SETATTR, "sched_setattr", whenOther(0), pidWrite(0)},
	{unix.SYS_SCHED_RR_GET_INTERVAL, "sched_rr_get_interval", whenOther(0), pidRead(0)},
	{unix.SYS_GET_ROBUST_LIST, "get_robust_list", whenOther(0), pidRead(0)},
	{unix.SYS_MOVE_PAGES, "move_pages", whenOther(0), pidWrite(0)},
	{unix.SYS_MIGRATE_PAGES, "migrate_pages", whenOther(0), pidWrite(0)},
	{unix.SYS_PRLIMIT64, "prlimit64", whenOther(0), prlimitCall},
	{unix.SYS_GETPRIORITY, "getpriority", nil, whoCall(opPidInfo, unix.PRIO_PROCESS)},
	{unix.SYS_SETPRIORITY, "setpriority", nil, whoCall(opSetControl, unix.PRIO_PROCESS)},
	{unix.SYS_IOPRIO_GET, "ioprio_get", nil, whoCall(opPidInfo, ioprioWhoProcess)},
	{unix.SYS_IOPRIO_SET, "ioprio_set", nil, whoCall(opSetControl, ioprioWhoProcess)},
	{unix.SYS_CAPGET, "capget", nil, capgetCall},
	{unix.SYS_CLOCK_GETTIME, "clock_gettime", whenPidClock, clockCall},
	{unix.SYS_CLOCK_GETRES, "clock_getres", whenPidClock, clockCall},
	{unix.SYS_CLOCK_NANOSLEEP, "clock_nanosleep", whenPidClock, clockCall},
	{unix.SYS_TIMER_CREATE, "timer_create", whenPidClock, clockCall},

	// Containment: names would mean other objects.
	{unix.SYS_CLONE, "clone", whenBits(0, cloneFence), fenceOff(unix.EPERM, whyNamespace)},
	{unix.SYS_CLONE3, "clone3", nil, fenceOff(unix.ENOSYS, whyClone3)},
	{unix.SYS_UNSHARE, "unshare", whenBits(0, unshareFence), fenceOff(unix.EPERM, whyNamespace)},
	{unix.SYS_SETNS, "setns", nil, fenceOff(unix.EPERM, whyNamespace)},
	{unix.SYS_CHROOT, "chroot", nil, fenceOff(unix.EPERM, whyMount)},
	{unix.SYS_PIVOT_ROOT, "pivot_root", nil, fenceOff(unix.EPERM, whyMount)},
	{unix.SYS_MOUNT, "mount", nil, fenceOff(unix.EPERM, whyMount)},
	{unix.SYS_UMOUNT2, "umount2", nil, fenceOff(unix.EPERM, whyMount)},
	{unix.SYS_FSOPEN, "fsopen", nil, fenceOff(unix.EPERM, whyMount)},
	{unix.SYS_FSCONFIG, "fsconfig", nil, fenceOff(unix.EPERM, whyMount)},
	{unix.SYS_FSMOUNT, "fsmount", nil, fenceOff(unix.EPERM, whyMount)},
	{unix.SYS_FSPICK, "fspick", nil, fenceOff(unix.EPERM, whyMount)},
	{unix.SYS_MOVE_MOUNT, "move_mount", nil, fenceOff(unix.EPERM, whyMount)},
	{unix.SYS_OPEN_TREE, "open_tree", nil, fenceOff(unix.EPERM, whyMount)},
	{unix.SYS_OPEN_TREE_ATTR, "open_tree_attr", nil, fenceOff(unix.EPERM, whyMount)},
	{unix.SYS_MOUNT_SETATTR, "mount_setattr", nil, fenceOff(unix.EPERM, whyMount)},

	// Containment: objects without a name, calls past the monitor.
	{unix.SYS_OPEN_BY_HANDLE_AT, "open_by_handle_at", nil, fenceOff(unix.EPERM, whyHandle)},
	{unix.SYS_NAME_TO_HANDLE_AT, "name_to_handle_at", nil, fenceOff(unix.EPERM, whyHandle)},
	{unix.SYS_MKNOD, "mknod", whenDevice(1), fenceOff(unix.EPERM, whyHandle)},
	{unix.SYS_MKNODAT, "mknodat", whenDevice(2), fenceOff(unix.EPERM, whyHandle)},
	{unix.SYS_FANOTIFY_INIT, "fanotify_init", nil, fenceOff(unix.EPERM, whyHandle)},
	{unix.SYS_IO_URING_SETUP, "io_uring_setup", nil, fenceOff(unix.ENOSYS, whyRing)},
	{unix.SYS_SECCOMP, "seccomp", whenArg(0, unix.SECCOMP_SET_MODE_STRICT, unix.SECCOMP_SET_MODE_FILTER), fenceOff(unix.EPERM, whyBlind)},
	{unix.SYS_PRCTL, "prctl", whenPrctl, fenceOff(unix.EPERM, whyBlind)},
	{unix.SYS_CONNECT, "connect", nil, fenceOff(unix.EACCES, whyConnect)},
	{unix.SYS_SENDTO, "sendto", whenBits(3, unix.MSG_FASTOPEN), fenceOff(unix.EACCES, whyFastOpen)},
	{unix.SYS_SENDMSG, "sendmsg", whenBits(2, unix.MSG_FASTOPEN), fenceOff(unix.EACCES, whyFastOpen)},
	{unix.SYS_SENDMMSG, "sendmmsg", whenBits(3, unix.MSG_FASTOPEN), fenceOff(unix.EACCES, whyFastOpen)},

	// Containment: other processes.
	{unix.SYS_PTRACE, "ptrace", nil, fenceOff(unix.EPERM, whyOther)},
	{unix.SYS_PROCESS_VM_READV, "process_vm_readv", nil, fenceOff(unix.EPERM, whyOther)},
	{unix.SYS_PROCESS_VM_WRITEV, "process_vm_writev", nil, fenceOff(unix.EPERM, whyOther)},
	{unix.SYS_PROCESS_MADVISE, "process_madvise", nil, fenceOff(unix.EPERM, whyOther)},
	{unix.SYS_PROCESS_MRELEASE, "process_mrelease", nil, fenceOff(unix.EPERM, whyOther)},
	{unix.SYS_PIDFD_GETFD, "pidfd_getfd", nil, fenceOff(unix.EPERM, whyOther)},
	{unix.SYS_KCMP, "kcmp", nil, fenceOff(unix.EPERM, whyOther)},

	// Containment: the kernel and the machine.
	{unix.SYS_BPF, "bpf", nil, fenceOff(unix.EPERM, whyKernel)},
	{unix.SYS_PERF_EVENT_OPEN, "perf_event_open", nil, fenceOff(unix.EPERM, whyKernel)},
	{unix.SYS_USERFAULTFD, "userfaultfd", nil, fenceOff(unix.EPERM, whyKernel)},
	{unix.SYS_INIT_MODULE, "init_module", nil, fenceOff(unix.EPERM, whyKernel)},
	{unix.SYS_FINIT_MODULE, "finit_module", nil, fenceOff(unix.EPERM, whyKernel)},
	{unix.SYS_DELETE_MODULE, "delete_module", nil, fenceOff(unix.EPERM, whyKernel)},
	{unix.SYS_KEXEC_LOAD, "kexec_load", nil, fenceOff(unix.EPERM, whyKernel)},
	{unix.SYS_KEXEC_FILE_LOAD, "kexec_file_load", nil, fenceOff(unix.EPERM, whyKernel)},
	{unix.SYS_SYSLOG, "syslog", nil, fenceOff(unix.EPERM, whyKernel)},
	{unix.SYS__SYSCTL, "_sysctl", nil, fenceOff(unix.EPERM, whyKernel)},
	{unix.SYS_IOPL, "iopl", nil, fenceOff(unix.EPERM, whyKernel)},
	{unix.SYS_IOPERM, "ioperm", nil, fenceOff(unix.EPERM, whyKernel)},
	{unix.SYS_REBOOT, "reboot", nil, fenceOff(unix.EPERM, whyMachine)},
	{unix.SYS_SWAPON, "swapon", nil, fenceOff(unix.EPERM, whyMachine)},
	{unix.SYS_SWAPOFF, "swapoff", nil, fenceOff(unix.EPERM, whyMachine)},
	{unix.SYS_ACCT, "acct", nil, fenceOff(unix.EPERM, whyMachine)},
	{unix.SYS_QUOTACTL, "quotactl", nil, fenceOff(unix.EPERM, whyMachine)},
	{unix.SYS_QUOTACTL_FD, "quotactl_fd", nil, fenceOff(unix.EPERM, whyMachine)},
	{unix.SYS_SETHOSTNAME, "sethostname", nil, fenceOff(unix.EPERM, whyMachine)},
	{unix.SYS_SETDOMAINNAME, "setdomainname", nil, fenceOff(unix.EPERM, whyMachine)},
	{unix.SYS_SETTIMEOFDAY, "settimeofday", nil, fenceOff(unix.EPERM, whyMachine)},
	{unix.SYS_CLOCK_SETTIME, "clock_settime", nil, fenceOff(unix.EPERM, whyMachine)},
	{unix.SYS_VHANGUP, "vhangup", nil, fenceOff(unix.EPERM, whyMachine)},
}, lastingCalls()...)
