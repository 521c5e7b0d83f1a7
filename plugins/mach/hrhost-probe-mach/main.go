// Command hrhost-probe-mach is the probe plugin of family mach.
package main

import (
	"github.com/hrhost/hrhost/plugins/mach"
	"github.com/hrhost/hrhost/sdk"
)

func main() { sdk.Main(mach.Spec()) }
