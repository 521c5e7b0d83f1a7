package sdk

import (
	"fmt"
	"os"

	"github.com/hrhost/hrhost/internal/wire"
)

// Main serves the plugin until the host is done, then returns or exits 0. It is
// the whole of a plugin's main function. Started by hand, without the host's
// magic cookie, it prints what the plugin does. Started by [StartChild], it runs
// that child mode and exits.
//
// It ends the process with status 2 when the Spec is not valid, when an
// inherited descriptor can't be used, and when the host can't be served.
func Main(spec *Spec) {
	inherited, err := inherit()
	if runChild(spec) {
		os.Exit(0)
	}
	if invalid := validate(spec); invalid != nil {
		fail(invalid)
	}
	if os.Getenv(wire.MagicCookieKey) != wire.MagicCookieValue {
		printHelp(os.Stdout, spec)
		return
	}
	if err != nil {
		fail(err)
	}
	go exitWith(inherited.life)
	if err := serve(newServer(spec, inherited.scratch, inherited.region)); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}
