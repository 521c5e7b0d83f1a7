package dbuswire

import (
	"strings"

	"github.com/godbus/dbus/v5"
)

// The bus itself, as the peer of a call.
const (
	Bus     = "org.freedesktop.DBus"
	BusPath = "/org/freedesktop/DBus"
)

// Names of errors that the bus answers with.
const (
	ErrorAccessDenied   = "org.freedesktop.DBus.Error.AccessDenied"
	ErrorNameHasNoOwner = "org.freedesktop.DBus.Error.NameHasNoOwner"
	ErrorServiceUnknown = "org.freedesktop.DBus.Error.ServiceUnknown"
	ErrorInvalidArgs    = "org.freedesktop.DBus.Error.InvalidArgs"
)

// IsUnique says whether a name is one that the bus gave to a connection.
func IsUnique(name string) bool { return strings.HasPrefix(name, ":") }

// ValidName says whether s is a bus name (D-Bus specification, "Valid Names"):
// at most 255 bytes, two or more elements of [A-Za-z0-9_-] between dots, none
// empty; only a unique name's may begin with a digit.
func ValidName(s string) bool {
	unique := IsUnique(s)
	if len(s) > 255 {
		return false
	}
	elements := strings.Split(strings.TrimPrefix(s, ":"), ".")
	if len(elements) < 2 {
		return false
	}
	for _, e := range elements {
		if e == "" || !unique && e[0] >= '0' && e[0] <= '9' {
			return false
		}
		if strings.ContainsFunc(e, notInName) {
			return false
		}
	}
	return true
}

func notInName(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
}

// The kinds of messages that somebody makes who does not know godbus.
const (
	MethodCall = dbus.TypeMethodCall
	Signal     = dbus.TypeSignal
)
