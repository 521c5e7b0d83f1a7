package linux

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
)

var seccompExperiments = []*selftest.Experiment{
	{Fact: "seccomp.listener", Run: listens},
	{Fact: "seccomp.wait-killable", Run: waitKillable},
	{Fact: "seccomp.addfd-send", Run: addfdSend},
	{Fact: "seccomp.addfd-path", Run: addfdPath},
	{Fact: "seccomp.continue", Run: goOn},
	{Fact: "seccomp.refuse", Run: refuse},
	{Fact: "seccomp.one-listener", Run: oneListener},
	{Fact: "seccomp.closed", Run: closed},
	{Fact: "seccomp.hang-up", Run: hangUp},
	{Fact: "seccomp.wake-up", Run: wakeUp},
}

// under is a thread under a filter.
func under(t *selftest.Trial, flags uintptr) *thread {
	th := filtered(flags)
	switch th.errno {
	case 0:
	case unix.EBUSY:
		t.GiveUp("another listener stands over this process already (a container's supervisor)")
	default:
		t.GiveUp("putting a filter on: %v", th.errno)
	}
	return th
}

// guarded is a thread under a filter, and a call of it that was received.
func guarded(t *selftest.Trial, args ...uintptr) (*thread, notification, <-chan outcome) {
	th := under(t, usual)
	came := th.call(args...)
	n, err := th.next(selftest.Patience)
	t.Must(err, "receiving the call")
	return th, n, came
}

func listens(*selftest.Trial) selftest.Verdict {
	th := filtered(usual)
	if th.errno == unix.EBUSY {
		return selftest.Undone("another listener stands over this process already (a container's supervisor)")
	}
	if th.errno != 0 {
		return selftest.Refuted("putting a filter with a listener on answers %v", th.errno)
	}
	came := th.call(3, 4, 5)
	n, err := th.next(selftest.Patience)
	if err != nil {
		return selftest.Refuted("%v", err)
	}
	e := th.answer(n, 42, 0, 0)
	other := <-th.run(func() outcome { return outcome{val: unix.Getppid()} })
	return selftest.Check(fmt.Sprintf("call %d of thread %d arrived and got 42; getppid did not arrive", n.nr, n.tid),
		selftest.Finding{What: "thread", Got: int(n.tid), Want: th.tid},
		selftest.Finding{What: "call", Got: int(n.nr), Want: trap},
		selftest.Finding{What: "arguments", Got: [3]uint64(n.args[:3]), Want: [3]uint64{3, 4, 5}},
		selftest.Finding{What: "answering", Got: e, Want: unix.Errno(0)},
		selftest.Finding{What: "result", Got: <-came, Want: outcome{42, 0}},
		selftest.Finding{What: "another call", Got: other.val, Want: os.Getppid()},
	)
}

// waitKillable sends a signal to a thread whose call was received, with the flag
// and, to see that the signal would have done something, without.
func waitKillable(t *selftest.Trial) selftest.Verdict {
	bare := under(t, plain)
	came := bare.call()
	n, err := bare.next(selftest.Patience)
	t.Must(err, "receiving the call")
	t.Must(unix.Tgkill(os.Getpid(), bare.tid, unix.SIGURG), "sending a signal")
	if !selftest.Eventually(selftest.Patience, func() bool { return bare.valid(n) == unix.ENOENT }) {
		t.GiveUp("without the flag the signal withdrew nothing, so that nothing can be seen with it")
	}
	again, err := bare.next(selftest.Patience)
	t.Must(err, "receiving the repeated call")
	bare.answer(again, 1, 0, 0)
	<-came

	th, n, came := guarded(t)
	t.Must(unix.Tgkill(os.Getpid(), th.tid, unix.SIGURG), "sending a signal")
	withdrawn := selftest.Eventually(100*time.Millisecond, func() bool { return th.valid(n) != 0 })
	second := th.poll(0) & unix.POLLIN
	e := th.answer(n, 42, 0, 0)
	return selftest.Check("kept with the flag, withdrawn and made again without",
		selftest.Finding{What: "withdrawn", Got: withdrawn, Want: false},
		selftest.Finding{What: "made again", Got: second, Want: int16(0)},
		selftest.Finding{What: "answering", Got: e, Want: unix.Errno(0)},
		selftest.Finding{What: "result", Got: <-came, Want: outcome{42, 0}},
	)
}

func addfdSend(t *selftest.Trial) selftest.Verdict {
	path := filepath.Join(t.Dir, "given")
	t.Must(os.WriteFile(path, []byte("given"), 0o600), "writing a file")
	th, n, came := guarded(t)
	f, err := os.Open(path)
	t.Must(err, "opening a file")
	e := th.give(n, int(f.Fd()), unix.O_CLOEXEC)
	t.Must(f.Close(), "closing a file")
	got := <-came
	if e != 0 || got.errno != 0 {
		return selftest.Refuted("ADDFD answers %v, the call %d %v", e, got.val, got.errno)
	}
	text := make([]byte, 16)
	size, _ := unix.Read(got.val, text)
	flags, _ := unix.FcntlInt(uintptr(got.val), unix.F_GETFD, 0)
	return selftest.Check(fmt.Sprintf("the call returned descriptor %d of the file", got.val),
		selftest.Finding{What: "content", Got: string(text[:max(size, 0)]), Want: "given"},
		selftest.Finding{What: "close on exec", Got: flags, Want: unix.FD_CLOEXEC},
		selftest.Finding{What: "the notification afterwards", Got: th.valid(n), Want: unix.ENOENT},
	)
}

func addfdPath(t *selftest.Trial) selftest.Verdict {
	th, n, came := guarded(t)
	fd, err := unix.Open(t.Dir, unix.O_PATH|unix.O_CLOEXEC, 0)
	t.Must(err, "opening the directory")
	e := th.give(n, fd, 0)
	waits := th.valid(n)
	th.answer(n, 0, unix.EPERM, 0)
	return selftest.Check("EBADF, and the caller waits on",
		selftest.Finding{What: "ADDFD", Got: e, Want: unix.EBADF},
		selftest.Finding{What: "the caller waits", Got: waits, Want: unix.Errno(0)},
		selftest.Finding{What: "result", Got: (<-came).errno, Want: unix.EPERM},
	)
}

// goOn continues a call whose native answer is known: a name that is missing.
func goOn(t *selftest.Trial) selftest.Verdict {
	name := append([]byte(filepath.Join(t.Dir, "missing")), 0)
	native := <-(&thread{do: oneThread()}).call(uintptr(unsafe.Pointer(&name[0])))
	th, n, came := guarded(t, uintptr(unsafe.Pointer(&name[0])))
	e := th.answer(n, 0, 0, unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE)
	got := <-came
	runtime.KeepAlive(name)
	return selftest.Check(fmt.Sprintf("the kernel's own answer, %v", native.errno),
		selftest.Finding{What: "answering", Got: e, Want: unix.Errno(0)},
		selftest.Finding{What: "result", Got: got, Want: native},
		selftest.Finding{What: "the kernel's own answer is an error", Got: native.errno == unix.EPERM || native.errno == unix.ENOENT || native.errno == unix.ENOSYS, Want: true},
	)
}

// oneThread is a thread without a filter.
func oneThread() chan func() {
	do := make(chan func())
	go func() {
		for f := range do {
			f()
		}
	}()
	return do
}

// refuse answers a mkdir, which is trapped here, with an errno.
func refuse(t *selftest.Trial) selftest.Verdict {
	path := filepath.Join(t.Dir, "made")
	name := append([]byte(path), 0)
	var fd int
	var e unix.Errno
	ready, came := make(chan bool), make(chan unix.Errno, 1)
	go func() {
		runtime.LockOSThread()
		fd, e = install(ifEqual(0, unix.SYS_MKDIRAT, unix.SECCOMP_RET_USER_NOTIF), usual)
		ready <- true
		_, _, errno := unix.Syscall(unix.SYS_MKDIRAT, ^uintptr(99), uintptr(unsafe.Pointer(&name[0])), 0o700) // AT_FDCWD
		came <- errno
	}()
	<-ready
	if e != 0 {
		t.GiveUp("putting a filter on: %v", e)
	}
	l := listener(fd)
	n, err := l.next(selftest.Patience)
	t.Must(err, "receiving the call")
	e = l.answer(n, 0, unix.EPERM, 0)
	got := <-came
	_, stat := os.Stat(path)
	control := os.Mkdir(path, 0o700) // by another thread: it could have been made
	return selftest.Check("EPERM, and no directory was made",
		selftest.Finding{What: "answering", Got: e, Want: unix.Errno(0)},
		selftest.Finding{What: "result", Got: got, Want: unix.EPERM},
		selftest.Finding{What: "the directory is missing", Got: os.IsNotExist(stat), Want: true},
		selftest.Finding{What: "making it elsewhere", Got: control, Want: nil},
	)
}

func oneListener(t *selftest.Trial) selftest.Verdict {
	th := under(t, usual)
	second := <-th.run(func() outcome { _, e := install(trapping(), usual); return outcome{errno: e} })
	plain := <-th.run(func() outcome {
		_, e := install(ifEqual(0, trap, unix.SECCOMP_RET_ALLOW), 0)
		return outcome{errno: e}
	})
	return selftest.Check("EBUSY for a second listener; a filter without one is taken",
		selftest.Finding{What: "a second listener", Got: second.errno, Want: syscall.EBUSY},
		selftest.Finding{What: "a filter without one", Got: plain.errno, Want: unix.Errno(0)},
	)
}

func closed(t *selftest.Trial) selftest.Verdict {
	th, _, came := guarded(t)
	t.Must(unix.Close(int(th.listener)), "closing the listener")
	waiting, later := <-came, <-th.call()
	return selftest.Check("ENOSYS for the call that waited and for a later one",
		selftest.Finding{What: "the call that waited", Got: waiting.errno, Want: unix.ENOSYS},
		selftest.Finding{What: "a later call", Got: later.errno, Want: unix.ENOSYS},
	)
}

func hangUp(t *selftest.Trial) selftest.Verdict {
	th := under(t, usual)
	before := th.poll(0)
	th.end()
	after := th.poll(selftest.Patience)
	return selftest.Check("POLLHUP once the thread had ended, nothing before",
		selftest.Finding{What: "before", Got: before, Want: int16(0)},
		selftest.Finding{What: "after", Got: after & unix.POLLHUP, Want: int16(unix.POLLHUP)},
	)
}

func wakeUp(t *selftest.Trial) selftest.Verdict {
	th := under(t, usual)
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(th.listener), ioctlSetFlags, unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
	if e == unix.EINVAL || e == unix.ENOTTY {
		return selftest.NotHere("the kernel does not know the flag (it came with 6.6): %v", e)
	}
	return selftest.Check("taken", selftest.Finding{What: "setting it", Got: e, Want: unix.Errno(0)})
}
