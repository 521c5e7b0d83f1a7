package linux

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
)

var socketExperiments = []*selftest.Experiment{
	{Fact: "socket.packets", Run: packets},
	{Fact: "socket.end", Run: socketEnd, Roles: map[string]func(*selftest.Part){"exec": execAway, "hold": hold}},
}

func packets(t *selftest.Trial) selftest.Verdict {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	t.Must(err, "making a socket pair")
	r, w, err := os.Pipe()
	t.Must(err, "making a pipe")
	t.Must(unix.Sendmsg(pair[0], []byte("L"), unix.UnixRights(int(r.Fd())), nil, 0), "sending a descriptor")
	for _, text := range []string{"second", "third"} { // nothing but the socket keeps these two apart
		_, err = unix.Write(pair[0], []byte(text))
		t.Must(err, "sending")
	}
	fd, err := receiveFD(pair[1])
	if err != nil {
		return selftest.Refuted("the first packet: %v", err)
	}
	buf := make([]byte, 64)
	n, _ := unix.Read(pair[1], buf)
	second := string(buf[:max(n, 0)])
	n, _ = unix.Read(pair[1], buf)
	third := string(buf[:max(n, 0)])
	flags, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	w.WriteString("through")
	m, _ := unix.Read(fd, buf)
	return selftest.Check(fmt.Sprintf("three packets came apart, the first with descriptor %d of the pipe", fd),
		selftest.Finding{What: "the second packet", Got: second, Want: "second"},
		selftest.Finding{What: "the third packet", Got: third, Want: "third"},
		selftest.Finding{What: "close on exec", Got: flags, Want: unix.FD_CLOEXEC},
		selftest.Finding{What: "through the descriptor", Got: string(buf[:max(m, 0)]), Want: "through"},
	)
}

// execAway executes another role with its end of the socket close-on-exec.
func execAway(p *selftest.Part) {
	unix.CloseOnExec(3)
	p.Say("ready")
	p.Await()
	next := p.Command("hold")
	p.Must(unix.Exec("/proc/self/exe", append([]string{"hrhost"}, next.Args[1:]...), os.Environ()), "executing")
}

func socketEnd(t *selftest.Trial) selftest.Verdict {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	t.Must(err, "making a socket pair")
	theirs := os.NewFile(uintptr(pair[1]), "theirs")
	cmd := t.Command("exec")
	cmd.ExtraFiles = []*os.File{theirs}
	h := t.Start(cmd)
	defer h.Kill()
	theirs.Close()
	h.Line()
	p := []unix.PollFd{{Fd: int32(pair[0]), Events: unix.POLLIN}}
	before, _ := unix.Poll(p, 0)
	h.Say("execute")
	n, err := unix.Read(pair[0], make([]byte, 16))
	return selftest.Check("the end of file came with execve; the process lives as "+h.Line(),
		selftest.Finding{What: "something to read before", Got: before, Want: 0},
		selftest.Finding{What: "bytes read", Got: n, Want: 0},
		selftest.Finding{What: "an error of reading", Got: err, Want: nil},
		selftest.Finding{What: "the process lives", Got: unix.Kill(h.Process.Pid, 0), Want: nil},
	)
}
