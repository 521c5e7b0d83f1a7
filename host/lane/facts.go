package lane

import "strings"

// Facts are what a target says as a value of a filter. A socket is one word,
// DOMAIN[/TYPE[/PROTOCOL]], by the language's names: AF_NETLINK/SOCK_RAW/0. What
// is left out is not known. There is always at least one.
func Facts(filter, target string) []Filter {
	if filter != "socket-domain" {
		return []Filter{{filter, target}}
	}
	names := []string{"socket-domain", "socket-type", "socket-protocol"}
	var facts []Filter
	for i, v := range strings.SplitN(target, "/", len(names)) {
		facts = append(facts, Filter{names[i], v})
	}
	return facts
}
