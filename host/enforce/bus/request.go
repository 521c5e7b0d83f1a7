package bus

import (
	"github.com/godbus/dbus/v5"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/internal/dbuswire"
)

// Operations of the profile language that the gateway decides.
const (
	OpLookup          = "mach-lookup"
	OpRegister        = "mach-register"
	OpPost            = "darwin-notification-post"
	OpDistributedPost = "distributed-notification-post"

	filterName         = "global-name"
	filterNotification = "notification-name"
)

// Operations lists what the gateway decides, by name.
func Operations() []enforce.Mediation {
	const by = "witness, complete: the bus gateway"
	post := func(op string, k Kind) enforce.Mediation {
		return enforce.Mediation{Operation: op, Objects: "signals on the " + k.String() + "-like bus, INTERFACE.MEMBER",
			Filters: []string{filterNotification}, Carriers: []string{"dbus signal"}, Lane: by}
	}
	name := func(op, objects string, carriers ...string) enforce.Mediation {
		return enforce.Mediation{Operation: op, Objects: objects, Filters: []string{filterName}, Carriers: carriers, Lane: by}
	}
	return []enforce.Mediation{
		post(OpPost, System), post(OpDistributedPost, Session),
		name(OpLookup, "bus names", "dbus GetNameOwner", "dbus ListQueuedOwners", "dbus NameHasOwner", "dbus StartServiceByName", "dbus call", "dbus signal to a destination"),
		name(OpRegister, "bus names", "dbus ReleaseName", "dbus RequestName"),
	}
}

// Needed says whether a probe of the operation needs a bus.
func Needed(op string) bool {
	switch op {
	case OpLookup, OpRegister, OpPost, OpDistributedPost:
		return true
	}
	return false
}

// Kind says which of the two buses.
type Kind int

const (
	Session Kind = iota
	System
)

func (k Kind) String() string { return [...]string{"session", "system"}[k] }

// Post is the operation of a signal on a bus of this kind.
func (k Kind) Post() string { return [...]string{OpDistributedPost, OpPost}[k] }

// subject is one operation on one name.
type subject struct{ op, filter, value string }

// request is what a message from a plugin asks for.
type request struct {
	carrier  string    // "dbus GetNameOwner"
	subjects []subject // judged in turn; all must be allowed
	refused  string    // why containment refuses, "" when it does not
	invalid  bool      // the refusal is about the arguments
}

// read sorts a message. own is the plugin's unique name, known after Hello.
func read(kind Kind, m *dbuswire.Message, own string) request {
	switch {
	case m.Interface == "org.freedesktop.DBus.Local":
		return request{carrier: "dbus " + m.Member, refused: "an interface that no message may have"}
	case m.Type == dbus.TypeSignal:
		return readSignal(kind, m)
	case m.Type != dbus.TypeMethodCall:
		return request{carrier: "dbus reply", refused: "a reply to nobody: a sealed plugin is sent no calls"}
	case m.Destination == "":
		return request{carrier: "dbus call " + m.Member, refused: "a call without a destination"}
	case m.Destination == dbuswire.Bus:
		return readBusCall(m, own)
	case m.Destination == own:
		return request{carrier: "dbus call " + m.Destination}
	}
	return request{carrier: "dbus call " + m.Destination, subjects: []subject{{OpLookup, filterName, m.Destination}}}
}

func readSignal(kind Kind, m *dbuswire.Message) request {
	name := m.Interface + "." + m.Member
	r := request{carrier: "dbus signal " + name, subjects: []subject{{kind.Post(), filterNotification, name}}}
	switch m.Destination {
	case "":
	case dbuswire.Bus:
		r.refused = "a signal to the bus itself"
	default:
		r.subjects = append(r.subjects, subject{OpLookup, filterName, m.Destination})
	}
	return r
}

// harmless methods tell about no name but the caller's own. GetId is the
// barrier.
var harmless = map[string]bool{"Hello": true, "GetId": true, "Ping": true}

// named methods have a name as their first argument.
var named = map[string]struct{ op, signature string }{
	"GetNameOwner":       {OpLookup, "s"},
	"NameHasOwner":       {OpLookup, "s"},
	"ListQueuedOwners":   {OpLookup, "s"},
	"StartServiceByName": {OpLookup, "su"},
	"RequestName":        {OpRegister, "su"},
	"ReleaseName":        {OpRegister, "s"},
}

// readBusCall is a call of the bus itself. Its interface may be left out and
// then means any that has the method, as the bus reads it.
func readBusCall(m *dbuswire.Message, own string) request {
	r := request{carrier: "dbus " + m.Member}
	bus := m.Interface == "" || m.Interface == dbuswire.Bus
	peer := m.Interface == "" || m.Interface == "org.freedesktop.DBus.Peer"
	if harmless[m.Member] && (bus || peer) {
		return r
	}
	method, known := named[m.Member]
	if !known || !bus {
		r.refused = "it tells about names or connections whatever the profile says"
		return r
	}
	if m.Signature != method.signature {
		r.refused, r.invalid = "its arguments are not "+method.signature, true
		return r
	}
	args, err := m.Args()
	if err != nil {
		r.refused, r.invalid = "its arguments cannot be read", true
		return r
	}
	name := args[0].(string)
	r.carrier += " " + name
	switch {
	case !dbuswire.ValidName(name):
		r.carrier = "dbus " + m.Member
		r.refused, r.invalid = "its argument is no bus name", true
	case name != own || own == "":
		r.subjects = []subject{{method.op, filterName, name}}
	}
	return r
}
