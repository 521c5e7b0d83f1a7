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
			if !judgedSocket(f.Value) {
				return q.Operation + " is not mediated on Linux for " + f.Value + ": IP and Unix sockets belong to network*"
			}
		}
	}
	return ""
}

// judgedSocket reports whether the policy is asked about sockets of a family.
func judgedSocket(domain string) bool {
	switch domain {
	case "AF_UNIX", "AF_LOCAL", "AF_INET", "AF_INET6":
		return false
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
