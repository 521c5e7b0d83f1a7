// Command hrhost-probe-notifyplain is the probe plugin of family notifyplain.
package main

import (
	"github.com/hrhost/hrhost/plugins/notifyplain"
	"github.com/hrhost/hrhost/sdk"
)

func main() { sdk.Main(notifyplain.Spec()) }
