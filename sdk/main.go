package sdk

import (
	"fmt"
	"os"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hrhost/hrhost/internal/wire"
	"google.golang.org/grpc"
)

// Main serves the plugin until the host is done, then returns or exits 0. It is
// the whole of a plugin's main function. Started by hand, without the host's
// magic cookie, it prints what the plugin does. Started by [StartChild], it runs
// that child mode and exits.
//
// It ends the process with status 2 when the Spec is not valid or when an
// inherited descriptor can't be used.
func Main(spec *Spec) {
	inherited, err := inherit()
	if runChild(spec) {
		os.Exit(0)
	}
	if invalid := validate(spec); invalid != nil {
		fail(invalid)
	}
	if os.Getenv(wire.Handshake.MagicCookieKey) != wire.Handshake.MagicCookieValue {
		printHelp(os.Stdout, spec)
		return
	}
	if err != nil {
		fail(err)
	}
	go exitWith(inherited.life)
	serve(newServer(spec, inherited.scratch, inherited.region))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

func serve(s wire.Server) {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  wire.Handshake,
		VersionedPlugins: wire.ServerPlugins(s),
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts, wire.ServerOptions()...)...)
		},
		Logger: hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr, JSONFormat: true}),
	})
}
