// Command hrhost-probe-systemsocket is a probe plugin by a third party: the
// family systemsocket makes sockets of families other than IP and Unix.
package main

import "github.com/hrhost/hrhost/sdk"

func main() { sdk.Main(Spec()) }
