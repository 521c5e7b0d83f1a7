package run

import (
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
)

// contained reports that the containment may have given a baseline's result, so
// that it tells nothing about a host without a sandbox. Landlock refuses files,
// and the filter refuses objects that would outlive the process: both with
// EACCES. The scope of abstract sockets refuses with EPERM, and only who connects
// or sends.
func contained(c launch.Containment, operation string, res lane.Result) bool {
	switch res.ErrnoName {
	case "EACCES":
		return c.LandlockABI > 0 || c.Lasting == launch.Refused
	case "EPERM":
		return slices.Contains(c.Scopes, launch.ScopeAbstract) && reachesOut(operation, res.API)
	}
	return false
}

// reachesOut reports that an operation or its call is about another socket.
func reachesOut(operation, api string) bool {
	return strings.HasPrefix(operation, "network") ||
		slices.Contains([]string{"connect", "sendto", "sendmsg", "sendmmsg"}, api)
}
