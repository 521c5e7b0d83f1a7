package bus

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// userBuses finds the user's session bus and the system bus as every D-Bus
// library does: the environment first, then the usual places. The clean channel
// has no such environment.
func userBuses() (sockets [2]string, err error) {
	session := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if session == "" {
		session = fmt.Sprintf("unix:path=/run/user/%d/bus", os.Getuid())
	}
	system := os.Getenv("DBUS_SYSTEM_BUS_ADDRESS")
	if system == "" {
		system = "unix:path=/run/dbus/system_bus_socket"
	}
	for k, address := range []string{Session: session, System: system} {
		if sockets[k], err = socketOf(address); err != nil {
			return sockets, fmt.Errorf("finding the user's %s bus at %q: %w", Kind(k), address, err)
		}
		if p := sockets[k]; p[0] != '@' {
			if _, err := os.Stat(p); err != nil {
				return sockets, fmt.Errorf("finding the user's %s bus: %w", Kind(k), err)
			}
		}
	}
	return sockets, nil
}

// socketOf reads the first Unix socket of a bus address (D-Bus specification,
// "Server Addresses"): method:key=value,key=value;method...
func socketOf(address string) (string, error) {
	for one := range strings.SplitSeq(address, ";") {
		method, rest, _ := strings.Cut(one, ":")
		if method != "unix" {
			continue
		}
		for pair := range strings.SplitSeq(rest, ",") {
			key, value, _ := strings.Cut(pair, "=")
			value, err := url.PathUnescape(value)
			switch {
			case err != nil:
				return "", err
			case key == "path" && value != "":
				return value, nil
			case key == "abstract" && value != "":
				return "@" + value, nil
			}
		}
	}
	return "", errors.New("no path of a Unix socket in it")
}
