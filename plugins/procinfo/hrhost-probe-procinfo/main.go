// Command hrhost-probe-procinfo is the probe plugin of family procinfo.
package main

import (
	"github.com/hrhost/hrhost/plugins/procinfo"
	"github.com/hrhost/hrhost/sdk"
)

func main() { sdk.Main(procinfo.Spec()) }
