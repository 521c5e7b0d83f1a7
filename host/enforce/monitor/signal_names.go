//go:build linux

package monitor

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// languageSignals are the profile language's numbers, which are macOS's: half
// of them mean another signal on Linux (signal(3) of macOS; SIGUSR1 is 30 there
// and 10 here). Names mean the same on both.
var languageSignals = map[string]int{
	"SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3, "SIGILL": 4, "SIGTRAP": 5, "SIGABRT": 6, "SIGFPE": 8, "SIGKILL": 9,
	"SIGBUS": 10, "SIGSEGV": 11, "SIGSYS": 12, "SIGPIPE": 13, "SIGALRM": 14, "SIGTERM": 15, "SIGURG": 16,
	"SIGSTOP": 17, "SIGTSTP": 18, "SIGCONT": 19, "SIGCHLD": 20, "SIGTTIN": 21, "SIGTTOU": 22, "SIGIO": 23,
	"SIGXCPU": 24, "SIGXFSZ": 25, "SIGVTALRM": 26, "SIGPROF": 27, "SIGWINCH": 28, "SIGUSR1": 30, "SIGUSR2": 31,
}

// signalFacts name a Linux signal to the policy: by name, and by the language's
// own number where it has one. 0 sends nothing and is 0.
func signalFacts(sig int) []sbpl.Filter {
	const fact = "signal-number"
	if sig == 0 {
		return []sbpl.Filter{{Name: fact, Value: "0"}}
	}
	name := unix.SignalName(unix.Signal(sig))
	if name == "" {
		return []sbpl.Filter{{Name: fact, Value: fmt.Sprintf("linux-%d", sig)}}
	}
	l := []sbpl.Filter{{Name: fact, Value: name}}
	if n, ok := languageSignals[name]; ok {
		l = append(l, sbpl.Filter{Name: fact, Value: strconv.Itoa(n)})
	}
	return l
}

// linuxSignal is the Linux number of a signal as a profile writes it, 0 when
// there is none.
func linuxSignal(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return int(unix.SignalNum(s))
	}
	for name, number := range languageSignals {
		if number == n {
			return int(unix.SignalNum(name))
		}
	}
	return 0
}
