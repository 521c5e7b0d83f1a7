// Command hrhost-probe-sysctl is the probe plugin of family sysctl.
package main

import (
	"github.com/hrhost/hrhost/plugins/sysctl"
	"github.com/hrhost/hrhost/sdk"
)

func main() { sdk.Main(sysctl.Spec()) }
