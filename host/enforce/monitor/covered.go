//go:build linux

package monitor

import (
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// Uncovered says why a question is about nothing that the monitor decides, ""
// when it decides it: the operation is not mediated, or not for this object.
func Uncovered(q sbpl.Query) string {
	if !slices.Contains(Mediated(), q.Operation) {
		return q.Operation + " is not mediated on Linux"
	}
	for _, f := range q.Filters {
		switch f.Name {
		case "path":
			if _, ok := deviceAt(q.Operation, f); !ok {
				return q.Operation + " is mediated on Linux for devices only, and " + f.Value + " is none"
			}
		case "socket-domain":
			if !judgedSocket(q) {
				return q.Operation + " is mediated on Linux for neither Unix sockets nor IP ones with ports: those belong to network*"
			}
		}
	}
	return ""
}

// judgedSocket is [whenJudgedSocket] by name. Of an IP socket whose type is not
// known it says yes: it may be a raw one.
func judgedSocket(q sbpl.Query) bool {
	var domain, kind string
	for _, f := range q.Filters {
		switch f.Name {
		case "socket-domain":
			domain = f.Value
		case "socket-type":
			kind = f.Value
		}
	}
	switch domain {
	case "AF_UNIX", "AF_LOCAL":
		return false
	case "AF_INET", "AF_INET6":
		return kind != "SOCK_STREAM" && kind != "SOCK_DGRAM" && kind != "SOCK_SEQPACKET"
	}
	return true
}

// deviceAt looks at the node that a path of a question leads to, as the host
// sees it.
func deviceAt(op string, f sbpl.Filter) (device, bool) {
	if f.Name != "path" || op != opFileRead && op != opFileWrite {
		return device{}, false
	}
	fd, err := openPath(unix.AT_FDCWD, f.Value, 0, 0)
	if err != nil {
		return device{path: f.Value, object: "absent"}, err == unix.ENOENT && strings.HasPrefix(path.Clean(f.Value), "/dev/")
	}
	o := object{fd: fd}
	defer o.close()
	if o.fill() != 0 || !o.isDevice() {
		return device{}, false
	}
	return deviceOf(&o), true
}
