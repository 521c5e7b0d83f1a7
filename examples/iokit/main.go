// Command hrhost-probe-iokit is a probe plugin by a third party: the family
// iokit opens drivers, IOKit services on macOS and device nodes on both systems.
package main

import "github.com/hrhost/hrhost/sdk"

func main() { sdk.Main(Spec()) }
