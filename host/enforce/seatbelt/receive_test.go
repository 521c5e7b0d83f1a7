package seatbelt

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/lane"
)

// envReceiver has the test binary be a receiver: "posts" for one to which the centre
// delivers every name that it observes, "mute" for one that never listens, "fails" for
// one that cannot observe.
const envReceiver = "SEATBELT_TEST_RECEIVER"

func TestMain(m *testing.M) {
	how := os.Getenv(envReceiver)
	if how == "" {
		os.Exit(m.Run())
	}
	if how == "mute" {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
	if err := receive(os.Args[1:], os.Stdin, os.Stdout, playedCentre(how), func() { os.Exit(0) }); err != nil {
		os.Exit(1)
	}
}

// playedCentre follows CFNotificationCenter.h: observers are called by the run loop.
func playedCentre(how string) centre {
	var deliver func()
	return centre{
		observe: func(names []string, arrived func(string)) error {
			if how == "fails" {
				return errors.New("there is no distributed centre")
			}
			deliver = func() {
				for _, name := range names {
					arrived(name)
				}
			}
			return nil
		},
		runLoop: func() error {
			deliver()
			select {}
		},
	}
}

func receiverOf(how string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "com.example.a", "two\nlines")
	cmd.Env = append(os.Environ(), envReceiver+"="+how)
	return cmd
}

// TestReceiver: a process of its own tells what arrives; without one nothing is known.
func TestReceiver(t *testing.T) {
	for _, c := range []struct {
		how  string
		wait time.Duration
		want lane.Effect
	}{
		{"posts", time.Minute, lane.EffectSeen},
		{"fails", time.Minute, lane.EffectUnobservable},
		{"mute", 0, lane.EffectUnobservable},
	} {
		r := startArrivals(receiverOf(c.how), c.wait)
		for _, name := range []string{"com.example.a", "two\nlines"} {
			if got := r.arrived(name, c.wait); got != c.want {
				t.Errorf("%s: %q is %s, want %s", c.how, name, got, c.want)
			}
		}
		r.close()
	}
	none := startArrivals(exec.Command("/no/such/receiver"), time.Minute)
	if got := none.arrived("x", time.Minute); got != lane.EffectUnobservable {
		t.Errorf("no program: %s", got)
	}
	none.close()
}

// TestReceiveEndsWithStdin: the run loop has no end, so the process exits.
func TestReceiveEndsWithStdin(t *testing.T) {
	cmd := receiverOf("posts")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestWaits: a receiver is waited for as long as macOS may assess a new program, the
// system's own log(1), which it does not assess, for a shorter time.
func TestWaits(t *testing.T) {
	if startTimeout < time.Minute {
		t.Errorf("a receiver may take %s to listen", startTimeout)
	}
	if got := systemLog.command("stream").Path; got != "/usr/bin/log" || systemLog.listens >= startTimeout {
		t.Errorf("the log is %s, waited for %s", got, systemLog.listens)
	}
}
