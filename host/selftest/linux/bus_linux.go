package linux

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/dbuswire"
)

var busExperiments = []*selftest.Experiment{
	{Fact: "dbus.external", Run: onBus(busExternal)},
	{Fact: "dbus.names", Run: onBus(busNames)},
	{Fact: "dbus.register", Run: onBus(busRegister)},
	{Fact: "dbus.barrier", Run: onBus(busBarrier)},
}

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
`

// onBus gives an experiment a bus of its own: its socket, and what it printed.
func onBus(f func(t *selftest.Trial, socket, printed string) selftest.Verdict) func(*selftest.Trial) selftest.Verdict {
	return func(t *selftest.Trial) selftest.Verdict {
		daemon, err := exec.LookPath("dbus-daemon")
		if err != nil {
			return selftest.NotHere("there is no dbus-daemon on PATH: mach and notify are blocked (fixture_unavailable)")
		}
		socket, conf := filepath.Join(t.Dir, "bus"), filepath.Join(t.Dir, "bus.conf")
		t.Must(os.WriteFile(conf, fmt.Appendf(nil, busConfig, socket), 0o600), "writing the bus's configuration")
		cmd := exec.Command(daemon, "--config-file="+conf, "--nofork", "--nopidfile", "--nosyslog", "--print-address=1")
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		t.Must(err, "making a pipe")
		t.Must(cmd.Start(), "starting dbus-daemon")
		defer func() {
			cmd.Process.Kill()
			cmd.Wait()
		}()
		printed, _ := bufio.NewReader(out).ReadString('\n')
		return f(t, socket, strings.TrimSpace(printed))
	}
}

func connect(t *selftest.Trial, socket string) *dbuswire.Conn {
	c, err := dbuswire.Connect(socket)
	t.Must(err, "connecting to the bus")
	return c
}

func busExternal(_ *selftest.Trial, socket, printed string) selftest.Verdict {
	c, err := dbuswire.Connect(socket)
	if err != nil {
		return selftest.Refuted("connecting after %q: %v", printed, err)
	}
	address, _, _ := strings.Cut(printed, ",")
	return selftest.Check("this connection is "+c.Unique(),
		selftest.Finding{What: "what it printed", Got: address, Want: "unix:path=" + socket},
		selftest.Finding{What: "a unique name", Got: dbuswire.IsUnique(c.Unique()), Want: true},
	)
}

// Names of these experiments' own, on a bus of their own.
const (
	ownName  = "org.hrhost.selftest.Owned"
	noName   = "org.hrhost.selftest.Nobody"
	busPath  = "/org/hrhost/selftest"
	busPosts = "org.hrhost.selftest"
)

// said is what a call to the bus answered, or its error's name.
func said(c *dbuswire.Conn, member string, args ...any) string {
	got, err := c.CallBus(member, args...)
	var de *dbuswire.Error
	switch {
	case errors.As(err, &de):
		return de.Name
	case err != nil:
		return err.Error()
	case len(got) != 1:
		return fmt.Sprintf("%d values", len(got))
	}
	return fmt.Sprint(got[0])
}

const doNotQueue = uint32(4)

func busNames(t *selftest.Trial, socket, _ string) selftest.Verdict {
	owner, asker := connect(t, socket), connect(t, socket)
	said(owner, "RequestName", ownName, doNotQueue)
	return selftest.Check("an owned name: "+owner.Unique()+"; another: NameHasNoOwner",
		selftest.Finding{What: "GetNameOwner of an owned name", Got: said(asker, "GetNameOwner", ownName), Want: owner.Unique()},
		selftest.Finding{What: "GetNameOwner of another", Got: said(asker, "GetNameOwner", noName), Want: dbuswire.ErrorNameHasNoOwner},
		selftest.Finding{What: "NameHasOwner of an owned name", Got: said(asker, "NameHasOwner", ownName), Want: "true"},
		selftest.Finding{What: "NameHasOwner of another", Got: said(asker, "NameHasOwner", noName), Want: "false"},
	)
}

func busRegister(t *selftest.Trial, socket, _ string) selftest.Verdict {
	first, second := connect(t, socket), connect(t, socket)
	return selftest.Check("1 for the first, 3 for the second",
		selftest.Finding{What: "the first", Got: said(first, "RequestName", ownName, doNotQueue), Want: "1"},
		selftest.Finding{What: "the second", Got: said(second, "RequestName", ownName, doNotQueue), Want: "3"},
	)
}

// busBarrier posts and makes a round trip; then the subscriber makes one, and
// must have the signal before its answer.
func busBarrier(t *selftest.Trial, socket, _ string) selftest.Verdict {
	poster, subscriber := connect(t, socket), connect(t, socket)
	t.Must(second(subscriber.CallBus("AddMatch", "type='signal',interface='"+busPosts+"'")), "subscribing")
	arrived := 0
	subscriber.Other = func(m *dbuswire.Message) {
		if m.Type == dbuswire.Signal && m.Interface == busPosts {
			arrived++
		}
	}
	const rounds = 20
	for i := range rounds {
		t.Must(poster.Emit(busPath, busPosts, "Posted", uint32(i)), "posting")
		t.Must(second(poster.CallBus("GetId")), "making a round trip")
		t.Must(second(subscriber.CallBus("GetId")), "making a round trip")
		if arrived != i+1 {
			return selftest.Refuted("%d of %d signals had arrived", arrived, i+1)
		}
	}
	return selftest.Held("%d signals were there when the next answer was", rounds)
}

func second[A any](_ A, err error) error { return err }
