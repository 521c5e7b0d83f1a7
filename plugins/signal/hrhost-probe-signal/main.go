// Command hrhost-probe-signal is the probe plugin of family signal.
package main

import (
	"github.com/hrhost/hrhost/plugins/signal"
	"github.com/hrhost/hrhost/sdk"
)

func main() { sdk.Main(signal.Spec()) }
