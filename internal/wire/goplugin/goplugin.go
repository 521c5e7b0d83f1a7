// Package goplugin is what go-plugin needs to know of the protocol, on the
// host's side and for a plugin that is served by go-plugin itself. The SDK's own
// server (package sdk) speaks the same and does without go-plugin, so that a
// plugin's process carries less.
package goplugin

import (
	"context"
	"errors"

	"github.com/hashicorp/go-plugin"
	"github.com/hrhost/hrhost/internal/wire"
	"google.golang.org/grpc"
)

// Name is the only plugin in a set: client.Dispense(goplugin.Name) returns a
// *wire.Client.
const Name = "probe"

// Handshake is a courtesy to people who start a plugin by hand, not a security
// measure. The version is in the sets of plugins.
var Handshake = plugin.HandshakeConfig{
	MagicCookieKey:   wire.MagicCookieKey,
	MagicCookieValue: wire.MagicCookieValue,
}

// Host is the host's sets of plugins by protocol major version.
func Host() map[int]plugin.PluginSet { return Plugin(nil) }

// Plugin is the plugin's side of Host.
func Plugin(s wire.Server) map[int]plugin.PluginSet {
	return map[int]plugin.PluginSet{wire.ProtocolMajor: {Name: &ends{server: s}}}
}

// ends is go-plugin's view of both.
type ends struct {
	plugin.NetRPCUnsupportedPlugin
	server wire.Server
}

func (e *ends) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	if e.server == nil {
		return errors.New("the host's plugin set can't be served")
	}
	wire.Register(s, e.server)
	return nil
}

func (e *ends) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return wire.NewClient(conn), nil
}
