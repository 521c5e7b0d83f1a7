// Command hrhost-probe-notify is the probe plugin of family notify.
package main

import (
	"github.com/hrhost/hrhost/plugins/notify"
	"github.com/hrhost/hrhost/sdk"
)

func main() { sdk.Main(notify.Spec()) }
